"""What a short question after an answer leans on: whom the answer named, which figure, which of the mails that were told of."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from agent import conversation
from agent.answer import Citation
from agent.antecedent import named_alone, speaks_of_one
from agent.asked.topic import TOLD, least
from agent.dates import days_named
from agent.offline import compose
from agent.offline.coming import coming
from agent.offline.leaning import pace_before, question_before, whose_of_those, why_before
from agent.offline.open_points import waiting
from agent.offline.personal_pace import answered, elapsed
from agent.offline.routing import our_pace, route
from agent.offline.tickets import tickets
from agent.periods import ANY_TIME
from agent.scope import Scope, flatten
from agent.wording import compares_it, direction_of_all, means_the_same
from agent.words import unknown_names
from crm.customers import Contact, Customer, find_customer, save_contact
from crm.generic_domains import own_domain
from crm.index.embedder import Embedder
from crm.mails import StoredMail
from tests.agent.test_assistant import ask
from tests.agent.test_conversation import told
from tests.agent.test_scope import ask as scope_of
from tests.house import COLLEAGUE, CSM, JOAO, House, letter
from tests.one_dialect import database_url  # noqa: F401 (a fixture)
from tools.context import ToolContext

__all__ = ["told"]  # a fixture
GLOBEX = Scope(language="en", customer_ids=(1,), customers=("Globex",))


def customer(*names: str) -> Customer:
    people = tuple(
        Contact(id=n, customer_id=1, customer="Globex", name=name, email=f"{n}@globex.example", role="")
        for n, name in enumerate(names)
    )
    return cast("Customer", SimpleNamespace(id=1, name="Globex", contacts=people))


@pytest.mark.parametrize(
    ("question", "one"),
    [
        ("when did she last write?", True),
        ("¿cuándo fue la última vez que me escribió?", True),
        ("qual foi o último e-mail que ele me mandou?", True),
        ("escríbele que sí", True),
        ("¿qué opina él?", True),
        ("what did they say?", False),
        ("¿qué renovaciones hay?", False),
        ("¿qué pasó con el import?", False),
    ],
)
def test_one_person_is_spoken_of_without_a_name(question: str, one: bool) -> None:
    assert speaks_of_one(question) is one


def test_the_one_person_an_answer_names_is_meant() -> None:
    globex = customer("Íñigo Etxeberria", "Maria Silva")
    held = named_alone("Inigo Etxeberria <i@globex.example> (Globex): Technical", [globex], ())
    assert held is not None and held.name == "Íñigo Etxeberria"
    assert named_alone("Champion: Maria Silva, Technical: Íñigo Etxeberria", [globex], ()) is None
    quoted = named_alone("- Íñigo Etxeberria: “Maria Silva told me” [1]", [globex], (1,))
    assert quoted is not None and quoted.name == "Íñigo Etxeberria"
    assert named_alone("Maria Silva", [globex], (2,)) is None


def test_who_was_named_is_asked_after(told: House) -> None:
    with told.app.database.write() as session:
        globex = find_customer(session, told.me.workspace_id, "Globex")
        for name, email, role in (
            ("Maria Silva", "maria@globex.example", "Champion"),
            ("Tom Haas", "tom@globex.example", ""),
        ):
            save_contact(session, globex, told.me.workspace_id, name=name, email=email, role=role)
    asked = ask(told, "Who is the champion of Globex?")
    assert "Maria" in asked.answer and not asked.scope["people"]
    last = ask(told, "when did she last write?", asked.thread)
    assert [person["email"] for person in last.scope["people"]] == ["maria@globex.example"]


@pytest.mark.parametrize(
    ("before", "question", "language"),
    [
        ("How healthy is Globex?", "why?", "en"),
        ("How healthy is Globex?", "and why so low?", "en"),
        ("¿Qué tal de salud anda Globex?", "¿y por qué?", "es"),
        ("Como está a saúde da Globex?", "por quê?", "pt"),
    ],
)
def test_why_after_a_score_asks_for_what_was_felt(before: str, question: str, language: str) -> None:
    scope = replace(GLOBEX, language=language)  # type: ignore[arg-type]
    assert why_before(question, before, scope)
    assert not why_before(question, "What did Globex say about the import?", scope)
    assert not why_before("why did Acme complain?", before, scope)


def test_why_after_a_score_is_told_in_their_own_words(told: House) -> None:
    asked = ask(told, "How healthy is Globex?")
    why = ask(told, "why?", asked.thread)
    assert why.tools == ("read_timeline",) and why.scope["customers"] == ["Globex"] and why.citations


def test_pace_goes_on_to_another_customer_after_both_sides() -> None:
    first = "How fast do we answer Initech?"
    assert question_before([first, "and they?", "and with Globex?"], GLOBEX) == first
    assert our_pace(first, GLOBEX) is True
    assert pace_before("is it better or worse than Globex?", first, GLOBEX) == first
    assert not pace_before("which customer is happier?", first, GLOBEX)


@pytest.mark.parametrize(
    ("question", "whose"),
    [
        ("how many of those came from them?", "inbound"),
        ("¿y cuántos son de ellos?", "inbound"),
        ("¿y cuántos de ellos?", None),
        ("quantos são nossos?", "outbound"),
        ("how many of those were from us?", "outbound"),
        ("how many of those were about billing?", None),
    ],
)
def test_whose_of_the_mails_counted(question: str, whose: str | None) -> None:
    assert whose_of_those(question) == whose


def test_some_of_the_mails_counted_are_of_the_same_time(told: House) -> None:
    asked = ask(told, "How many mails did we exchange with Globex in October?")
    theirs = ask(told, "how many of those came from them?", asked.thread)
    assert theirs.scope["since"] == asked.scope["since"] is not None
    assert "from Globex" in theirs.answer


def test_the_same_thing_is_what_was_asked_about(told: House) -> None:
    said = (
        "did Acme have the same problem?",
        "¿a Acme le pasó lo mismo?",
        "a Acme teve o mesmo?",
        "a Acme teve algo parecido?",
    )
    assert all(means_the_same(flatten(question)) for question in said)
    for question in (
        "what did she say?",
        "do both have the same plan?",
        "who answered on the same day?",
        "¿la misma persona respondió?",
    ):
        assert not means_the_same(flatten(question))
    asked = ask(told, "What did Globex say about the import?")
    same = ask(told, "did Initech have the same problem?", asked.thread)
    assert same.scope["customers"] == ["Initech"] and "Our import loses rows" in same.answer


@pytest.mark.parametrize(
    "question",
    ["is it better or worse than §§§§'s?", "¿esta mejor o peor que la de §§§§?", "esta melhor ou pior que a da §§§§?"],
)
def test_better_or_worse_compares(question: str) -> None:
    assert compares_it(question)
    assert not compares_it("is §§§§ doing better than last month?") and not compares_it(
        "¿§§§§ esta mejor que el mes pasado?"
    )


def test_a_number_is_of_one_customer(told: House) -> None:
    told.mail(letter(subject="Invoice INV-20417", text="Invoice INV-20417 is paid.", days_ago=4))
    told.mail(letter(sender=JOAO, subject="Invoice", text="We paid the invoice on Monday.", days_ago=4))
    told.sync()
    asked = ask(told, "Has Globex paid invoice INV-20417?")
    other = ask(told, "and Initech?", asked.thread)
    assert "INV-20417" in asked.answer and "INV-20417" not in other.answer and "on Monday" in other.answer


@pytest.mark.parametrize(
    ("question", "direction"),
    [
        ("o que e que eu lhe respondi?", "outbound"),
        ("what did §§§§§ think of the credit that we offered?", "inbound"),
        ("o que a §§§§§ achou do credito que oferecemos?", "inbound"),
        ("what did we offer §§§§§?", "outbound"),
    ],
)
def test_what_we_offered_is_a_topic_where_somebody_is_asked_about_it(question: str, direction: str | None) -> None:
    assert direction_of_all(question) == direction


@pytest.mark.parametrize(
    ("question", "until"),
    [
        ("renewals before the end of July", date(2026, 8, 1)),
        ("¿qué renovaciones caen antes de que termine julio?", date(2026, 8, 1)),
        ("renovações antes que julho acabe", date(2026, 8, 1)),
        ("renewals before July is over", date(2026, 8, 1)),
        ("renewals before July", date(2026, 7, 1)),
    ],
)
def test_until_a_month_is_over(question: str, until: date) -> None:
    span = coming(question, date(2026, 5, 22))
    assert span is not None and span.until == until


def test_what_is_spoken_of_is_nobody() -> None:
    for question in ("O que a Acme disse sobre o Salesforce?", "What did they say about Salesforce?"):
        assert "Salesforce" not in unknown_names(question, flatten(question))


def test_a_provider_is_nobodys_own_domain() -> None:
    assert (own_domain("ana@leal.example"), own_domain("ana@gmail.com")) == ("leal.example", "")


def test_a_colleagues_mail_is_counted_for_no_customer(told: House) -> None:
    last = ask(told, "What was the last mail from Globex?")
    assert last.citations and COLLEAGUE not in last.answer and "Luis" not in last.answer


def test_what_waits_stands_apart_from_what_asks_nothing_and_what_was_answered_elsewhere(told: House) -> None:
    told.mail(letter(sender=JOAO, subject="Figures", text="Could you send me the figures?", days_ago=7))
    told.mail(letter(sender=CSM, to=JOAO, subject="Your figures", text="Here they are.", days_ago=3))
    told.sync()
    answer = ask(told, "Who is waiting for our answer?").answer
    asked, rest = answer.index("wait"), answer.index("in another conversation")
    assert asked < rest < answer.index("Figures") and "Your figures" in answer
    assert "ask nothing" in answer or "asks nothing" in answer


def test_nothing_waits_without_mail() -> None:
    scope = compose.Told(scope=GLOBEX, zone=cast("object", None), now=datetime.now().astimezone())  # type: ignore[arg-type]
    assert waiting(scope, {"health": []}, [], "us") == "No mail of the last 30 days with Globex waits for our answer."


def test_the_last_mail_of_each() -> None:
    def mail(name: str) -> StoredMail:
        return cast("StoredMail", SimpleNamespace(id=name, customers=(name,)))

    both = replace(GLOBEX, customer_ids=(1, 2), customers=("Globex", "Initech"), limit=1)
    told_of = compose.Told(scope=both, zone=cast("object", None), now=datetime.now().astimezone())  # type: ignore[arg-type]
    newest = [mail("Globex"), mail("Globex"), mail("Initech")]
    assert [held.id for held in compose.newest_of_each(told_of, newest)] == ["Globex", "Initech"]


def test_the_average_is_a_mean(told: House) -> None:
    told.mail(letter(subject="Question", text="Is it done?", days_ago=9, Message_ID="<q@globex.example>"))
    told.sync()
    assert "mean" not in ask(told, "How fast do we answer Globex?").answer
    assert "The mean is" in ask(told, "How fast do we answer Globex on average?").answer


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("what happened in early May?", (date(2026, 5, 1), date(2026, 5, 11))),
        ("¿qué pasó a mediados de mayo?", (date(2026, 5, 11), date(2026, 5, 21))),
        ("o que houve no final de abril?", (date(2026, 4, 21), date(2026, 5, 1))),
        ("what happened in May?", (date(2026, 5, 1), date(2026, 6, 1))),
        ("what did they write before the end of April?", (date(2026, 5, 1), date(2026, 5, 1))),
        ("tudo até ao fim de abril", (date(2026, 4, 1), date(2026, 5, 1))),
    ],
)
def test_parts_of_a_month(question: str, days: tuple[date, date]) -> None:
    found = days_named(question, flatten(question), date(2026, 5, 22), "en")
    assert [point.days for point in found] == [days]


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How much does Globex pay?", "record"),
        ("How much does Globex have to pay for the upgrade?", "search"),
        ("What did we promise Globex?", "open"),
        ("How much credit did we promise Globex?", "search"),
        ("When does the Globex contract end?", "record"),
    ],
)
def test_what_records_and_promises_do_not_hold_is_looked_for(question: str, kind: str) -> None:
    assert route(question, scope_of(question)) == kind


def test_who_takes_over_from_somebody_is_somebody_else(told: House) -> None:
    with told.app.database.write() as session:
        globex = find_customer(session, told.me.workspace_id, "Globex")
        save_contact(session, globex, told.me.workspace_id, name="Maria Silva", email="maria@globex.example", role="")
    told.mail(
        letter(subject="Goodbye", text="My colleague Nancy will take over from me at the end of the month.", days_ago=2)
    )
    told.sync()
    answer = ask(told, "Who takes over from Maria Silva at Globex?")
    assert "Nancy will take over" in answer.answer and "list_customers" not in answer.tools


def test_the_pace_of_one_person_is_told_turn_by_turn(told: House) -> None:
    with told.app.database.write() as session:
        globex = find_customer(session, told.me.workspace_id, "Globex")
        save_contact(session, globex, told.me.workspace_id, name="Maria Silva", email="maria@globex.example", role="")
    told.mail(
        letter(subject="Figures", text="Which figures count?", days_ago=20, Message_ID="<one@globex.example>"),
        thread_id="pace",
    )
    told.mail(
        letter(sender=CSM, to="maria@globex.example", subject="Re: Figures", text="Those of May.", days_ago=16),
        thread_id="pace",
    )
    told.sync()
    answer = ask(told, "How long did I take to answer Maria Silva?")
    assert "4 d 0 h" in answer.answer and "median" in answer.answer and len(answer.citations) >= 2


def test_elapsed_time() -> None:
    assert [elapsed(timedelta(minutes=minutes)) for minutes in (5, 65, 60 * 38)] == ["5 min", "1 h 5 min", "1 d 14 h"]


def test_one_side_answers_the_other_in_the_same_conversation() -> None:
    def mail(hour: int, way: str, sender: str, thread: str = "t", to: str = "a") -> StoredMail:
        at = datetime(2026, 5, 1, hour)
        who = SimpleNamespace(email=sender, name="")
        return cast(
            "StoredMail",
            SimpleNamespace(
                id=str(hour),
                sent_at=at,
                direction=way,
                sender=who,
                mailbox="m",
                gmail_thread_id=thread,
                automatic=False,
                bulk=False,
                to=[SimpleNamespace(email=to)],
                cc=[],
            ),
        )

    mails = [
        mail(1, "inbound", "a"), mail(2, "inbound", "a"), mail(3, "outbound", "us", to="b"), mail(4, "outbound", "us"),
        mail(5, "outbound", "us", "other"), mail(6, "inbound", "a"),
    ]  # fmt: skip
    ours = [(asked.id, answer.id) for asked, answer in answered(mails, {"a"}, ours=True)]
    theirs = [(asked.id, answer.id) for asked, answer in answered(mails, {"a"}, ours=False)]
    assert ours == [("1", "4")] and theirs == [("4", "6")]


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("exigiu", False),
        ("mejoráramos", False),
        ("blockchain", True),
        ("zapier", True),
        ("webhooking", True),
        ("ouvidoria", True),
    ],
)
def test_a_verb_that_was_never_seen_asks_and_does_not_name(word: str, names: bool) -> None:
    assert (least(word) < TOLD) is names


def test_the_letters_of_tickets_may_be_asked_for() -> None:
    told_of = compose.Told(scope=GLOBEX, zone=ZoneInfo("UTC"), now=datetime(2026, 5, 22, tzinfo=UTC))
    mail = SimpleNamespace(
        id="m1", subject="", new_text="LU-4977 can be closed.", sent_at=datetime(2026, 5, 1, tzinfo=UTC), sender=SimpleNamespace(name="Tom", email="t"),
        customers=("Globex",),
    )  # fmt: skip
    mails = [cast("StoredMail", mail)]
    assert tickets(told_of, mails) == "" and "LU-4977" in tickets(told_of, mails, "list all LU tickets")


def test_who_else_does_that_is_asked_about_the_same(told: House) -> None:
    asked = ask(told, "What did Globex say about the import?")
    others = ask(told, "has anyone else complained about that?", asked.thread)
    assert others.scope["customers"] == [] and "Our import loses rows" in others.answer


def test_another_topic_after_mentions_is_scanned_for_too(told: House) -> None:
    asked = ask(told, "Which customers mentioned the webinar?")
    other = ask(told, "and what about rows?", asked.thread)
    assert "scan_mentions" in asked.tools and "scan_mentions" in other.tools and "“rows”" in other.answer


@pytest.mark.parametrize(
    "question",
    [
        "which customer asked us for a discount?",
        "¿qué cliente nos pidió un descuento?",
        "¿quién me escribió esta semana?",
    ],
)
def test_who_is_asked_of_everybody_is_not_who_was_named(told: House, question: str) -> None:
    with told.app.database.write() as session:
        globex = find_customer(session, told.me.workspace_id, "Globex")
        save_contact(
            session, globex, told.me.workspace_id, name="Maria Silva", email="maria@globex.example", role="Champion"
        )
    asked = ask(told, "Who is the champion of Globex?")
    assert ask(told, question, asked.thread).scope["people"] == []


def test_what_somebody_said_about_times_is_no_measured_time(told: House) -> None:
    with told.app.database.write() as session:
        globex = find_customer(session, told.me.workspace_id, "Globex")
        save_contact(
            session, globex, told.me.workspace_id, name="Maria Silva", email="maria@globex.example", role="Champion"
        )
    answer = ask(told, "What did Maria Silva say about the response time of the API?")
    assert "median" not in answer.answer


def test_who_waits_longest_asks_something_and_was_not_written_to_since(told: House) -> None:
    told.mail(letter(sender=JOAO, subject="Figures", text="Could you send me the figures?", days_ago=13))
    told.mail(letter(sender=CSM, to=JOAO, subject="Your figures", text="Here they are.", days_ago=3))
    told.mail(letter(subject="Seats", text="How many seats do we have?", days_ago=4))
    told.sync()
    answer = ask(told, "Who has been waiting longest for our answer?").answer
    assert "Figures" not in answer.splitlines()[1]


def test_of_several_customers_nobody_is_left_out_silently(told: House) -> None:
    assert "Initech: none among" in compose.timeline(
        compose.Told(scope=replace(GLOBEX, customers=("Globex", "Initech"), customer_ids=(1, 2), limit=1), zone=ZoneInfo("UTC"), now=datetime.now(UTC)),
        {"mails": ["a", "b"], "total": 2}, [_listed("Globex")], cast("Embedder", None),
    )  # fmt: skip


def _listed(customer: str) -> StoredMail:
    return cast(
        "StoredMail",
        SimpleNamespace(
            id="a1b2c3d4e5", customers=(customer,), new_text="", subject="S", sent_at=datetime.now(UTC), sender=SimpleNamespace(name="M", email="m"),
            attachments=(),
        ),
    )  # fmt: skip


def test_what_came_back_followed_the_mail_that_was_quoted_first(monkeypatch: pytest.MonkeyPatch) -> None:
    days = {"best": 3, "other": 9}
    heads = {  # in the database's order, which is none
        name: SimpleNamespace(direction="inbound", sent_at=datetime(2026, 5, days[name], tzinfo=UTC)) for name in ("other", "best")
    }  # fmt: skip
    monkeypatch.setattr(conversation, "get_heads", lambda *_: heads)
    cited = [cast("Citation", SimpleNamespace(message_id=name)) for name in ("best", "other")]
    context = cast("ToolContext", SimpleNamespace(database=SimpleNamespace(read=lambda: nullcontext()), workspace_id=1))
    found = conversation._since_answered(replace(GLOBEX, direction="outbound"), cited, context, ANY_TIME)
    assert found.period.since == datetime(2026, 5, 3, 0, 0, 1, tzinfo=UTC)
