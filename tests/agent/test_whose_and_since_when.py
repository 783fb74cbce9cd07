"""Whose mails answer a question, whom only mails name, how a matter went from its beginning, and what is counted."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agent.offline.routing import asks_for_summary, route
from agent.offline.scanned import terms
from crm.mails import MailFilter
from crm.signals.keywords import find
from crm.signals.lexicon import lexicon_of
from tests.agent.test_assistant import ask
from tests.agent.test_conversation import told
from tests.agent.test_scope import ask as scope_of
from tests.house import CSM, JOAO, MARIA, House, letter
from tests.one_dialect import database_url  # noqa: F401 (a fixture)
from tools.context import filter_from_json, filter_to_json

__all__ = ["told"]  # a fixture


@pytest.mark.parametrize(
    ("question", "direction"),
    [
        ("What does Maria want from us?", "inbound"),
        ("what did Globex think of the workshop?", "inbound"),
        ("Anything Maria didn't like?", "inbound"),
        ("¿Qué pide Maria?", "inbound"),
        ("¿Qué le pareció a Maria el taller?", "inbound"),
        ("O que a Maria achou do treinamento?", "inbound"),
        ("O que a Globex quer?", "inbound"),
        ("What do I need to send Maria?", None),
        ("¿Qué quiere decir CNPJ?", None),
        ("O que a gente precisa mandar para a Globex?", None),
        ("How much was the proposal I made to Globex?", "outbound"),
        ("¿Cuánto era la propuesta que le hice a Globex?", "outbound"),
        ("Quanto custa a proposta que fiz à Globex?", "outbound"),
        ("What did Maria think of the offer we made?", "inbound"),
        ("What did Globex say to the offer we made?", "inbound"),
        ("Did Globex accept the offer we made?", None),
        ("¿Aceptó Globex la propuesta que hicimos?", None),
        ("A Globex aceitou a proposta que fizemos?", None),
        ("How much did I quote Globex for the seats they wanted?", None),
        ("¿Qué pide el contrato de Globex?", None),
        ("¿Se necesita algo más para la integración de Globex?", None),
    ],
)
def test_whose_mails_answer(question: str, direction: str | None) -> None:
    assert scope_of(question).direction == direction


@pytest.mark.parametrize(
    ("who", "wrote"),
    [
        ("Who is Otto Brandt?", "Have I ever written to him?"),
        ("¿Quién es Otto Brandt?", "¿me ha escrito alguna vez?"),
        ("Quem é o Otto Brandt?", "já troquei e-mails com ele?"),
    ],
)
def test_whom_only_mails_name_is_told_by_them(told: House, who: str, wrote: str) -> None:
    told.mail(letter(sender=JOAO, subject="Staff", text="Otto Brandt runs the warehouse now.", days_ago=2))
    told.sync()
    known = ask(told, who)
    assert known.tools == ("scan_mentions",) and "Otto Brandt runs the warehouse" in known.answer
    none = ask(told, wrote, known.thread)
    assert "Otto Brandt" in none.answer and none.citations == () and none.tools == ()


@pytest.mark.parametrize(
    ("last", "whose", "other"),
    [
        ("What was the last mail from Initech?", "who was it from and when?", "and the one from Globex?"),
        ("¿Cuál fue el último correo de Initech?", "¿de quién era y de qué día?", "¿y el de Globex?"),
        ("Qual foi o último e-mail da Initech?", "de quem era e de que dia?", "e o da Globex?"),
    ],
)
def test_whose_a_mail_was_is_told_again_and_leaves_the_question_as_it_was(
    told: House, last: str, whose: str, other: str
) -> None:
    first = ask(told, last)
    again = ask(told, whose, first.thread)
    assert "João Nunes" in again.answer and "“" not in again.answer
    assert [held.message_id for held in again.citations] == [held.message_id for held in first.citations]
    another = ask(told, other, first.thread)
    assert another.scope["customers"] == ["Globex"] and len(another.citations) <= 1
    assert another.tools == ("read_timeline",)


@pytest.mark.parametrize(
    "question",
    [
        "How many times has the import at Globex failed?",
        "¿Cuántas veces ha fallado la importación de Globex?",
        "Quantas vezes a importação da Globex falhou?",
    ],
)
def test_how_often_something_happened_is_no_number_of_mails(told: House, question: str) -> None:
    answer = ask(told, question)
    assert "loses rows" in answer.answer and " mails" not in answer.answer.split("\n")[0].replace(
        "mails searched", ""
    ).replace("mails read", "")


@pytest.mark.parametrize(
    ("question", "counted"),
    [
        ("How often does Maria write to us?", True),
        ("¿cuántas veces nos ha escrito Maria?", True),
        ("Quantas vezes a Maria nos escreveu?", True),
        ("How many mails did Globex send?", True),
        ("¿Quién nos escribió más este mes, Acme o Globex?", True),
        ("Quem nos escreveu mais, a Acme ou a Globex?", True),
        ("Who wrote to us more often, Acme or Globex?", True),
        ("Did Acme or Globex send us more tickets?", False),
        ("Who wrote to us most recently, Acme or Globex?", False),
        ("¿Quién mandó más facturas, Acme o Globex?", False),
    ],
)
def test_mails_are_counted_where_it_is_asked_how_often_somebody_wrote(question: str, counted: bool) -> None:
    assert (route(question, scope_of(question)) == "count") is counted


def test_what_records_do_not_tell_is_looked_for_in_mails(told: House) -> None:
    told.mail(letter(subject="Plan", text="Before the upgrade we paid 4,200 EUR for the Starter plan.", days_ago=4))
    told.sync()
    pays = ask(told, "How much does Globex pay us per year?")
    assert pays.tools == ("list_customers",)
    before = ask(told, "and before the upgrade?", pays.thread)
    assert "4,200 EUR" in before.answer


def test_a_summary_tells_a_matter_from_its_beginning_to_how_it_stands(told: House) -> None:
    said = [
        "The printer in the warehouse stopped printing labels.",
        "We ordered a new drum for the printer.",
        "The printer drum arrived, and the printer still prints nothing.",
        "A technician looks at the printer on Tuesday.",
        "The technician says the printer cable is broken.",
        "We sent a new printer cable by courier.",
        "The printer prints a page and stops.",
        "The printer firmware is from last year.",
        "We updated the printer firmware from here.",
        "The printer prints two pages and stops.",
        "We replaced the whole printer.",
        "All labels are printed again, thank you.",
    ]
    subject, first = "Printer", letter(sender=JOAO, subject="Printer", text=said[0], days_ago=20)
    told.mail(first)
    for number, text in enumerate(said[1:], start=1):
        told.mail(letter(sender=JOAO, subject=f"Re: {subject}", text=text, days_ago=20 - number, In_Reply_To="x"))
    told.sync()
    for question in ("Summarise the printer story at Initech", "Hazme un resumen de lo de la printer de Initech", "Resume a história da printer na Initech"):  # fmt: skip
        answer = ask(told, question).answer
        lines = [line for line in answer.splitlines() if line.startswith("- ")]
        assert said[0] in lines[0] and said[-1] in lines[-1], question
        days = [next(place for place, text in enumerate(said) if text in line) for line in lines]
        assert days == sorted(days) and 5 <= len(lines) <= 9


def test_a_question_that_leans_is_about_the_customer_that_the_answer_was_about(told: House) -> None:
    found = ask(told, "What happened with the webinar?")
    assert found.scope["customers"] == []
    more = ask(told, "when would she do it?", found.thread)
    assert more.scope["customers"] == ["Globex"]
    everybody = ask(told, "Which customers mention it?", found.thread)
    assert everybody.scope["customers"] == []


def test_what_another_customer_wrote_to_both_is_not_counted(told: House) -> None:
    told.mail(letter(sender=JOAO, to=f"{CSM}, {MARIA}", subject="Intro", text="Pleased to meet you.", days_ago=2))
    told.sync()
    counted = ask(told, "How many mails did Globex send us in the last 3 days?")
    assert counted.answer.startswith("One mail from Globex") or counted.answer.startswith("1 mail")
    assert "João" not in counted.answer


@pytest.mark.parametrize(
    "question",
    [
        "How many mails have I sent to Initech without an answer?",
        "¿Cuántos correos le he mandado a Initech sin respuesta?",
        "Quantos e-mails mandei para a Initech sem resposta?",
        "How many of my mails to Initech are unanswered?",
    ],
)
def test_unanswered_mails_are_those_after_their_last_one(told: House, question: str) -> None:
    for days_ago, subject in ((20, "Early"), (3, "Call"), (2, "Call again")):
        told.mail(letter(sender=CSM, to=JOAO, subject=subject, text="Shall we talk?", days_ago=days_ago))
    told.sync()
    answer = ask(told, question).answer
    assert answer.split()[0] == "2", answer
    assert "Early" not in answer


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Which customers have offered to be a success story or to speak for us?", ["success story"]),
        ("Quais clientes se ofereceram para ser caso de sucesso?", ["caso de sucesso"]),
        ("¿Qué clientes quieren ser caso de éxito?", ["caso de éxito"]),
        ("Which customers offered us a discount?", ["discount"]),
    ],
)
def test_what_is_scanned_for_is_what_was_offered_in_the_words_of_its_concept(question: str, words: list[str]) -> None:
    assert terms(question, scope_of(question)) == words


def test_an_instruction_to_an_assistant_is_told_of_only_where_its_mail_is_asked_about(told: House) -> None:
    assert "instructions" not in ask(told, "What did Maria of Globex say about the import?").answer
    assert "instructions" in ask(told, "What did Maria of Globex write about the delivery?").answer
    assert "instructions" in ask(told, "Tell me the whole story of the delivery at Globex").answer


def test_of_those_who_praised_and_those_who_complained(told: House) -> None:
    told.mail(letter(sender=JOAO, subject="Angry", text="This is unacceptable and I am fed up.", days_ago=2))
    told.mail(letter(subject="Happy", text="Thank you so much, this is wonderful, we love it!", days_ago=2))
    told.sync()
    praised = ask(told, "Which customers praised us this month?")
    complained = ask(told, "and which complained?", praised.thread)
    assert "unacceptable" in complained.answer and "wonderful" not in complained.answer
    assert complained.scope["since"] == praised.scope["since"]


def test_how_a_matter_stands_is_told_newest_first(told: House) -> None:
    for days_ago, text in ((9, "The scanner project starts."), (5, "The scanner waits for a part."), (1, "The scanner is ready.")):  # fmt: skip
        told.mail(letter(sender=JOAO, subject="Scanner", text=text, days_ago=days_ago))
    told.sync()
    for question in ("What is going on with the scanner at Initech?", "¿Qué pasa con el scanner de Initech?", "em que pé está o scanner da Initech?"):  # fmt: skip
        lines = [line for line in ask(told, question).answer.splitlines() if line.startswith("- ")]
        assert "is ready" in lines[0] and "starts" in lines[-1], question


def test_of_two_customers_each_is_counted(told: House) -> None:
    first = ask(told, "How many mails did Globex send us in the last 20 days?")
    second = ask(told, "and Initech?", first.thread)
    both = ask(told, "Which of the two wrote to me more often?", second.thread)
    lines = [line for line in both.answer.splitlines() if line.startswith("- ") and "·" not in line]
    assert [line.split(":")[0] for line in lines] == ["- Globex", "- Initech"]
    assert int(lines[0].split()[-1]) > int(lines[1].split()[-1]) == 1
    one = ask(told, "Did Initech pay both invoices?", first.thread)
    assert one.scope["customers"] == ["Initech"]


@pytest.mark.parametrize(
    "question",
    [
        "¿Me ayudas con un borrador para contestarle a Maria?",
        "I need a draft to Maria",
        "Preciso de um rascunho para a Maria",
    ],
)
def test_help_with_a_draft_is_an_order_to_write(question: str) -> None:
    assert route(question, scope_of(question)) == "draft"


def test_a_draft_of_something_is_none() -> None:
    assert (
        route("I need a draft of the contract from Globex", scope_of("I need a draft of the contract from Globex"))
        != "draft"
    )


@pytest.mark.parametrize(
    ("question", "whole"),
    [
        ("Give me a summary of the import at Globex", True),
        ("Hazme un resumen de la importación de Globex", True),
        ("Resume a importação da Globex", True),
        ("When did Globex resume loading accounts?", False),
        ("Did Maria get the security overview?", False),
        ("¿Me mandó Maria el resumen de los objetivos?", False),
    ],
)
def test_what_is_told_from_its_beginning(question: str, whole: bool) -> None:
    assert asks_for_summary(question, scope_of(question)) is whole


def test_words_that_nobody_used_are_no_claim_that_nobody_said_it(told: House) -> None:
    answer = ask(told, "Which customers asked for purple elephants?").answer
    assert answer.startswith("No mail holds “purple elephants”") and "other words" in answer
    assert ask(told, "Which customers mentioned Salesforce?").answer.startswith("Nobody mentioned “Salesforce”")


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("Paid today, reference INV-20388.", False),
        ("A título de referência, são 585 EUR.", False),
        ("We would gladly be a reference.", True),
        ("Podemos ser uma referência num evento vosso.", True),
        ("Se quiser usar a gente como caso de sucesso, pode contar comigo!", True),
    ],
)
def test_the_reference_of_a_payment_is_no_reference(text: str, hit: bool) -> None:
    assert bool(find(text, lexicon_of(["success story"]))) is hit


def test_a_checkpoint_from_before_holds_one_domain() -> None:
    now = datetime(2026, 5, 22, tzinfo=UTC)
    assert filter_from_json({"not_from": "lealup.example"}, now).not_from == ("lealup.example",)
    assert filter_from_json({"not_from": ""}, now).not_from == ()
    assert filter_from_json(filter_to_json(MailFilter(not_from=["b.example", "a.example"])), now).not_from == (
        "a.example",
        "b.example",
    )


def test_a_name_without_its_apostrophe() -> None:
    assert scope_of("when does globexs committee meet").customers == ("Globex Logistics",)
