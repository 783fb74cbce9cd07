"""Business hours with the workspace's opening times and public holidays."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.health.calendar import Calendar, country_of, known_country
from tests.crm.health.builders import MADRID, UTC_DAYS

SPAIN = Calendar(zone=MADRID, country="ES")
# 9:30–14:00, Sunday to Thursday, without holidays.
SHORT = Calendar(zone=UTC_DAYS.zone, opens=time(9, 30), closes=time(14), weekdays=frozenset({6, 0, 1, 2, 3}))


def _madrid(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MADRID)


@pytest.mark.parametrize(
    ("calendar", "start", "end", "expected"),
    [
        # Monday 12 October 2026 is the Fiesta Nacional: Friday 17–18 and Tuesday 9–10.
        (SPAIN, "2026-10-09 17:00", "2026-10-13 10:00", 2.0),
        (Calendar(zone=MADRID), "2026-10-09 17:00", "2026-10-13 10:00", 11.0),  # the same without holidays: 9 more
        (SPAIN, "2026-10-12 09:00", "2026-10-12 18:00", 0.0),
        # 31 December 2026 (Thursday) 17–18; 1 January is a holiday, then the weekend; Monday 4 January 9–11.
        (SPAIN, "2026-12-31 17:00", "2027-01-04 11:00", 3.0),
        (Calendar(zone=MADRID, country="ES-CT"), "2026-09-11 09:00", "2026-09-11 18:00", 0.0),  # Diada, Catalonia
        (SPAIN, "2026-09-11 09:00", "2026-09-11 18:00", 9.0),
    ],
)
def test_public_holidays_are_no_business_days(calendar: Calendar, start: str, end: str, expected: float) -> None:
    assert calendar.hours(_madrid(start), _madrid(end)) == pytest.approx(expected)


def test_the_workspaces_own_days_and_hours() -> None:
    friday, sunday = datetime(2026, 6, 12, 8, tzinfo=UTC), datetime(2026, 6, 14, 12, tzinfo=UTC)
    # Friday and Saturday are off; Sunday 9:30–12:00.
    assert SHORT.hours(friday, sunday) == pytest.approx(2.5)


def test_hours_of_a_year_and_more() -> None:
    # 2026 has 261 days from Monday to Friday, of 9 hours each.
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert UTC_DAYS.hours(start, datetime(2027, 1, 1, tzinfo=UTC)) == 261 * 9
    # 2024 has 262, 2025 has 261.
    assert UTC_DAYS.hours(datetime(2024, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)) == (262 + 261 + 261) * 9


def test_after_eight_business_hours() -> None:
    # Friday 16:00: two hours are left of it, Monday 12 October is a holiday, six hours of Tuesday: 15:00.
    assert SPAIN.after(_madrid("2026-10-09 16:00"), 8) == _madrid("2026-10-13 15:00")
    # Before opening: the clock starts at 9.
    assert SPAIN.after(_madrid("2026-10-14 06:00"), 8) == _madrid("2026-10-14 17:00")


@given(
    start=st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC)),
    hours=st.integers(1, 400).map(lambda quarters: quarters / 4),
    calendar=st.sampled_from([SPAIN, SHORT, UTC_DAYS, Calendar(zone=ZoneInfo("America/Sao_Paulo"), country="BR")]),
)
def test_after_and_hours_are_each_others_inverse(start: datetime, hours: float, calendar: Calendar) -> None:
    end = calendar.after(start, hours)
    assert calendar.hours(start, end) == pytest.approx(hours)
    # It is the first such instant: a minute before it was less.
    assert calendar.hours(start, end - timedelta(minutes=1)) < hours


def test_the_country_of_a_time_zone() -> None:
    assert country_of("Europe/Madrid") == country_of("Atlantic/Canary") == "ES"
    assert (country_of("America/Sao_Paulo"), country_of("Europe/Lisbon")) == ("BR", "PT")
    assert (country_of("UTC"), country_of("Etc/GMT+3")) == ("", "")
    assert known_country("ES") and known_country("ES-MD") and not known_country("ES-XX") and not known_country("QQ")


def test_the_end_of_a_day_is_the_zones_midnight() -> None:
    assert SPAIN.end_of(date(2026, 6, 15)) == datetime(2026, 6, 15, 22, tzinfo=UTC)
    assert SPAIN.day_of(datetime(2026, 6, 15, 22, tzinfo=UTC)) == date(2026, 6, 16)
