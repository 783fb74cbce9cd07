"""What a question asks for, as it was learnt: how far it carries to another author's questions, and what it does to answers."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from agent.asked import topic
from agent.asked.reading import ASKED, HEADS, masked, probabilities, read
from agent.asked.train import CUSTOMERS, PEOPLE, QUESTIONS, load
from agent.asked.train import learnt as fitted
from agent.clarify import meant
from agent.offline.extract import Extract, in_full
from agent.offline.leaning import pace_before
from agent.offline.routing import asks_whether_we_replied, leans, learnt, our_pace, route
from agent.offline.scanned import terms
from crm.customers import find_customer, save_contact
from crm.mails import StoredMail
from tests.agent.test_assistant import ask
from tests.agent.test_scope import ask as scope_of
from tests.house import CSM, JOAO, MARIA, House, letter
from tests.one_dialect import database_url  # noqa: F401 (a fixture)


def test_what_others_taught_reads_a_new_authors_questions() -> None:
    questions = load()
    mine = questions.authors == "f"  # who asks in three languages and odd orders
    new = questions.of(mine)
    heads = fitted(questions.of(~mine), steps=60)  # a fifth of what is shipped, and nearly as good
    kind, lean, one = (
        probabilities(new.rows, *heads[head]).argmax(axis=1) == right
        for head, right in zip(HEADS, new.right.T, strict=True)
    )
    assert kind.mean() >= 0.82 and lean.mean() >= 0.9 and one.mean() >= 0.96
    told = probabilities(new.words, *heads[topic.HEAD])[:, 1] >= topic.TOLD
    named = new.named == 1
    assert named[told].mean() >= 0.65 and told[named].mean() >= 0.75


def test_the_shipped_heads_have_learnt_the_shipped_questions() -> None:
    lines = [line.split("\t") for line in QUESTIONS.read_text("utf-8").splitlines()]
    chosen = np.random.default_rng(1).choice(len(lines), 300, replace=False)
    right = [read(masked(lines[place][-1], CUSTOMERS, PEOPLE)).asked == lines[place][1] for place in chosen]
    assert np.mean(right) >= 0.95
    assert set(ASKED) == {kind for _, kind, *_ in lines}


def test_whom_a_question_names_says_nothing_of_what_it_asks() -> None:
    one = masked("Did María at Lusitânia answer my 3 mails?", ["Lusitânia"], ["Maria"])
    other = masked("did joe at ACME answer my 7 mails?", ["Acme"], ["Joe"])
    assert one == other and read(one) == read(other)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("has Maria at Globex come back to me on the quote?", "replied"),
        ("¿le hemos contestado a Globex?", "replied"),
        ("a Globex já nos respondeu?", "replied"),
        ("and what did we answer Globex?", "timeline"),
        ("what mood is Globex in these days?", "mood"),
        ("¿está Globex molesta con nosotros?", "mood"),
        ("what does Globex think of the price?", "search"),
        ("make it a bit shorter", "edit"),
        ("ponme en copia al jefe", "edit"),
        ("traduz isso pra inglês", "edit"),
        ("cuántas veces nos ha escrito Globex", "count"),
        ("total number of clients I look after", "record"),
        ("whose reply are we still chasing?", "waiting"),
        ("what's the latest word from Globex?", "timeline"),
        ("hi there!", "help"),
    ],
)
def test_kinds_in_words_that_no_table_holds(question: str, kind: str) -> None:
    assert route(question, scope_of(question)) == kind


@pytest.mark.parametrize("question", ["by when?", "¿y a qué precio en cada caso?", "e como é que ela reagiu?"])
def test_a_question_leans_on_the_one_before(question: str) -> None:
    assert leans(question, scope_of(question)) == "more"
    assert learnt("Which customers renew in March?", scope_of(question)).leans == "alone"


@pytest.fixture
def told(house: House) -> House:
    house.mail(letter(subject="Rows missing", text="The weekly import loses rows. What can we do?", days_ago=12))
    house.mail(letter(sender=CSM, to=MARIA, subject="Offer", text="Here is our offer for ten seats.", days_ago=4))
    house.mail(letter(sender=JOAO, subject="Import", text="Our import loses rows as well since Monday.", days_ago=8))
    house.sync()
    return house


def test_whether_somebody_answered_is_told_with_the_mail_that_is_or_is_not_answered(told: House) -> None:
    theirs = ask(told, "has Maria at Globex got back to us?")
    assert theirs.answer.startswith("No answer yet") and "offer for ten seats" in theirs.answer
    ours = ask(told, "¿le contesté a Maria de Globex?")
    assert ours.answer.startswith("Después de este correo suyo") and "offer for ten seats" in ours.answer
    told.mail(letter(subject="Re: Offer", text="Could you make it twelve seats?", days_ago=1))
    told.sync()
    again = ask(told, "já respondi à Globex?")
    assert again.answer.startswith("Ainda sem resposta nossa") and "twelve seats" in again.answer
    assert ask(told, "did Maria at Globex ever reply to us?").answer.startswith("They have answered")


def test_how_somebody_feels_is_told_by_the_sentences_that_show_it(told: House) -> None:
    told.mail(
        letter(subject="Angry", text="I am really disappointed. This is unacceptable and I am fed up.", days_ago=1)
    )
    told.sync()
    felt = ask(told, "what mood is Globex in these days?").answer
    assert "negative" in felt.split("\n")[0] and "unacceptable" in felt and "(negative)" in felt


def test_an_answer_to_a_question_back_asks_it_again(told: House) -> None:
    with told.app.database.write() as session:
        for customer, name in (("Globex", "Maria Silva"), ("Initech", "Maria Souza")):
            found = find_customer(session, told.me.workspace_id, customer)
            address = f"{name.lower().replace(' ', '.')}@{customer.lower()}.example"
            save_contact(session, found, told.me.workspace_id, name=name, email=address, role="")
    first = ask(told, "what did Maria say about the import?")
    assert "Whom do you mean" in first.answer and not first.citations
    by_customer = ask(told, "the one at Globex", first.thread)
    assert by_customer.scope["customers"] == ["Globex"] and "import" in by_customer.answer.lower()
    second = ask(told, "what did Maria say about the import?")
    assert ask(told, "the second one", second.thread).scope["people"][0]["customer"] == "Initech"
    third = ask(told, "what did Maria say about the import?")
    other = ask(told, "how many mails came from Initech?", third.thread)
    assert other.scope["customers"] == ["Initech"] and other.answer.startswith("1 mail from Initech")


def test_an_answer_to_a_question_back_is_told_from_a_question_of_its_own(told: House) -> None:
    previous = scope_of("what did Maria say about the import?")
    candidates = ("Maria Silva (Globex)", "Maria \\d Souza (Initech)")
    previous = replace(previous, ambiguous=(("Maria", candidates),))
    asked = "what did Maria say about the import?"
    for own in ("how many mails came from Globex?", "what was Globex's last mail?", "write to Globex that it is done"):
        assert meant(asked, own, previous, ()) == "", own
    assert meant(asked, "the second one", previous, ()) == "what did Maria \\d Souza (Initech) say about the import?"
    assert meant("and when did she write?", "the second one", previous, ()) == ""


def test_threats_are_told_first_and_those_who_leave_are_not_lost(told: House) -> None:
    told.mail(letter(subject="Notice", text="We will cancel the contract.", days_ago=2))
    told.mail(letter(sender=JOAO, subject="Warning", text="If this goes on we will cancel the contract.", days_ago=1))
    told.sync()
    for question in ("so who is threatening to leave us?", "who only threatens to leave?"):
        answer = ask(told, question).answer
        assert answer.index("If this goes on") < answer.index("We will cancel"), question
    assert "cancel" not in terms("who threatened legal action?", scope_of("who threatened legal action?"))


def test_who_never_wrote_is_not_said_to_have_no_mail(told: House) -> None:
    assert ask(told, "has Initech answered us?").answer.startswith("The one mail with Initech was not written by us")
    told.mail(letter(sender=CSM, to="Ann Lee <ann@wayne.example>", subject="Hello", text="Shall we talk?", days_ago=2))
    told.customer("Wayne", domains=["wayne.example"])
    told.sync()
    assert "no mail" not in ask(told, "how does Wayne feel about us?").answer.lower()


@pytest.mark.parametrize(
    ("text", "quote", "told_too", "left_out"),
    [
        ("Hi Ana,\n\nWe agree to the price.\n> Can you give us 20% off?\nThe rollout starts on Monday.", "We agree to the price.", "price", "20%"),
        ("Price\n" + "A line of no interest stands here for a while. " * 40 + "\nThe Price of the seats is 10 EUR.", "The Price of the seats is 10 EUR.", "10 EUR", "\0"),
        ("Hi Ana,\n\nThe import failed. We lost ten rows. Can you help?\n\nBest regards,\nMaria", "We lost ten rows.", "The import failed. We lost ten rows. Can you help?", "Hi Ana"),
    ],
)  # fmt: skip
def test_a_mail_is_quoted_as_a_whole_without_others_words(text: str, quote: str, told_too: str, left_out: str) -> None:
    mail = cast(StoredMail, SimpleNamespace(new_text=text, sender=SimpleNamespace(name="Maria")))
    full = in_full(Extract(mail=mail, quote=quote, score=1.0)).quote
    assert told_too in full and left_out not in full and quote in full and len(full) <= 600


def test_a_figure_is_asked_of_the_customers_that_were_told_of(told: House) -> None:
    told.customer("Wayne", domains=["wayne.example"])
    listed = ask(told, "which customers said that the import loses rows?")
    assert {citation.customer for citation in listed.citations} == {"Globex", "Initech"}
    for question in ("who's the riskiest of those?", "cuáles peligran", "quanto dá isso tudo em ARR?"):
        assert sorted(ask(told, question, listed.thread).scope["customers"]) == ["Globex", "Initech"], question


def test_the_account_is_the_one_spoken_of(told: House) -> None:
    first = ask(told, "what did Globex say about the import?")
    assert ask(told, "como está a saúde da conta?", first.thread).scope["customers"] == ["Globex"]
    assert ask(told, "qué incidencias tienen abiertas?", first.thread).scope["customers"] == ["Globex"]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("which customers have mentioned the competition?", ["competitor"]),
        ("¿qué clientes hablan de la competencia?", ["competidor"]),
        ("que clientes falaram da concorrência?", ["concorrente"]),
    ],
)
def test_the_competition_is_who_competes(question: str, found: list[str]) -> None:
    assert terms(question, scope_of(question)) == found


@pytest.mark.parametrize(
    ("question", "ours"),
    [
        ("have we replied to him?", True),
        ("and did I ever get back to Globex?", True),
        ("¿le hemos contestado a Globex?", True),
        ("já respondi à Globex?", True),
        ("has Globex come back to us?", False),
        ("a Globex já nos respondeu?", False),
    ],
)
def test_whose_answer_it_is_asked_for(question: str, ours: bool) -> None:
    assert asks_whether_we_replied(question, scope_of(question)) is ours


@pytest.mark.parametrize(
    ("question", "ours"),
    [
        ("how fast do they answer us?", False),
        ("how quickly does Globex reply?", False),
        ("¿cuánto tardan en contestarnos?", False),
        ("quanto tempo demoram a responder-nos?", False),
        ("how fast do we answer them?", True),
        ("how long does it take us to answer Globex?", True),
        ("¿cuánto tardo en contestar a Globex?", True),
        ("quanto tempo demoro a responder à Globex?", True),
    ],
)
def test_whose_pace_is_asked_for(question: str, ours: bool) -> None:
    scope = scope_of(question)
    assert route(question, scope) == "pace" and our_pace(question, scope) is ours


@pytest.mark.parametrize(
    ("before", "question", "theirs"),
    [
        ("How long do we take to answer Globex?", "and they?", True),
        ("¿Cuánto tardamos en responder a Globex?", "¿y ellos a mí?", True),
        ("Quanto tempo demoramos a responder à Globex?", "e eles?", True),
        ("How long do we take to answer Globex?", "is that slower than Acme?", False),
    ],
)
def test_the_other_side_and_others_are_asked_after_too(before: str, question: str, theirs: bool) -> None:
    scope = scope_of(question, scope_of(before))
    paced = pace_before(question, before, scope)
    assert route(paced, scope) == "pace" and our_pace(paced, scope) is not theirs


def test_a_word_of_the_topic_is_told_from_a_way_of_speaking() -> None:
    for question, words, left in (
        ("who is sitting on our contract?", "sitting contract", ["contract"]),
        ("como va lo del piloto, sigue en pie?", "va piloto sigue pie", ["piloto"]),
        ("ta tudo certo com o piloto?", "tudo certo piloto", ["piloto"]),
        ("what about frumbleworks and 4,000 users?", "frumbleworks 4,000 users", ["frumbleworks", "4,000", "users"]),
    ):
        assert topic.naming(words, question) == left
    assert topic.naming("", "") == [] and topic.topics("¿?!") == {}
