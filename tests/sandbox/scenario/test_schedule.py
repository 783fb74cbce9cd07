from datetime import UTC, datetime, timedelta
from itertools import pairwise

from sandbox.scenario.schedule import anchor_instant, local_instant, pull_back

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


def test_the_anchor_is_now_a_days_end_or_the_given_instant() -> None:
    assert anchor_instant(None, NOW).isoformat() == "2026-11-03T10:00:00+01:00"
    assert anchor_instant("2026-07-01", NOW).isoformat() == "2026-07-01T18:00:00+02:00"
    assert anchor_instant("2026-07-01T08:30", NOW).isoformat() == "2026-07-01T08:30:00+02:00"
    assert anchor_instant("2026-07-01T08:30:00Z", NOW).isoformat() == "2026-07-01T10:30:00+02:00"


def test_days_count_in_wall_clock_time_across_the_change_of_clocks() -> None:
    anchor = anchor_instant("2026-11-03", NOW)
    assert local_instant(anchor, -10, "09:12").isoformat() == "2026-10-24T09:12:00+02:00"


def test_late_instants_move_before_the_anchor_in_order() -> None:
    anchor = anchor_instant("2026-11-03T10:00", NOW)
    instants = [anchor + timedelta(minutes=minutes) for minutes in (-600, -1, 30, 30, 400)]
    moved = pull_back(instants, anchor)
    assert moved[0] == instants[0]
    assert all(earlier < later for earlier, later in pairwise(moved))
    assert moved[-1] < anchor
