"""Alerts raised and ended over stored mail: every kind, once for each episode."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from crm import schema
from crm.alerts.alert import alerts_of
from crm.alerts.conditions import Condition
from crm.alerts.handling import dismiss
from crm.alerts.raising import _open
from crm.alerts.rules import Rules
from crm.customers import remove_customer
from crm.refresh import Refresher
from tests.crm.alerts.conftest import AT, World

ASKS = "Could you send us the contract?"
CANCEL = (("cancel", False, False),)


def test_a_sharp_drop_is_one_alert_while_it_lasts(world: World) -> None:
    assert world.raised(score=60.0, previous=75.0) == [], "15 points are no more than 15"
    assert world.raised(score=59.9, previous=75.0) == ["drop"]
    assert world.raised(score=59.0, previous=75.0) == []
    assert world.raised(score=60.5, previous=75.0) == [], "14.5 points: it trembles around the limit"
    assert world.states() == [("drop", "open")]
    assert world.raised(score=70.0, previous=75.0) == []
    assert world.states() == [("drop", "resolved")]
    assert world.raised(score=55.0, previous=75.0) == ["drop"], "another episode"
    (first, second) = world.alerts()
    assert first.facts == {"points": 15.1, "before": 75.0, "now": 59.9, "limit": 15.0, "part": ""}
    assert second.ended_at is None


def test_a_score_below_the_threshold(world: World) -> None:
    assert world.raised(score=50.0, previous=52.0) == []
    assert world.raised(score=49.9, previous=52.0) == ["threshold"]
    assert world.raised(score=51.0, previous=52.0) == []
    assert world.states() == [("threshold", "open")]
    assert world.raised(score=None) == [] and world.states() == [("threshold", "resolved")]


def test_five_negative_mails_in_a_row(world: World) -> None:
    for n in range(5):
        world.mail(f"m{n}", 10 - n, tone="negative", thread=f"{n}")
        world.mail(f"r{n}", 9.9 - n, ours=True, thread=f"{n}")
        assert world.raised() == (["negative"] if n == 4 else [])
    assert world.alerts()[0].mail_ids == ("m0", "m1", "m2", "m3", "m4")
    world.mail("m5", 2, tone="negative")
    assert world.raised() == []
    world.mail("kind", 1, tone="positive")
    assert world.raised() == [] and world.states() == [("negative", "resolved")]


def test_silence_ends_with_a_mail(world: World) -> None:
    world.mail("last", 44.9)
    assert world.raised() == []
    world.clock.advance(hours=3)
    assert world.raised() == ["silence"]
    (alert,) = world.alerts()
    assert (alert.mail_ids, alert.facts["days"]) == (("last",), 45)
    world.mail("ours", 0.01, ours=True)
    assert world.raised() == [] and world.states() == [("silence", "open")], "our own mail ends no silence"
    world.mail("theirs", 0.01)
    world.raised()
    assert world.states()[0] == ("silence", "resolved")


def test_a_churned_customer_is_not_called_silent(world: World) -> None:
    gone = world.customer("Gone", status="churned")
    world.mail("old", 80, to=gone)
    Refresher(world.database, world.clock).run()
    assert world.states() == []


def test_a_critical_word_is_one_alert_for_each_word_and_conversation(world: World) -> None:
    world.mail("m1", 3, thread="a", words=CANCEL)
    assert world.raised() == ["keyword"]
    world.mail("m2", 2, thread="a", words=(*CANCEL, ("problem", False, False)))
    assert world.raised() == ["keyword"], "the problem is new, the cancellation is not"
    world.mail("m3", 1, thread="b", words=CANCEL)
    assert world.raised() == ["keyword"]
    assert [(held.term, held.mail_ids) for held in world.alerts()] == [
        ("cancel", ("m1",)), ("problem", ("m2",)), ("cancel", ("m3",))
    ]  # fmt: skip
    assert world.raised() == []


def test_which_words_alert(world: World) -> None:
    world.mail("no", 1, thread="1", words=[("cancel", True, False)])
    world.mail("ours", 1, thread="2", ours=True, words=CANCEL)
    world.mail("old", 8, thread="3", words=CANCEL)
    assert world.raised() == [], "denied, our own, or read late"
    world.mail("if", 1, thread="4", words=[("cancel", False, True)])
    world.mail("both", 1, thread="5", words=[("cancel", False, True), ("cancel", False, False)])
    world.mail("rival", 1, thread="6", words=[("competitor:Zudo", False, False)])
    world.rules(Rules(terms=("competitor",)))
    assert world.raised() == ["keyword"]
    world.rules(Rules(terms=("cancel",)))
    assert world.raised() == ["keyword", "keyword"]
    assert {held.mail_ids[0]: held.facts["conditional"] for held in world.alerts()} == {
        "rival": False, "if": True, "both": False
    }  # fmt: skip
    assert world.states()[0] == ("keyword", "resolved"), "its word no longer alerts"


def test_a_dismissed_word_does_not_come_back(world: World) -> None:
    world.mail("m1", 3, words=CANCEL)
    world.raised()
    with world.database.write() as session:
        dismiss(session, world.clock, world.ana, world.alerts()[0].id)
    world.mail("m2", 1, words=CANCEL)
    assert world.raised() == []
    world.rules(Rules(off=frozenset({"keyword"})))
    world.raised()
    world.rules(Rules())
    assert world.raised() == [] and len(world.alerts()) == 1, "nor when the rule is switched off and on"


def test_an_older_mail_of_the_conversation_that_is_read_late_doubles_nothing(world: World) -> None:
    world.mail("m2", 4, words=CANCEL, text=ASKS)
    assert sorted(world.raised()) == ["keyword", "unanswered"]
    world.mail("m1", 5, words=CANCEL, text=ASKS)
    assert world.raised() == []
    assert len(world.alerts()) == 2


def test_unanswered_for_eight_business_hours(world: World) -> None:
    world.mail("q", 4 / 24, text=ASKS)  # Monday 10:00 in Madrid; now it is 14:00
    world.clock.advance(hours=3.9)
    assert world.raised() == []
    world.clock.advance(hours=0.1)
    assert world.raised() == ["unanswered"], "18:00: eight hours"
    assert world.alerts()[0].facts["hours"] == 8.0
    world.mail("more", 0.01, text="And the price list, please?")
    assert world.raised() == [], "the same turn"
    world.mail("a", 0, ours=True)
    world.clock.advance(minutes=1)
    world.raised()
    assert world.states() == [("unanswered", "resolved")]


def test_the_night_and_the_weekend_are_no_business_hours(world: World) -> None:
    world.clock.instant = AT - timedelta(days=3)  # Friday, 14:00
    world.mail("q", 0, text=ASKS)
    world.clock.instant = AT - timedelta(hours=2)  # Monday, 12:00: four hours and three
    assert world.raised() == []
    world.clock.advance(hours=1)
    assert world.raised() == ["unanswered"]


def test_thanks_wait_for_nobody_until_something_is_asked(world: World) -> None:
    world.mail("thanks", 5, text="Thanks, that was it.")
    assert world.raised() == []
    world.mail("q", 4, text=ASKS)
    assert world.raised() == ["unanswered"]
    assert world.alerts()[0].mail_ids == ("q",)


def test_another_persons_mailbox_that_is_still_read_raises_nothing(world: World) -> None:
    world.mail("q", 4, text=ASKS)
    with world.database.write() as session:
        session.scalars(select(schema.Mailbox).order_by(schema.Mailbox.id)).first().backfill_done_at = None  # type: ignore[union-attr]
    assert world.raised() == []
    world.clock.advance(hours=25)
    with world.database.write() as session:
        session.scalars(select(schema.Mailbox).order_by(schema.Mailbox.id)).first().reading_since = world.clock()  # type: ignore[union-attr]
    assert world.raised() == [], "it still reads"
    world.clock.advance(hours=25)
    assert world.raised() == ["unanswered"], "it is stuck: nobody waits for it any longer"


def test_the_owner(world: World) -> None:
    world.mail("m1", 3, thread="1", words=CANCEL, of=world.luis)
    world.raised()
    assert world.alerts()[0].owner == "luis@leal.example", "the mailbox that holds the mail"
    for named, owner in (("ANA", "ana"), ("luis@leal.example", "luis"), ("Somebody Else", "luis"), ("Ana", "ana")):
        with world.database.write() as session:
            session.get_one(schema.Customer, world.acme.id).owner = named
        world.raised()
        assert world.alerts()[0].owner == f"{owner}@leal.example", named


@pytest.mark.timeout(60)
def test_several_at_once_open_one(world: World) -> None:
    world.mail("m1", 3, words=CANCEL, text=ASKS)
    start, found, failures = threading.Barrier(4), list[str](), list[BaseException]()

    def act() -> None:
        try:
            start.wait()
            found.extend(world.raised(score=40.0, previous=80.0))
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(found) == ["drop", "keyword", "threshold", "unanswered"]
    assert len(world.alerts()) == 4


def test_a_second_one_of_the_same_episode_is_refused_by_the_database(world: World) -> None:
    """What a process sees that read the episodes before another one opened it."""
    world.mail("m1", 3, words=CANCEL)
    condition = Condition(kind="keyword", opens=True, facts={"conditional": False}, mail_ids=("m1",), term="cancel")
    with world.database.write() as session:
        first = _open(session, world.workspace, world.acme, "cancel m1", condition, AT)
        assert first is not None
        assert _open(session, world.workspace, world.acme, "cancel m1", condition, AT) is None
        assert session.scalars(select(schema.Alert.id)).all() == [first], "and the transaction goes on"


def test_the_refresh_of_health_raises_and_a_binned_mail_ends(world: World) -> None:
    world.mail("m1", 3, words=CANCEL)
    Refresher(world.database, world.clock).run()
    assert world.states() == [("keyword", "open")]
    world.forget("m1")
    Refresher(world.database, world.clock).run()
    assert world.states() == [("keyword", "resolved")]


def test_an_alert_holds_no_text_and_goes_with_its_customer(world: World) -> None:
    world.mail("m1", 3, words=CANCEL, text=ASKS)
    world.raised()
    with world.database.read() as session:
        rows = session.execute(select(schema.Alert.__table__)).all()
        assert not [row for row in rows if "SECRET" in str(row) or ASKS in str(row) or "Subject" in str(row)]
        items = alerts_of(session, world.workspace, world.acme.id, AT - timedelta(days=1), AT + timedelta(days=1))
        assert [held.at for held in items] == [AT, AT]
        assert items[0].text == "Critical word: A critical word in a mail from Acme: cancel."
        assert alerts_of(session, world.workspace, world.acme.id, AT + timedelta(seconds=1), None) == ()
    with world.database.write() as session:
        alert = session.scalars(select(schema.Alert)).first()
        assert alert is not None
        session.add(schema.AlertDelivery(alert_id=alert.id, occasion="opened", state="posted", claimed_at=AT))
        session.flush()
        remove_customer(session, world.workspace, "Acme")
    with world.database.read() as session:
        for table in (schema.Alert, schema.AlertDelivery):
            assert session.scalar(select(func.count()).select_from(table)) == 0
