"""The preview says what the alerts would have been, by the very same rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from crm import schema
from crm.alerts.preview import preview
from crm.alerts.rules import Rules
from crm.refresh import Refresher
from tests.crm.alerts.conftest import AT, World

BY_MAIL = Rules(off=frozenset({"drop", "threshold"}))
ASKS = "Could you send us the contract?"


def look(world: World, rules: Rules = BY_MAIL, days: int = 90) -> list[tuple[str, str, str]]:
    with world.database.read() as session:
        found = preview(session, world.workspace, rules, world.clock(), days=days)
    return [(held.kind, held.term, f"{held.at:%m-%d %H:%M}") for held in found.fired]


def story(world: World) -> None:
    """A question answered late, a threat told twice, a mail of praise, and then 50 days of nothing."""
    world.mail("q1", 70.2, thread="a", text=ASKS, tone="neutral")  # Monday 9:12 in Madrid
    world.mail("a1", 66, thread="a", ours=True)
    world.mail("c1", 61, thread="b", tone="negative", words=[("cancel", False, True)])
    world.mail("c2", 60, thread="b", tone="negative", words=[("cancel", False, False)])
    world.mail("r2", 59, thread="b", ours=True)
    world.mail("good", 52, thread="c", tone="positive", text="Thanks!")


def test_the_past_is_told_as_it_was(world: World) -> None:
    story(world)
    assert look(world) == [
        ("unanswered", "", "04-06 15:12"),
        ("keyword", "cancel", "04-15 22:00"),
        ("silence", "", "06-08 22:00"),
    ]
    with world.database.read() as session:
        found = preview(session, world.workspace, BY_MAIL, AT)
        assert session.query(schema.Alert).count() == 0, "nothing is saved"
    assert {kind: count for kind, count in found.by_kind().items() if count} == {
        "keyword": 1, "silence": 1, "unanswered": 1
    }  # fmt: skip
    assert found.by_customer() == {"Acme": 3}
    ends = {held.kind: held.until for held in found.fired}
    assert ends["silence"] is None
    assert ends["unanswered"] == datetime.fromisoformat("2026-04-10T22:00+00:00")
    shown = found.as_json("es")["alerts"][1]["text"]
    assert shown.startswith("Una palabra crítica en un correo de Acme: cancelar. Depende de una condición")


def test_other_rules_are_tried_without_saving_them(world: World) -> None:
    story(world)
    assert look(world, replace(BY_MAIL, off=BY_MAIL.off | {"keyword", "unanswered"}, silence_days=60)) == []
    assert look(world, replace(BY_MAIL, unanswered_hours=100)) == [
        ("keyword", "cancel", "04-15 22:00"), ("silence", "", "06-08 22:00")
    ]  # fmt: skip
    assert ("negative", "", "04-16 22:00") in look(world, replace(BY_MAIL, negative_mails=2))
    scored = [held for held in look(world, Rules()) if held not in look(world)]
    assert [kind for kind, _, _ in scored] == ["threshold", "drop"]


def test_what_held_before_the_period_does_not_count(world: World) -> None:
    story(world)
    assert look(world, days=30) == [("silence", "", "06-08 22:00")]
    assert look(world, days=3) == []


def test_the_preview_is_what_live_alerts_become(world: World) -> None:
    """Day by day with the real refresh, over the same mails, seen at the end of each day: the same alerts."""
    story(world)
    expected = look(world, Rules(), days=75)
    assert len({kind for kind, _, _ in expected}) == 5
    start = AT - timedelta(days=76)
    for day in range(77):
        for hour in (13, 22):  # 15:12 is on the way
            world.clock.instant = min((start + timedelta(days=day)).replace(hour=hour, minute=0), AT)
            Refresher(world.database, world.clock).run()
    live = [(held.kind, held.term) for held in world.alerts()]
    assert live == [(kind, term) for kind, term, _ in expected]
