"""Which kind of question it is and what it is about, in three languages; and the answers composed from it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agent.offline.figures import _chosen
from agent.offline.leaning import leaves_open_whom
from agent.offline.routing import asks_for_draft, halves, owing, route, topic
from agent.offline.scanned import terms
from crm.customers import save_customer
from tests.agent.test_assistant import ask
from tests.agent.test_scope import ask as scope_of
from tests.house import JOAO, MARIA, House, letter
from tests.one_dialect import database_url  # noqa: F401 (a fixture)

ROUTES = """\
draft|Write a reply to Maria at Globex thanking her
draft|Please draft an answer to Acme about the invoice
draft|Could you write a reply to Globex's last email?
draft|Reply to Priya saying yes
draft|Escribe una respuesta a Globex
draft|Por favor, redacta un correo para Acme
draft|¿Puedes responder a María de Globex?
draft|Contesta a Acme que sí
draft|Escreva uma resposta à Globex
draft|Redija um e-mail para a Acme
draft|Você pode responder ao Thiago?
draft|Responda à Globex agradecendo
draft|Send an email to Maria saying thanks
draft|Manda un correo a Acme diciendo que sí
draft|Envie um e-mail para a Globex agradecendo
mentions|Did any customer mention 'cancel' this week?
mentions|Who is complaining about the price?
mentions|¿Quién se está quejando del precio?
mentions|Quem está reclamando do preço?
mentions|Quem se queixou do preço?
mentions|Has anybody complained about the price?
mentions|How many customers complained about the price?
mentions|Who mentioned the API?
mentions|Which customers complained about onboarding?
mentions|Did anyone at Acme mention Salesforce?
mentions|¿Algún cliente mencionó cancelar esta semana?
mentions|¿Alguien habló de la factura?
mentions|¿Qué clientes se quejaron del precio?
mentions|¿Quién mencionó la API?
mentions|Algum cliente mencionou cancelar esta semana?
mentions|Alguém falou da fatura?
mentions|Quais clientes reclamaram do preço?
mentions|Quem mencionou a API?
count|How many emails did Acme send last month?
count|How many mails are there with Globex?
count|¿Cuántos correos envió Acme el mes pasado?
count|¿Cuántos mensajes hay de Globex?
count|Quantos e-mails a Acme enviou no mês passado?
count|Quantas mensagens há da Globex?
role|Who is the champion at Acme?
record|What is the ARR of Globex?
record|Which customers are the biggest?
record|¿Cuáles son los clientes más grandes?
record|Quais são os clientes maiores?
record|When does Acme renew?
record|Which customers renew next month?
record|Contacts at Globex
record|How many customers do we have?
record|Which customer pays the most?
record|Show me the renewals in January
record|What plan is Globex on?
record|¿Cuántos clientes tenemos?
record|Quais são os nossos maiores clientes?
role|¿Quién es el champion de Acme?
record|¿Cuándo renueva Globex?
record|¿Cuál es la fecha de renovación de Acme?
role|Quem é o champion da Acme?
record|Quando renova a Globex?
record|Qual é a data de renovação da Acme?
health|How is Acme doing?
health|What is the health of Globex?
health|Which customers are at risk?
waiting|Is anybody waiting for a reply?
waiting|Who hasn't answered us?
waiting|Which customers are we waiting for to reply?
waiting|Do I still have to answer Acme?
waiting|¿Quién no nos ha contestado?
waiting|¿A quién tengo que responder?
waiting|Quem ainda não nos respondeu?
waiting|A quem devo responder?
pace|What is our response time with Acme?
health|¿Cómo va Acme?
health|¿Qué clientes están en riesgo?
health|¿Cuál es la salud de Globex?
waiting|¿Qué correos están sin responder?
health|Which customers are unhappy?
health|Who has gone silent?
health|¿Qué clientes están descontentos?
health|Quais clientes estão insatisfeitos?
health|Como está a Acme?
health|Quais clientes estão em risco?
health|Qual é a saúde da Globex?
timeline|Summarize the last 5 emails with Maria at Globex
timeline|What happened with Acme last week?
timeline|What did Maria at Globex reply?
timeline|Catch me up on Acme
timeline|What has changed with Acme since last week?
timeline|When did we last hear from Acme?
timeline|Show me negative emails this week
open|What did we promise Acme?
timeline|Resume los últimos 5 correos con Globex
timeline|¿Qué pasó con Acme la semana pasada?
timeline|¿Qué respondió María de Globex?
timeline|¿Novedades de Acme?
timeline|Resuma os últimos 5 e-mails com a Globex
timeline|O que aconteceu com a Acme na semana passada?
timeline|O que a Maria da Globex respondeu?
search|What was discussed with Acme about renewal?
search|What did Globex say about the price?
search|Tell me about the integration problems at Acme
search|¿Qué se habló con Acme sobre la renovación?
search|¿Qué dijo Globex del precio?
search|O que foi discutido com a Acme sobre a renovação?
search|O que a Globex disse sobre o preço?
search|When did Acme ask for the invoice?
search|Does Globex want a discount?
search|Is Maria happy with the dashboards?
search|What changed in the contract with Acme?
search|How many customers were affected by the outage?
mentions|Which customers have brought up Churnly?
mentions|Which customers offered to be a reference?
mentions|¿Qué clientes han vuelto al Excel?
mentions|¿Quiénes necesitan más licencias?
mentions|Quais clientes precisam de mais licenças?
mentions|Quem precisa de mais licenças?
record|Que contratos renovam no mês que vem?
record|¿Qué contratos se renuevan el mes que viene?
search|¿Qué plan le dimos a Globex para los tickets?
waiting|Who haven't I answered yet?
pace|¿A quién hemos tardado más en contestar?
pace|Which are our slowest replies?
mentions|Who complained about slow replies?
search|Which customers did we offer a discount to?
search|What did Acme say about the demos?
search|¿Qué facturas vencen este mes?
search|What have we answered about the price so far?
search|¿Quién es el responsable del LU-5023?
search|Qual foi a pontuação da Acme e da Churnly no comité?
waiting|¿A qué clientes les debo respuesta?
waiting|A quem devo uma resposta?
health|Que clientes não me escrevem há mais de um mês?
health|Which customers have not written for a month?
record|Quais clientes pagam mais de 50 mil por ano?
record|¿Quién es el responsable de Globex?
timeline|Mostra os e-mails da Globex desta semana
timeline|Quando foi o último contato com a Globex?
timeline|¿Qué correos recibí ayer?
record|Which customers pay more than 50,000?
record|¿Qué clientes pagan más de 50.000 euros?
record|Which customers have an ARR over 100k?
search|What did Acme say about the renewal date?
search|What renewal date did we offer Globex?
health|Which customers haven't written for a month?
health|Which customers haven't been in touch?
mentions|Who has not written about the invoice?
search|¿Por qué la factura de Acme se va a retrasar?
timeline|Which mails did we exchange with Acme last week?
timeline|¿Qué correos ha habido con Globex esta semana?
timeline|Quais e-mails trocamos com a Acme em abril?
search|¿Cuántos clientes fueron afectados por la caída?
search|Quantos clientes foram afetados pela falha?
record|How many customers do we have?
role|Who is the CFO of Acme?
role|quien lleva las facturas en Globex
role|Quem trata das faturas na Globex?
role|whos our champion at acme
mentions|Who complained about invoices at Acme?
pace|how long do we take to answer Acme
pace|¿Cuánto tarda Globex en respondernos?
pace|Quanto tempo a Globex demora a responder?
compare|compare acme and globex
compare|Compara la salud de Acme y Globex
search|Compare what Acme and Globex said about the dashboards
record|which customers are on the growth plan
record|¿Qué clientes están en el plan Growth?
record|Quem paga mais, a Acme ou a Globex?
search|how is the renewal going with Acme?
search|¿Cómo va la renovación con Acme?
open|whats open w/ Acme
open|O que está pendente com a Acme?
waiting|wich custommers havent replied to me
waiting|¿Quién nos debe respuesta?
health|who has been silent the longest
timeline|what was the first mail from Acme
timeline|¿Cuál fue el primer correo de Globex?
help|hello
help|What can you do?
help|¿?
help|¡Hola! Buenos días
help|Obrigada!
help|O que você pode fazer?
"""
CASES = [tuple(line.split("|", 1)) for line in ROUTES.splitlines()]


@pytest.mark.parametrize(("kind", "question"), CASES)
def test_routes(kind: str, question: str) -> None:
    assert route(question, scope_of(question)) == kind
    assert asks_for_draft(question) == (kind == "draft")


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("What was discussed with Acme about renewal?", "renewal"),
        ("¿Qué se habló con Acme sobre la renovación?", "renovación"),
        ("O que foi discutido com a Acme sobre a renovação?", "renovação"),
        ("Tell me about the integration problems at Acme", "integration problems"),
        ("¿Qué clientes se quejaron del precio?", "precio"),
        ("Summarize the last 5 emails with Maria at Globex", ""),
        ("What happened with Acme last week?", ""),
    ],
)
def test_topics(question: str, words: str) -> None:
    assert topic(scope_of(question)) == words


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Did any customer mention 'cancel' this week?", ["cancel"]),
        ("Did any customer mention “critical bug” or “outage”?", ["critical bug", "outage"]),
        ("¿Algún cliente mencionó «dar de baja»?", ["dar de baja"]),
        ("Algum cliente mencionou \"rescindir\"?", ["rescindir"]),
    ],
)  # fmt: skip
def test_terms_in_quotation_marks_are_taken_as_written(question: str, words: list[str]) -> None:
    assert terms(question, scope_of(question)) == words


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Which customers need more seats or licences?", ["seats", "licences"]),
        ("¿Qué clientes amenazan con cancelar o se han dado de baja?", ["cancelar"]),
        ("Quais clientes pediram licenças ou usuários?", ["licenças", "usuários"]),
        ("Quais clientes falaram o preço?", ["preço"]),
        ("¿Qué clientes amenazan con darse de baja o piden descuento?", ["cancelar", "descuento"]),
        ("Which customers reported bugs, crashes or outages?", ["bugs", "crashes", "outages"]),
        ("Which customers wrote about the new office?", ["office"]),
        ("Did anyone mention 1,000 users?", ["1 000 users"]),
        ("Did anyone mention the export, which fails?", ["export fails"]),
    ],
)
def test_each_side_of_an_or_is_looked_for(question: str, words: list[str]) -> None:
    assert terms(question, scope_of(question)) == words


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("How many emails did Priya send, and how quickly did we answer her?", ["pace"]),
        ("When does Acme renew and who is waiting for an answer?", ["record", "waiting"]),
        ("How many mails did Priya send and when does Acme renew?", ["count", "record"]),
        ("When does Acme renew and what did Priya say about the invoice?", ["record", "search"]),
        ("¿Cuántos correos nos mandó Acme y cuándo renueva?", ["count", "record"]),
        ("How many mails did Priya send and what did we reply?", ["count"]),
        ("¿Cuánto paga Globex y de qué manera?", ["record", "search"]),
        ("Quem é a Beatriz e quantos e-mails há com ela?", ["record", "count"]),
        ("When does Acme renew and how much does it pay?", ["record"]),
        ("What did Acme say about the price and when?", ["search"]),
        ("¿Qué quería Priya con el certificado y qué le respondimos?", ["search"]),
        ("Which customers complained and why?", ["mentions"]),
        ("Write a reply to Maria at Globex and tell her how many seats she has", ["draft"]),
    ],
)
def test_both_halves_of_a_question_are_answered(question: str, kinds: list[str]) -> None:
    scope = scope_of(question)
    assert [route(part, scope) for part in halves(question, scope)] == kinds


def test_two_answers_stand_below_one_another(full: House) -> None:
    found = ask(full, "How many emails are there with Globex and what is it about cancelling?")
    assert found.tools == ("read_timeline", "search_mail")
    assert found.answer.index("mails with Globex") < found.answer.index("we will not cancel the contract")
    assert found.answer.count("Extractive answer") == 1


@pytest.mark.parametrize(
    ("question", "whose"),
    [
        ("Who haven't I answered yet?", "us"),
        ("Who haven't we replied to?", "us"),
        ("Who have we not answered?", "us"),
        ("Who hasn't replied to us?", "customer"),
        ("¿Quién nos debe respuesta?", "customer"),
    ],
)
def test_whose_answer_is_missing(question: str, whose: str) -> None:
    assert owing(question, scope_of(question)) == whose


@pytest.mark.parametrize(
    ("question", "open_"),
    [
        ("who approved?", True),
        ("quem aprovou?", True),
        ("¿cuándo se firmó?", True),
        ("Who uses Salesforce?", False),
        ("Who needs licences?", False),
        ("why do customers leave?", False),
        ("Which invoices are overdue?", True),
        ("Who is at risk?", False),
        ("Who mentioned Churnly?", False),
        ("Did any customer complain?", False),
        ("when do we have to tell the board of all that?", True),
        ("who approved it at Globex?", False),
    ],
)
def test_a_short_question_may_leave_open_whom_it_is_about(question: str, open_: bool) -> None:
    assert leaves_open_whom(question, scope_of(question)) == open_


def test_in_a_conversation_what_was_answered_came_after_what_was_quoted(full: House) -> None:
    asked = ask(full, "What did Maria of Globex say about cancelling?")
    answered = ask(full, "and what did we answer?", asked.thread)
    assert "Thank you for telling us, Maria." in answered.answer
    assert answered.scope["since"] == (max(held.date for held in asked.citations) + timedelta(seconds=1)).isoformat()
    nothing = ask(full, "and what did she reply?", asked.thread)
    assert nothing.not_found and not nothing.citations


def test_since_then_begins_after_what_was_quoted_last(full: House) -> None:
    asked = ask(full, "What did Maria of Globex say about cancelling?")
    since = ask(full, "what have we sent her since then?", asked.thread)
    assert since.scope["since"] == (max(held.date for held in asked.citations) + timedelta(seconds=1)).isoformat()
    assert "Thank you for telling us, Maria." in since.answer and "Progress report" not in since.answer


def test_in_a_conversation_a_question_finds_by_what_it_was_about(full: House) -> None:
    asked = ask(full, "O que o João da Globex disse sobre o contrato?")
    more = ask(full, "e o que ele decidiu?", asked.thread)
    assert more.scope["customers"] == asked.scope["customers"]
    # everyday words alone ask more about what was cited; where no conversation goes on behind that, about the topic
    assert more.tools == ("read_thread", "search_mail")
    other = ask(full, "e o que ele disse do orçamento?", asked.thread)
    # its own words, then the conversations that were cited and the whole question
    assert {other.tools[0], other.tools[-1]} == {"search_mail"} and set(other.tools[1:-1]) == {"read_thread"}


@pytest.fixture
def full(house: House) -> House:
    for number in range(7):
        house.mail(letter(subject=f"Note {number}", text=f"Progress report number {number} is ready for you.", days_ago=20 - number))  # fmt: skip
    house.mail(letter(subject="Rumour", text="Do not worry, we will not cancel the contract.", days_ago=4))
    house.mail(letter(subject="Ours", sender="vera@lealup.example", to=MARIA, text="Thank you for telling us, Maria.", days_ago=3))  # fmt: skip
    house.mail(letter(sender=JOAO, subject="Contrato", text="Queremos cancelar o contrato em dezembro.", days_ago=2))
    house.sync()
    return house


@pytest.mark.parametrize(
    ("question", "denied"),
    [
        ("Did any customer mention 'cancel'?", "says the opposite"),
        ("¿Algún cliente mencionó 'cancelar'?", "dice lo contrario"),
        ("Algum cliente mencionou 'cancelar'?", "diz o contrário"),
    ],
)
def test_mentions_tell_a_denial_from_the_thing_itself(full: House, question: str, denied: str) -> None:
    answer = ask(full, question)

    lines = [line for line in answer.answer.splitlines() if line.startswith("- ")]
    assert "Initech" in lines[0] and denied not in lines[0]
    assert "Globex" in lines[1] and denied in lines[1]
    assert "9" in answer.answer.splitlines()[0]  # mails read: all that customers wrote
    assert answer.tools == ("scan_mentions",)
    assert all(cited.verified for cited in answer.citations)


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("What did Globex say about blockchain?", "older than the indexed period"),
        ("¿Qué dijo Globex sobre blockchain?", "anterior al período indexado"),
        ("O que a Globex disse sobre blockchain?", "anterior ao período indexado"),
    ],
)
def test_not_found_says_what_was_searched_and_why_it_may_be_missing(full: House, question: str, reason: str) -> None:
    answer = ask(full, question)

    assert answer.not_found and answer.citations == ()
    assert "Globex" in answer.answer and "blockchain" in answer.answer and reason in answer.answer
    assert answer.scope["searched"] > 0 and str(answer.scope["searched"]) in answer.answer


def test_nobody_mentioned_it_says_how_many_were_read(full: House) -> None:
    answer = ask(full, "Did any customer mention 'Salesforce'?")

    assert answer.not_found
    assert "Nobody mentioned “Salesforce”" in answer.answer and "9, which is all of them" in answer.answer


def test_the_last_n_mails(full: House) -> None:
    answer = ask(full, "Summarize the last 3 emails with Globex")

    lines = [line for line in answer.answer.splitlines() if line.startswith("- ")]
    assert [line.split(" · ")[2].split(":")[0] for line in lines] == ["Ours", "Rumour", "Note 6"]
    assert [cited.n for cited in answer.citations] == [1, 2, 3]
    assert "3 of 9" in answer.answer


@pytest.mark.parametrize(
    "question",
    [
        "How many emails are there with Globex?", "¿Cuántos correos hay con Globex?",
        "Quantos e-mails há com a Globex?",
    ],
)  # fmt: skip
def test_a_count_is_computed(full: House, question: str) -> None:
    assert ask(full, question).answer.startswith("9 ")


def test_a_record_is_a_fact_of_the_workspace(full: House) -> None:
    answer = ask(full, "Who are the contacts at Initech?")

    assert answer.tools == ("list_customers",)
    assert "ana.initech@gmail.com" in answer.answer
    assert not answer.not_found


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("Which customers pay more than 50,000 a year?", [84_000.0, 50_001.0]),
        ("Quais clientes pagam mais de 50 mil por ano?", [84_000.0, 50_001.0]),
        ("¿Qué clientes pagan menos de 50.000 €?", [7_500.5]),
        ("accounts under 10k", [7_500.5]),
        ("Which customers pay at least 84,000?", [84_000.0]),
        ("¿Qué clientes pagan más de 1 millón?", []),
        ("Which plan do customers with more than 3 contacts have?", [84_000.0, 50_001.0, 7_500.5, None]),
        ("Who pays more than 1.2.3?", [84_000.0, 50_001.0, 7_500.5, None]),
        ("Which customers renew in more than 30 days?", [84_000.0, 50_001.0, 7_500.5, None]),
    ],
)
def test_records_of_more_or_less_than_an_amount(question: str, kept: list[float | None]) -> None:
    records = [{"name": "A", "plan": "", "status": "", "arr": arr} for arr in (84_000.0, 50_001.0, 7_500.5, None)]
    assert [record["arr"] for record in _chosen(records, question)] == kept


def test_the_customers_of_a_plan_and_what_they_pay_together(full: House) -> None:
    for name, plan, arr in (
        ("Initech", "Enterprise", 1000.0),
        ("Umbrella", "Enterprise", 234.0),
        ("Hooli", "Growth", 9.0),
    ):
        with full.app.database.write() as session:
            save_customer(
                session, full.me.workspace_id, name=name, aliases=[], domains=[], arr=arr, plan=plan, status="active",
                renewal_date=None, segment="", owner="", language="",
            )  # fmt: skip
    answer = ask(full, "¿Cuánto ARR suman los clientes Enterprise?").answer
    assert "En total: ARR 1.234." in answer and "Hooli" not in answer


def test_health_gives_its_reasons(full: House) -> None:
    answer = ask(full, "How is Globex doing?")

    assert answer.tools == ("customer_health",)
    assert answer.answer.startswith("Globex: ")
    assert not answer.not_found


def test_two_people_of_one_name_are_asked_about(full: House) -> None:
    from crm.customers import find_customer, save_contact

    with full.app.database.write() as session:
        for name in ("Globex", "Initech"):
            customer = find_customer(session, full.me.workspace_id, name)
            address = f"maria@{name.lower()}.example"
            save_contact(session, customer, full.me.workspace_id, name="Maria Silva", email=address, role="")

    answer = ask(full, "What did Maria say about the contract?")

    assert answer.answer == "“Maria” could be Maria Silva (Globex) or Maria Silva (Initech). Whom do you mean?"
    assert (answer.tools, answer.citations) == ((), ())


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("What did Wonka say about the price?", "I don't know any customer or contact called “Wonka”."),
        ("¿Qué dijo Wonka del precio?", "No conozco ningún cliente ni contacto llamado “Wonka”."),
        ("O que a Wonka disse sobre o preço?", "Não conheço nenhum cliente nem contato chamado “Wonka”."),
    ],
)
def test_nobody_known_is_said_without_reading_mail(full: House, question: str, sentence: str) -> None:
    answer = ask(full, question)

    assert answer.answer.startswith(sentence)
    assert (answer.tools, answer.citations) == ((), ())


def test_a_reply_to_nobody_in_particular_is_not_guessed(full: House) -> None:
    answer = ask(full, "Write a reply")

    assert answer.draft_id is None
    assert answer.answer.startswith("I don't know which mail to answer")


def test_an_extractive_answer_says_that_it_is_one(full: House) -> None:
    assert "Extractive answer" in ask(full, "Summarize the last 3 emails with Globex").answer
    assert "Respuesta extractiva" in ask(full, "Resume los últimos 3 correos con Globex").answer
    assert "Resposta extrativa" in ask(full, "Resuma os últimos 3 e-mails com a Globex").answer


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("who complains about invoices", ["invoices"]),
        ("Who is complaining about the price?", ["price"]),
        ("¿Quiénes se quejan de las facturas?", ["facturas"]),
        ("Quem está reclamando do preço?", ["preço"]),
    ],
)
def test_who_complains_is_asked_of_what_is_complained_about(question: str, words: list[str]) -> None:
    assert terms(question, scope_of(question)) == words
