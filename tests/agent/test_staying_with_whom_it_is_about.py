"""A conversation stays with its customer, a matter is followed wherever it goes on, and what lists and figures put first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from agent.antecedent import pronoun_for_one
from agent.offline.leaning import asks_of_those, leaves_open_whom, longest_before
from agent.offline.routing import halves, route, told_by_others, with_what_is_asked
from agent.offline.scanned import terms
from agent.wording import asks_for_others, everybody_named
from crm import schema
from crm.customers import list_customers
from crm.notice import notices
from crm.signals.glossary import english, same_words
from tests.agent.test_assistant import ask
from tests.agent.test_scope import ask as scope_of
from tests.house import CSM, JOAO, House, letter
from tests.one_dialect import database_url  # noqa: F401 (a fixture)


@pytest.mark.parametrize(
    ("question", "stays"),
    [
        ("Quem vai juntar as contas duplicadas e quantas são?", True),
        ("who is merging the duplicates?", True),
        ("¿quién lleva el almacén ahora?", True),
        ("quanto pagam por ano e já pagaram?", True),
        ("¿van a cancelar?", True),
        ("até quando têm acesso aos dados?", True),
        ("are they talking to someone else too?", True),
        ("ela vai indicar alguém?", True),
        ("who is leaving us?", False),
        ("¿quién está en riesgo?", False),
        ("which customers want a discount?", False),
        ("did anybody ask for a discount?", False),
        ("quem ainda não nos respondeu?", False),
    ],
)
def test_a_question_within_a_conversation_stays_with_its_customer(question: str, stays: bool) -> None:
    assert leaves_open_whom(question, scope_of(question)) == stays


@pytest.mark.parametrize(
    ("text", "everybody"),
    [
        ("are they talking to someone else too", False),
        ("ela vai indicar alguem", False),
        ("did someone complain", True),
        ("alguem reclamou", True),
    ],
)
def test_somebody_whom_somebody_deals_with_is_not_everybody(text: str, everybody: bool) -> None:
    assert (everybody_named(text) is not None) == everybody
    assert not asks_for_others(text)


@pytest.mark.parametrize(
    ("question", "known"),
    [("¿por qué se va ibericos?", True), ("y a mercado?", True), ("que dijo mercado?", True), ("y el mercado?", False)],
)
def test_a_name_that_is_also_a_word_is_known_where_only_a_name_can_stand(question: str, known: bool) -> None:
    assert bool(scope_of(question).customer_ids) == known


@pytest.mark.parametrize(
    ("word", "found", "other"),
    [
        ("assinar", "firmamos", "merge"),
        ("keys", "chaves", "firmar"),
        ("pagó", "paid", "contrato"),
        ("juntar", "joined", "pagar"),
    ],
)
def test_verbs_and_everyday_words_are_found_in_every_form_and_language(word: str, found: str, other: str) -> None:
    assert found in same_words(word) and other not in same_words(word)


def test_a_noun_is_no_form_of_a_verb_that_means_something_else() -> None:
    assert "contratar" in same_words("hire") and "contrato" not in same_words("hire")
    assert english("assinar") == "" and english("facturas") == "invoice"  # everyday words name no topic


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Why is Globex leaving us?", "search"),
        ("¿Por qué nos deja Globex?", "search"),
        ("How much money is at risk?", "record"),
        ("¿Cuánto dinero está en riesgo?", "record"),
        ("Which one worries you most?", "health"),
        ("Who decides on the renewal at Globex?", "search"),
        ("¿Quién lleva semanas sin contestarme?", "waiting"),
        ("and who owes me one?", "waiting"),
        ("¿Quién se quiere ir?", "mentions"),
    ],
)
def test_the_kind_of_a_question(question: str, kind: str) -> None:
    assert route(question, scope_of(question)) == kind


@pytest.mark.parametrize(
    ("question", "wide"),
    [
        ("Did Priya pay?", True),
        ("¿Firmó Priya el contrato?", True),
        ("What was agreed with Priya about the contract?", False),
        ("What did Priya say about the contract?", False),
        ("The last 3 mails from Priya", False),
    ],
)
def test_what_became_of_something_a_colleague_of_hers_may_tell(question: str, wide: bool) -> None:
    assert told_by_others(question, scope_of(question)) == wide


@pytest.mark.parametrize(
    ("question", "limit"),
    [
        ("last mails with Maria", 5),
        ("resume-me os últimos mails com a Maria", 5),
        ("los correos más recientes con Maria", 5),
        ("the last mail from Maria", 1),
        ("what do the last mails with Maria say about the invoice?", None),
    ],
)
def test_the_last_mails_are_a_few(question: str, limit: int | None) -> None:
    assert with_what_is_asked(scope_of(question), question).limit == limit


def test_a_phrase_of_its_own_is_scanned_for_without_what_stands_beside_it() -> None:
    question = "who would talk about us in public, case study or so?"
    assert terms(question, scope_of(question)) == ["case study"]


def test_is_one_leaving_is_asked_in_every_way_to_say_so() -> None:
    of_one, of_all = "Is Globex leaving us?", "Is anybody leaving us?"
    assert terms(of_one, scope_of(of_one)) == ["cancel", "terminate", "not renew"]
    assert terms(of_all, scope_of(of_all)) == ["cancel"]


def test_the_longest_is_one_of_those_that_wait() -> None:
    before, scope = "Who waits for an answer from me?", scope_of("Who waits for an answer from me?")
    assert longest_before("which one has waited longest?", before, scope) == before
    assert longest_before("¿cuál lleva más tiempo?", before, scope) == before
    assert longest_before("who has not answered me for the longest time?", before, scope) == ""


def test_the_happiest_are_none_of_those_at_risk() -> None:
    assert not asks_of_those("and the happiest?", scope_of("and the happiest?"))
    assert asks_of_those("which of those are at risk?", scope_of("which of those are at risk?"))


def test_what_they_are_worth_is_asked_of_the_same_records() -> None:
    question = "que renovações temos em julho e quanto valem?"
    assert halves(question, scope_of(question)) == [question]


@pytest.mark.parametrize(
    ("question", "word"),
    [("when did she last write?", "she"), ("¿cuándo escribió él?", "él"), ("o que ela disse?", "ela")],
)
def test_whom_a_pronoun_stands_for_is_asked_back_where_nobody_was_spoken_of(
    full_of_nobody: House, question: str, word: str
) -> None:
    assert pronoun_for_one(question, scope_of(question).language) == word
    answer = ask(full_of_nobody, question)
    assert word in answer.answer and answer.tools == () and not answer.citations


def test_a_verb_is_no_pronoun() -> None:
    assert pronoun_for_one("¿qué he prometido mandar estos días?", "es") == ""


@pytest.fixture
def full_of_nobody(house: House) -> House:
    house.mail(letter(text="Hello, all is well."))
    house.sync()
    return house


@pytest.fixture
def matter(house: House) -> House:
    """A report that is wrong: told of under one subject, gone on with under another, tied by its ticket; and a contract that a
    colleague signs.
    """
    house.mail(letter(subject="Report", text="The weekly report shows the wrong totals.", days_ago=20))
    house.mail(letter(sender=CSM, to="maria@globex.example", subject="Re: Report", text="The report is with our engineers as LU-7001.", days_ago=19))  # fmt: skip
    house.mail(letter(sender=CSM, to="maria@globex.example", subject="Where we stand", text="LU-7001 was brought forward to Thursday, and we call you after it.", days_ago=2))  # fmt: skip
    house.mail(letter(sender="Hank Dooley <hank@globex.example>", subject="Paper", text="Signed today, contract no. 20388.", days_ago=4))  # fmt: skip
    house.mail(letter(sender=JOAO, subject="Hello", text="Nothing new here.", days_ago=1))
    house.sync()
    return house


@pytest.mark.parametrize(
    "question",
    [
        "How is the wrong report at Globex going?",
        "¿Cómo va lo del informe de Globex?",
        "Como está o relatório da Globex?",
    ],
)
def test_the_state_of_a_matter_is_told_by_the_newest_mail_about_its_ticket(matter: House, question: str) -> None:
    assert "brought forward to Thursday" in ask(matter, question).answer


@pytest.mark.parametrize(
    "question", ["Did Maria sign the contract?", "¿Firmó Maria el contrato?", "A Maria assinou o contrato?"]
)
def test_who_signed_a_colleague_tells(matter: House, question: str) -> None:
    assert "Signed today" in ask(matter, question).answer


def test_a_conversation_about_one_customer_goes_on_about_it(matter: House) -> None:
    first = ask(matter, "What is wrong with the report at Globex?")
    more = ask(matter, "who signs the contract?", first.thread)
    assert more.scope["customers"] == ["Globex"]
    everybody = ask(matter, "which customers have news?", first.thread)
    assert everybody.scope["customers"] == []


@pytest.fixture
def leaving(house: House) -> House:
    """Globex gives notice, after asking for other things; Initech only threatens, and copies Globex."""
    house.mail(letter(subject="Notice", text="We have decided to terminate the contract in June.", days_ago=5))
    house.mail(letter(sender=JOAO, to=f"{CSM}, maria@globex.example", subject="Import", text="If this happens again we will cancel the contract.", days_ago=3))  # fmt: skip
    house.mail(letter(subject="Re: Notice", text="Thank you for the export, it is complete.", days_ago=2))
    house.sync()
    return house


@pytest.mark.parametrize("question", ["Who is at risk?", "¿Quién está en riesgo?", "Quem está em risco?"])
def test_who_speaks_of_leaving_is_quoted_beside_a_risk(leaving: House, question: str) -> None:
    with leaving.app.database.read() as session:
        customers = list_customers(session, leaving.me.workspace_id)
        said = notices(
            session,
            leaving.me.workspace_id,
            customers,
            since=datetime.min.replace(tzinfo=UTC),
            until=leaving.app.clock(),
        )
    names = {customer.id: customer.name for customer in customers}
    assert {names[customer]: held.hypothetical for customer, held in said.items()} == {"Globex": False, "Initech": True}
    assert "terminate the contract" in said[next(key for key, name in names.items() if name == "Globex")].sentence
    answer = ask(leaving, question)
    assert answer.tools == ("customer_health",) and "terminate the contract" in answer.answer


def test_a_mail_that_is_gone_is_quoted_nowhere(leaving: House) -> None:
    with leaving.app.database.write() as session:
        session.execute(update(schema.Message).values(status="deleted"))
    with leaving.app.database.read() as session:
        customers = list_customers(session, leaving.me.workspace_id)
        assert not notices(
            session,
            leaving.me.workspace_id,
            customers,
            since=datetime.min.replace(tzinfo=UTC),
            until=leaving.app.clock(),
        )
