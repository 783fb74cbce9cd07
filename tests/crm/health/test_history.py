"""Past days, snapshots, changes, and the refresh of whoever changed, on both databases."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

import crm.refresh
from crm import schema
from crm.clock import fixed_clock
from crm.customer_list import standings
from crm.customers import Customer, get_customer, remove_contact, save_contact, save_customer
from crm.database import Database
from crm.errors import InputError, UnknownCustomer
from crm.health.assess import assess, assess_contact
from crm.health.feeding import Row, feed
from crm.health.history import assess_days, changes, keep, snapshots
from crm.health.policy import PRESETS, policy_of, save_policy
from crm.identity import Principal, create_workspace
from crm.refresh import Refresher, due_customers
from tests.crm.health.builders import AT, days_before, utc


@dataclass(frozen=True, kw_only=True)
class World:
    database: Database
    principal: Principal
    mailbox_id: int
    acme: Customer
    globex: Customer

    @property
    def workspace(self) -> int:
        return self.principal.workspace_id

    def mail(
        self,
        id: str,
        sent_at: datetime,
        customer: Customer | None = None,
        *,
        ours: bool = False,
        thread: str = "t",
        tone: str = "",
        type: str = "",
    ) -> None:
        held = customer or self.acme
        with self.database.write() as session:
            session.add(
                schema.Mail(
                    id=id, workspace_id=self.workspace, sent_at=sent_at, has_body=True,
                    direction="outbound" if ours else "inbound",
                    sender_email="ana@leal.example" if ours else f"maria@{held.domains[0]}", tone=tone,
                    tone_confidence=1.0,
                    attachments=[schema.MailAttachment(name="invite.ics", size=1, type=type)] if type else [],
                    participants=[schema.Participant(kind="to" if ours else "from", email=f"maria@{held.domains[0]}")],
                    links=[schema.Link(customer_id=held.id, rule="domain", detail=held.domains[0])],
                )
            )  # fmt: skip
            session.flush()
            session.add(
                schema.Message(
                    mailbox_id=self.mailbox_id, gmail_id=id, gmail_thread_id=thread, mail_id=id, status="stored"
                )
            )

    def exchange(self, customer: Customer | None = None, prefix: str = "") -> None:
        for n, day in enumerate(("05-25", "06-08", "06-10")):
            self.mail(f"{prefix}q{n}", utc(f"{day} 09:00"), customer, ours=True, thread=f"{prefix}{n}")
            self.mail(f"{prefix}a{n}", utc(f"{day} 11:00"), customer, thread=f"{prefix}{n}", tone="positive")

    def refresh(self, at: datetime = AT) -> tuple[int, int]:
        done = Refresher(self.database, fixed_clock(at)).run()
        return done.customers, done.days

    def scores(self, customer: Customer | None = None) -> dict[date, float | None]:
        with self.database.read() as session:
            return {held.day: held.score for held in snapshots(session, (customer or self.acme).id)}

    def due(self) -> set[int]:
        with self.database.read() as session:
            return set(session.scalars(select(schema.HealthDue.customer_id)))


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    with database.write() as session:
        who = create_workspace(
            session, fixed_clock(AT), name="Leal", user_email="ana@leal.example", timezone="Europe/Madrid"
        )
        box = schema.Mailbox(workspace_id=who.workspace_id, user_id=who.user_id, email=who.email, created_at=AT)
        session.add(box)
        session.flush()
        made = [_customer(session, who.workspace_id, name) for name in ("Acme", "Globex")]
        mailbox_id = box.id
    yield World(database=database, principal=who, mailbox_id=mailbox_id, acme=made[0], globex=made[1])


def _customer(session: Session, workspace_id: int, name: str) -> Customer:
    domain = f"{name.lower()}.example"
    made = save_customer(
        session, workspace_id, name=name, aliases=[], domains=[domain], arr=None, plan="",
        status="active", renewal_date=None, segment="", owner="", language="",
    )  # fmt: skip
    save_contact(session, made, workspace_id, name="Maria", email=f"maria@{domain}", role="Champion")
    return get_customer(session, workspace_id, made.id)


def test_a_refresh_keeps_every_day_as_it_would_be_assessed(world: World) -> None:
    world.exchange()
    assert world.refresh() == (2, 182)  # two customers, 91 days each
    kept = world.scores()
    # Too little mail until the answer of 8 June, the fourth mail: no score, and no row, before it.
    assert min(kept) == date(2026, 6, 8) and max(kept) == date(2026, 6, 15)
    with world.database.read() as session:
        for day, score in kept.items():
            at = min(policy_of(session, world.workspace).calendar.end_of(day), AT)
            assert assess(session, world.workspace, world.acme, at).score == score


def test_only_whoever_changed_is_computed_again_and_from_the_day_of_the_change(world: World) -> None:
    world.exchange()
    world.exchange(world.globex, "g")
    world.refresh()
    assert world.refresh() == (0, 0)
    world.mail("new", utc("06-14 10:00"), tone="negative")
    assert world.due() == {world.acme.id}
    before = world.scores()
    assert world.refresh() == (1, 2)  # the 14th and the 15th
    after = world.scores()
    assert before[date(2026, 6, 13)] == after[date(2026, 6, 13)]
    assert before[date(2026, 6, 14)] != after[date(2026, 6, 14)]
    assert world.due() == set()


def _tone(world: World, session: Session) -> None:
    session.execute(update(schema.Mail).where(schema.Mail.id == "a2").values(tone="negative"))


def _gone(world: World, session: Session) -> None:
    session.execute(update(schema.Message).where(schema.Message.mail_id == "a2").values(status="deleted"))


def _unlinked(world: World, session: Session) -> None:
    session.execute(delete(schema.Link).where(schema.Link.mail_id == "a2"))


def _copy_gone(world: World, session: Session) -> None:
    session.execute(delete(schema.Message).where(schema.Message.mail_id == "a2"))


def _word(world: World, session: Session) -> None:
    session.add(
        schema.MailKeyword(
            mail_id="a2", term="cancel", form="cancel", start=0, end=6, negated=False, hypothetical=False, sentence="x"
        )
    )


def _champion(world: World, session: Session) -> None:
    save_contact(session, world.acme, world.workspace, name="Bo", email="bo@acme.example", role="Champion")


def _no_champion(world: World, session: Session) -> None:
    remove_contact(session, world.workspace, "maria@acme.example")


def _figure(world: World, session: Session) -> None:
    row = Row(customer="Acme", dimension="usage", value=10, day=date(2026, 6, 10))
    feed(session, [world.acme], row, source="api", now=AT, today=date(2026, 6, 15))


@pytest.mark.parametrize(
    ("change", "days"),
    [
        (_tone, 6), (_gone, 6), (_unlinked, 6), (_copy_gone, 6), (_word, 6),  # the mail of 10 June
        (_champion, 91), (_no_champion, 91),
        (_figure, 7),  # a day more, for the zones
    ],
)  # fmt: skip
def test_whatever_changes_a_score_makes_it_due_in_the_same_transaction(
    world: World, change: Callable[[World, Session], None], days: int
) -> None:
    world.exchange()
    world.refresh()
    with pytest.raises(RuntimeError), world.database.write() as session:
        change(world, session)
        session.flush()
        raise RuntimeError("undone")
    assert world.due() == set()
    with world.database.write() as session:
        change(world, session)
    assert world.due() == {world.acme.id}
    assert world.refresh() == (1, days)
    with world.database.read() as session:
        today = assess(session, world.workspace, get_customer(session, world.workspace, world.acme.id), AT)
    assert world.scores()[date(2026, 6, 15)] == today.score


def test_settings_and_the_time_zone_make_everybody_due(world: World) -> None:
    world.refresh()
    with world.database.write() as session:
        session.execute(update(schema.Workspace).values(timezone="America/Sao_Paulo"))
    assert world.due() == {world.acme.id, world.globex.id}
    world.refresh()
    with world.database.write() as session:
        save_policy(
            session, fixed_clock(AT), world.principal, weights=PRESETS["relationship"], opens=time(8), closes=time(17), weekdays=[0, 1],
            country="none",
        )  # fmt: skip
    assert world.due() == {world.acme.id, world.globex.id}


def test_a_new_day_and_half_an_hour_are_due_without_any_change(world: World) -> None:
    world.exchange()
    world.refresh()
    assert world.refresh(AT + timedelta(minutes=29)) == (0, 0)
    assert world.refresh(AT + timedelta(minutes=31)) == (2, 2)
    # The days between are computed when a worker was away; the 15th again, now that it has ended.
    assert world.refresh(AT + timedelta(days=3)) == (2, 8)
    assert max(world.scores()) == date(2026, 6, 18)


def test_a_limit_of_time_leaves_the_rest_for_the_next_round(world: World) -> None:
    done = Refresher(world.database, fixed_clock(AT)).run(seconds=0.0)
    assert (done.customers, done.left) == (0, 2) or (done.customers, done.left) == (1, 1)
    assert Refresher(world.database, fixed_clock(AT)).run(stopping=lambda: True).customers == 0
    with world.database.read() as session:
        assert set(due_customers(session, AT)) >= {world.globex.id}


def test_a_removed_customer_leaves_nothing_due(world: World) -> None:
    with world.database.write() as session:
        session.add(schema.HealthDue(customer_id=999_999, since=AT))
    world.refresh()
    assert world.due() == set()


def test_changes_tell_when_and_why(world: World) -> None:
    world.exchange()
    for n in range(5):
        world.mail(f"bad{n}", utc(f"06-1{n} 15:00"), thread=f"bad{n}", tone="negative")
    world.refresh()
    with world.database.read() as session:
        found = changes(session, world.workspace, world.acme.id)
        with pytest.raises(UnknownCustomer):
            changes(session, world.workspace + 1, world.acme.id)
    first, *later = found
    assert (first.day, first.before, first.band_after) == (date(2026, 6, 8), None, "healthy")
    assert first.explanation("es").startswith("Primera puntuación de salud: ")
    assert later
    for held in later:
        moved = abs((held.after or 0) - (held.before or 0))
        assert moved >= 10 or (held.band_before != held.band_after and moved >= 2)
    fall = later[-1]
    assert (fall.cause, set(fall.mail_ids) >= {"bad2"}) == ("tone", True)
    assert fall.explanation("en").endswith("mostly: the tone of their mail.")


def test_assessing_days_is_assessing_each(world: World) -> None:
    world.exchange()
    world.mail("old", days_before(150), tone="negative")
    first, last = date(2026, 4, 1), date(2026, 6, 15)
    with world.database.read() as session:
        calendar = policy_of(session, world.workspace).calendar
        found = assess_days(session, world.workspace, world.acme, first, last, AT)
        assert [held.day for held in found] == [first + timedelta(days=n) for n in range(76)]
        for health in found:
            at = min(calendar.end_of(health.day), AT)
            alone = assess(session, world.workspace, world.acme, at)
            assert replace(alone, day=health.day) == health


def test_a_snapshot_is_kept_once_a_day(world: World) -> None:
    with world.database.write() as session:
        empty = assess(session, world.workspace, world.acme, AT)
        keep(session, world.workspace, world.acme.id, [empty], AT)
    world.exchange()
    with world.database.write() as session:
        health = assess(session, world.workspace, world.acme, AT)
        keep(session, world.workspace, world.acme.id, [health], AT)
        rows = session.scalars(select(schema.HealthSnapshot)).all()
        assert [(row.customer_id, row.day, row.score) for row in rows] == [
            (world.acme.id, date(2026, 6, 15), health.score)
        ]
        with pytest.raises(UnknownCustomer):
            keep(session, world.workspace + 1, world.acme.id, [health], AT)


def test_invitations_are_no_turns(world: World) -> None:
    world.exchange()
    with world.database.read() as session:
        before = assess(session, world.workspace, world.acme, AT)
    world.mail("invite", utc("06-12 10:00"), thread="i", type="text/calendar")
    with world.database.read() as session:
        assert assess(session, world.workspace, world.acme, AT) == before


def test_fed_figures_count_as_long_as_they_are_fresh(world: World) -> None:
    world.exchange()
    with world.database.write() as session:
        _figure(world, session)
        health = assess(session, world.workspace, world.acme, AT)
        weights = {held.name: held.weight for held in health.dimensions}
        # usage 40, engagement 30, sentiment 10 of 80 points; support has none and is shared out.
        assert weights == {"engagement": 30 / 80, "sentiment": 10 / 80, "usage": 40 / 80}
        values = {held.name: held.value for held in health.dimensions}
        assert values["usage"] == 10.0
        assert health.score == round(sum((values[name] or 0) * weights[name] for name in weights), 1)
        assert "Usage 10 × 50 %" in health.arithmetic and health.arithmetic.endswith(f"= {health.score:g}")
        later = assess(session, world.workspace, world.acme, AT + timedelta(days=91))
        assert "usage" not in {held.name for held in later.dimensions}
        wrong = (
            Row(customer="Acme", dimension="sentiment", value=1),
            Row(customer="Acme", dimension="Us age!", value=1),
            Row(customer="Acme", dimension="usage", value=1, day=date(2026, 6, 16)),
            Row(customer="Acme", dimension="usage", value=1, day=date(1, 1, 2)),
        )
        for row in wrong:
            with pytest.raises(InputError):
                feed(session, [world.acme], row, source="api", now=AT, today=date(2026, 6, 15))


def test_a_contacts_own_health_is_of_their_mails_alone(world: World) -> None:
    world.exchange()
    with world.database.write() as session:
        save_contact(session, world.acme, world.workspace, name="Bo", email="bo@acme.example", role="")
    with world.database.read() as session:
        acme = get_customer(session, world.workspace, world.acme.id)
        maria, bo = acme.contacts
        hers, his = (assess_contact(session, world.workspace, acme, who, AT) for who in (maria, bo))
        whole = assess(session, world.workspace, acme, AT)
    assert (hers.score, hers.customer) == (whole.score, "Maria")
    assert (his.score, his.summary) == (None, "Bo: no score yet. No mail with Bo in the last 90 days.")


_MAILS = st.lists(
    st.tuples(
        st.integers(0, 120 * 24), st.booleans(), st.sampled_from(["positive", "neutral", "negative", ""]),
        st.sampled_from("abc"),
    ),
    min_size=1,
    max_size=12,
)  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mails=_MAILS, order=st.randoms(use_true_random=False))
def test_whatever_the_order_of_arrival_the_snapshots_are_the_same(
    world: World, mails: list[tuple[int, bool, str, str]], order: object
) -> None:
    """All at once, or one by one in any order with a refresh after each: the same days are kept."""
    numbered = list(enumerate(mails))

    def arrive(chosen: list[tuple[int, tuple[int, bool, str, str]]], *, one_by_one: bool) -> dict[date, float | None]:
        with world.database.write() as session:
            for table in (schema.Message, schema.Link, schema.Participant, schema.Mail, schema.HealthSnapshot):
                session.execute(delete(table))
        for n, (hours, ours, tone, thread) in chosen:
            world.mail(f"m{n}", AT - timedelta(hours=hours, minutes=1), ours=ours, tone=tone, thread=thread)
            if one_by_one:
                world.refresh()
        world.refresh()
        return world.scores()

    together = arrive(numbered, one_by_one=False)
    order.shuffle(numbered)  # type: ignore[attr-defined]
    apart = arrive(numbered, one_by_one=True)
    assert {day: score for day, score in apart.items() if score is not None} == {
        day: score for day, score in together.items() if score is not None
    }


def test_instants_are_aware_and_days_the_workspaces(world: World) -> None:
    world.exchange()
    late = datetime(2026, 6, 15, 22, 30, tzinfo=UTC)  # the 16th in Madrid
    world.refresh(late)
    assert max(world.scores()) == date(2026, 6, 16)


def test_two_refreshers_and_a_writer_at_once_leave_nothing_stale(world: World) -> None:
    """Mail arrives while two processes refresh: once all are done, what is kept is what is there."""
    world.exchange()
    failures: list[BaseException] = []
    stop = threading.Event()

    def refresh() -> None:
        try:
            while not stop.is_set():
                world.refresh()
        except BaseException as error:  # noqa: BLE001 – told below
            failures.append(error)

    both = [threading.Thread(target=refresh) for _ in range(2)]
    for thread in both:
        thread.start()
    for n in range(12):
        customer = (world.acme, world.globex)[n % 2]
        world.mail(f"n{n}", days_before(n / 3 + 0.1), customer, ours=n % 3 == 0, thread=f"n{n % 4}", tone="negative")
    stop.set()
    for thread in both:
        thread.join()
    assert failures == []
    world.refresh()
    assert world.due() == set()
    with world.database.read() as session:
        for customer in (world.acme, world.globex):
            health = assess_days(session, world.workspace, customer, date(2026, 6, 8), date(2026, 6, 15), AT)
            kept = world.scores(customer)
            assert {held.day: held.score for held in health if held.score is not None} == {
                day: score for day, score in kept.items() if score is not None and day >= date(2026, 6, 8)
            }


def test_a_crash_in_the_middle_leaves_it_due(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.exchange()
    world.refresh()
    world.mail("new", utc("06-14 10:00"), tone="negative")
    before = world.scores()
    with monkeypatch.context() as patched:
        patched.setattr(crm.refresh, "keep", _keep_and_die)
        world.refresh()  # logged, not raised: the others go on
    assert (world.scores(), world.due()) == (before, {world.acme.id})
    assert world.refresh() == (1, 2)


def _keep_and_die(*arguments: Any) -> None:
    keep(*arguments)
    raise RuntimeError("died after writing")


def test_a_day_does_not_know_the_next_ones_figures(world: World) -> None:
    world.exchange()
    with world.database.write() as session:
        for day, value in ((date(2026, 6, 12), 90.0), (date(2026, 6, 13), 10.0)):
            row = Row(customer="Acme", dimension="usage", value=value, day=day)
            feed(session, [world.acme], row, source="csv", now=AT, today=date(2026, 6, 15))
    with world.database.read() as session:
        found = assess_days(session, world.workspace, world.acme, date(2026, 6, 12), date(2026, 6, 13), AT)
    assert [held.dimensions[-1].value for held in found] == [90.0, 10.0]


def test_a_mail_that_becomes_shared_touches_everybody_on_it(world: World) -> None:
    world.mail("both", utc("06-10 09:00"), world.globex)
    world.refresh()
    with world.database.write() as session:
        session.add(schema.Link(mail_id="both", customer_id=world.acme.id, rule="manual", detail=""))
    assert world.due() == {world.acme.id, world.globex.id}
    world.refresh()
    with world.database.write() as session:
        session.execute(delete(schema.Link).where(schema.Link.customer_id == world.acme.id))
    assert world.due() == {world.acme.id, world.globex.id}


def test_the_last_mail_before_a_period_is_the_customers_own(world: World) -> None:
    """Theirs of 110 days ago counts, not the shared one that somebody else wrote since."""
    world.mail("theirs", days_before(110))
    world.mail("other", days_before(100), world.globex)
    with world.database.write() as session:
        session.add(schema.Link(mail_id="other", customer_id=world.acme.id, rule="thread", detail=""))
    world.mail("ours", days_before(10), ours=True)
    with world.database.read() as session:
        (flag,) = assess(session, world.workspace, world.acme, AT).flags
    assert (flag.kind, flag.mail_ids) == ("silence", ("theirs",))


def test_a_week_before_is_seven_days_of_the_zone(world: World) -> None:
    """Madrid turned its clocks back on 25 October: a mail of 20 October, 0:30, came after the 19th had ended."""
    for n in range(4):
        world.mail(f"m{n}", datetime(2026, 10, 12 + n, 9, tzinfo=UTC), ours=n % 2 == 0, tone="neutral")
    world.mail("edge", datetime(2026, 10, 19, 22, 30, tzinfo=UTC), tone="negative")
    with world.database.read() as session:
        calendar = policy_of(session, world.workspace).calendar
        then = assess(session, world.workspace, world.acme, calendar.end_of(date(2026, 10, 19)))
        now = assess(session, world.workspace, world.acme, calendar.end_of(date(2026, 10, 26)))
    assert now.previous == then.score


def test_a_contact_is_silent_since_their_own_last_mail(world: World) -> None:
    """A colleague's later mail to the contact is no mail of the contact's."""
    world.mail("hers", days_before(120))
    with world.database.write() as session:
        save_contact(session, world.acme, world.workspace, name="Bo", email="bo@acme.example", role="")
        late = schema.Mail(
            id="colleague", workspace_id=world.workspace, sent_at=days_before(100), has_body=True, direction="inbound",
            sender_email="bo@acme.example", participants=[schema.Participant(kind="cc", email="maria@acme.example")],
            links=[schema.Link(customer_id=world.acme.id, rule="domain", detail="")],
        )  # fmt: skip
        session.add(late)
        session.flush()
        session.add(
            schema.Message(
                mailbox_id=world.mailbox_id, gmail_id="c", gmail_thread_id="c", mail_id="colleague", status="stored"
            )
        )
    with world.database.read() as session:
        acme = get_customer(session, world.workspace, world.acme.id)
        (flag,) = assess_contact(session, world.workspace, acme, acme.contacts[0], AT).flags
    assert (flag.kind, flag.mail_ids) == ("silence", ("hers",))


def test_the_list_and_the_page_tell_the_same_change_since_last_week(world: World) -> None:
    """The list reads snapshots, the page assesses now: both compare with the end of the day seven days before."""
    for n, tone in enumerate(("positive", "positive", "positive", "negative", "negative", "negative")):
        world.mail(f"m{n}", days_before(20 - 3.3 * n), tone=tone, thread=f"t{n}")
    Refresher(world.database, fixed_clock(AT)).run()
    with world.database.read() as session:
        held = standings(session, world.workspace, AT.date())[world.acme.id]
        now = assess(session, world.workspace, get_customer(session, world.workspace, world.acme.id), AT)
    assert None not in (now.score, now.previous) and now.score != now.previous
    assert (held.score, held.previous) == (now.score, now.previous)
