"""Response turns and business hours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.health.calendar import Calendar
from crm.health.touches import Touch, conversations
from crm.health.turns import Timing, timing, turns
from tests.crm.health.builders import AT, MADRID, UTC_DAYS, UTC_ZONE, days_before, touch, utc


@pytest.mark.parametrize(
    ("start", "end", "zone", "expected"),
    [
        ("06-12 10:00", "06-12 12:30", UTC_ZONE, 2.5),  # within one Friday
        ("06-12 17:00", "06-15 10:00", UTC_ZONE, 2.0),  # Friday 17–18, weekend, Monday 9–10
        ("06-13 10:00", "06-14 20:00", UTC_ZONE, 0.0),  # Saturday to Sunday
        ("06-13 10:00", "06-15 09:30", UTC_ZONE, 0.5),  # sent on Saturday, the clock starts on Monday at 9
        ("06-11 20:00", "06-12 08:00", UTC_ZONE, 0.0),  # after hours to before hours
        ("06-08 09:00", "06-15 09:00", UTC_ZONE, 45.0),  # a week has 5 × 9
        ("06-12 07:00", "06-12 16:00", MADRID, 9.0),  # summer: 9–18 in Madrid is 7–16 UTC
        ("01-09 08:00", "01-09 17:00", MADRID, 9.0),  # winter: 8–17 UTC
        (
            "03-27 16:00",
            "03-30 08:00",
            MADRID,
            2.0,
        ),  # Friday 17–18 at +1, Monday 9–10 at +2: the change counts once
        ("06-12 12:00", "06-12 10:00", UTC_ZONE, 0.0),  # backwards
    ],
)
def test_business_hours(start: str, end: str, zone: ZoneInfo, expected: float) -> None:
    assert Calendar(zone=zone).hours(utc(start), utc(end)) == pytest.approx(expected)


def test_business_hours_of_local_instants_across_a_clock_change() -> None:
    start = datetime(2026, 3, 27, 17, tzinfo=MADRID)
    assert Calendar(zone=MADRID).hours(start, datetime(2026, 3, 30, 10, tzinfo=MADRID)) == pytest.approx(2.0)


def _found(*touches: Touch) -> list[tuple[str, str | None]]:
    return [(turn.first.id, turn.answer.id if turn.answer else None) for turn in turns(touches)]


def test_a_turn_starts_at_the_first_unanswered_mail() -> None:
    mails = (
        touch("ask", utc("06-08 09:00"), "us"),
        touch("nudge", utc("06-09 09:00"), "us"),
        touch("reply", utc("06-09 12:00")),
        touch("more", utc("06-09 13:00")),
        touch("thanks", utc("06-10 09:00"), "us"),
    )
    # "nudge" and "more" belong to the turns opened by "ask" and "reply"; nobody has answered "thanks".
    assert _found(*mails) == [("ask", "reply"), ("reply", "thanks"), ("thanks", None)]
    assert [turn.answering for turn in turns(mails)] == ["customer", "us", "customer"]
    # "ask" waited Monday 9–18 and Tuesday 9–12: 9 + 3 hours. "thanks" waits since Wednesday 9:00, until
    # Monday 12:00: 27 hours from Wednesday to Friday, 3 on Monday.
    assert [turn.hours(AT, UTC_DAYS) for turn in turns(mails)] == pytest.approx([12.0, 6.0, 30.0])


def test_conversations_do_not_answer_each_other() -> None:
    assert _found(touch("a", utc("06-08 09:00"), "us", thread="one"), touch("b", utc("06-08 10:00"), thread="two")) == [
        ("a", None),
        ("b", None),
    ]


def test_two_mailboxes_hold_one_conversation() -> None:
    base = touch("a", utc("06-08 09:00"), "us")
    mails = [
        Touch(id="a", sent_at=base.sent_at, side="us", sender="x", threads=frozenset({"ana/1", "<a@x>"})),
        Touch(id="c", sent_at=utc("06-08 11:00"), side="us", sender="x", threads=frozenset({"bea/9"})),
        Touch(
            id="b",
            sent_at=utc("06-08 10:00"),
            side="customer",
            sender="y",
            threads=frozenset({"bea/9", "<a@x>"}),
        ),
    ]
    assert [[held.id for held in group] for group in conversations(mails)] == [["a", "b", "c"]]


def test_a_late_mail_joins_two_conversations() -> None:
    mails = [
        touch("a", utc("06-08 09:00"), thread="one"),
        touch("b", utc("06-08 10:00"), thread="two"),
        Touch(id="c", sent_at=AT, side="us", sender="x", threads=frozenset({"one", "two"})),
    ]
    assert [[held.id for held in group] for group in conversations(mails)] == [["a", "b", "c"]]


def test_median_and_90th_percentile_of_answered_turns() -> None:
    # Ten questions on Friday 9:00 in ten threads, answered after 0.5, 1, …, 5 h; an open turn is not timed.
    mails = [touch("open", utc("06-12 09:00"), "us", thread="open")]
    for n in range(1, 11):
        mails.append(touch(f"q{n}", utc("06-12 09:00"), "us", thread=str(n)))
        mails.append(touch(f"a{n}", utc("06-12 09:00") + timedelta(minutes=30 * n), thread=str(n)))
    # Median of the 5th and 6th: (2.5 + 3) / 2. Nearest rank of 90 %: the 9th of 10, 4.5.
    assert timing(turns(mails), AT, UTC_DAYS) == Timing(n=10, median=2.75, mean=2.75, p90=4.5)
    assert timing((), AT, UTC_DAYS) == Timing(n=0, median=None, mean=None, p90=None)


ZONES = st.sampled_from(["UTC", "Europe/Madrid", "America/Sao_Paulo", "Asia/Tokyo", "Pacific/Auckland"]).map(ZoneInfo)
TOUCHES = st.lists(
    st.builds(
        touch,
        st.text("abcdef", min_size=1, max_size=4),
        st.integers(0, 90 * 24 * 60).map(lambda minutes: days_before(minutes / 1440)),
        st.sampled_from(["customer", "us"]),
        thread=st.sampled_from(["one", "two", "three"]),
    ),
    max_size=25,
    unique_by=lambda held: held.id,
)


@given(touches=TOUCHES, zone=ZONES)
def test_another_zone_loses_no_turn_and_keeps_hours_in_bounds(touches: list[Touch], zone: ZoneInfo) -> None:
    found = turns(touches)
    answered = [turn for turn in found if turn.answer]
    assert timing(found, AT, Calendar(zone=zone)).n == timing(found, AT, UTC_DAYS).n == len(answered)
    for turn in answered:
        assert turn.answer is not None
        elapsed = (turn.answer.sent_at - turn.first.sent_at) / timedelta(hours=1)
        assert 0 <= turn.hours(AT, Calendar(zone=zone)) <= elapsed + 1e-9


@given(touches=TOUCHES, data=st.data())
def test_the_order_of_arrival_does_not_matter(touches: list[Touch], data: st.DataObject) -> None:
    assert turns(data.draw(st.permutations(touches))) == turns(touches)


@given(touches=TOUCHES)
def test_every_turn_but_the_last_of_a_conversation_is_answered(touches: list[Touch]) -> None:
    opened = [turn for turn in turns(touches) if turn.answer is None]
    assert len(opened) == len({name for held in touches for name in held.threads})


@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC)),
    first=st.integers(0, 10_000),
    second=st.integers(0, 10_000),
    zone=ZONES,
)
def test_business_hours_add_up(start: datetime, first: int, second: int, zone: ZoneInfo) -> None:
    middle = start + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)
    parts = Calendar(zone=zone).hours(start, middle) + Calendar(zone=zone).hours(middle, end)
    assert Calendar(zone=zone).hours(start, end) == pytest.approx(parts)
