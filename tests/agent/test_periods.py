"""The period a question names. Today is Wednesday, 18 November 2026, in Madrid."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from agent.periods import Period, find
from agent.scope import flatten
from crm.signals.language import Language

MADRID = ZoneInfo("Europe/Madrid")
TODAY = date(2026, 11, 18)


def period_of(language: Language, question: str, zone: ZoneInfo = MADRID, today: date = TODAY) -> Period | None:
    found = find(question, flatten(question), today=today, zone=zone, language=language)
    return None if found is None else found[0]


def days(period: Period, zone: ZoneInfo = MADRID) -> tuple[str, str]:
    """First day, and the day after the last one, on a calendar of the zone; "" for no limit."""
    since, until = (at.astimezone(zone) if at else None for at in (period.since, period.until))
    assert all(at is None or (at.hour, at.minute) == (0, 0) for at in (since, until))
    return (since.date().isoformat() if since else "", until.date().isoformat() if until else "")


# language, question, since, until, label
CASES: list[tuple[Language, str, str, str, str]] = [
    # Days
    ("en", "What came in today?", "2026-11-18", "2026-11-19", "today"),
    ("es", "¿Qué llegó hoy?", "2026-11-18", "2026-11-19", "hoy"),
    ("pt", "O que chegou hoje?", "2026-11-18", "2026-11-19", "hoje"),
    ("en", "Who wrote yesterday?", "2026-11-17", "2026-11-18", "yesterday"),
    ("es", "¿Quién escribió ayer?", "2026-11-17", "2026-11-18", "ayer"),
    ("pt", "Quem escreveu ontem?", "2026-11-17", "2026-11-18", "ontem"),
    ("en", "mails of the day before yesterday", "2026-11-16", "2026-11-17", "the day before yesterday"),
    ("es", "¿qué llegó anteayer?", "2026-11-16", "2026-11-17", "anteayer"),
    ("pt", "o que chegou anteontem?", "2026-11-16", "2026-11-17", "anteontem"),
    # Calendar units: weeks start on Monday
    ("en", "Did anybody cancel this week?", "2026-11-16", "2026-11-23", "this week"),
    ("es", "¿Alguien canceló esta semana?", "2026-11-16", "2026-11-23", "esta semana"),
    ("pt", "Alguém cancelou nesta semana?", "2026-11-16", "2026-11-23", "nesta semana"),
    ("pt", "Alguém cancelou essa semana?", "2026-11-16", "2026-11-23", "essa semana"),
    ("en", "What happened last week?", "2026-11-09", "2026-11-16", "last week"),
    ("es", "¿Qué pasó la semana pasada?", "2026-11-09", "2026-11-16", "la semana pasada"),
    ("pt", "O que aconteceu na semana passada?", "2026-11-09", "2026-11-16", "na semana passada"),
    ("en", "in the current month", "2026-11-01", "2026-12-01", "in the current month"),
    ("en", "last month", "2026-10-01", "2026-11-01", "last month"),
    ("es", "el mes pasado", "2026-10-01", "2026-11-01", "el mes pasado"),
    ("es", "el pasado mes", "2026-10-01", "2026-11-01", "el pasado mes"),
    ("pt", "no mês passado", "2026-10-01", "2026-11-01", "no mês passado"),
    ("en", "this quarter", "2026-10-01", "2027-01-01", "this quarter"),
    ("es", "el trimestre pasado", "2026-07-01", "2026-10-01", "el trimestre pasado"),
    ("pt", "neste trimestre", "2026-10-01", "2027-01-01", "neste trimestre"),
    ("en", "last year", "2025-01-01", "2026-01-01", "last year"),
    ("es", "este año", "2026-01-01", "2027-01-01", "este año"),
    ("pt", "o ano passado", "2025-01-01", "2026-01-01", "o ano passado"),
    # Trailing periods reach to the end of today
    ("en", "in the last 30 days", "2026-10-19", "2026-11-19", "in the last 30 days"),
    ("en", "over the past two weeks", "2026-11-04", "2026-11-19", "over the past two weeks"),
    ("en", "the past week", "2026-11-11", "2026-11-19", "the past week"),
    ("en", "over the last week", "2026-11-11", "2026-11-19", "over the last week"),
    ("en", "in the last couple of months", "2026-09-18", "2026-11-19", "in the last couple of months"),
    ("en", "the last few days", "2026-11-11", "2026-11-19", "the last few days"),
    ("es", "en los últimos 30 días", "2026-10-19", "2026-11-19", "en los últimos 30 días"),
    ("es", "las últimas dos semanas", "2026-11-04", "2026-11-19", "las últimas dos semanas"),
    ("es", "las dos últimas semanas", "2026-11-04", "2026-11-19", "las dos últimas semanas"),
    ("es", "en el último mes", "2026-10-18", "2026-11-19", "en el último mes"),
    ("es", "en los últimos días", "2026-11-11", "2026-11-19", "en los últimos días"),
    ("pt", "nos últimos 3 meses", "2026-08-18", "2026-11-19", "nos últimos 3 meses"),
    ("pt", "as últimas duas semanas", "2026-11-04", "2026-11-19", "as últimas duas semanas"),
    ("pt", "na última semana", "2026-11-11", "2026-11-19", "na última semana"),
    ("en", "Who complained recently?", "2026-10-19", "2026-11-19", "recently"),
    ("es", "¿Quién se ha quejado últimamente?", "2026-10-19", "2026-11-19", "últimamente"),
    ("pt", "Quem reclamou recentemente?", "2026-10-19", "2026-11-19", "recentemente"),
    # Ago
    ("en", "3 days ago", "2026-11-15", "2026-11-16", "3 days ago"),
    ("en", "a week ago", "2026-11-09", "2026-11-16", "a week ago"),
    ("es", "hace dos meses", "2026-09-01", "2026-10-01", "hace dos meses"),
    ("pt", "há 3 dias", "2026-11-15", "2026-11-16", "há 3 dias"),
    ("pt", "duas semanas atrás", "2026-11-02", "2026-11-09", "duas semanas atrás"),
    ("es", "desde hace tres semanas", "2026-10-26", "", "desde hace tres semanas"),
    # Since, after, before, until
    ("en", "everything since March", "2026-03-01", "", "since March"),
    ("es", "todo desde marzo", "2026-03-01", "", "desde marzo"),
    ("pt", "tudo desde março", "2026-03-01", "", "desde março"),
    ("pt", "tudo desde marco", "2026-03-01", "", "desde marco"),
    ("es", "a partir de octubre", "2026-10-01", "", "a partir de octubre"),
    ("pt", "a partir de outubro", "2026-10-01", "", "a partir de outubro"),
    ("en", "since December", "2025-12-01", "", "since December"),
    ("en", "since 3 November", "2026-11-03", "", "since 3 November"),
    ("en", "since November 3rd", "2026-11-03", "", "since November 3rd"),
    ("es", "desde el 3 de noviembre", "2026-11-03", "", "desde el 3 de noviembre"),
    ("pt", "desde 1º de novembro", "2026-11-01", "", "desde 1º de novembro"),
    ("en", "since last Monday", "2026-11-16", "", "since last Monday"),
    ("es", "desde el lunes pasado", "2026-11-16", "", "desde el lunes pasado"),
    ("pt", "desde segunda-feira", "2026-11-16", "", "desde segunda-feira"),
    ("pt", "desde segunda", "2026-11-16", "", "desde segunda"),
    ("en", "since yesterday", "2026-11-17", "", "since yesterday"),
    ("en", "since last month", "2026-10-01", "", "since last month"),
    ("es", "desde principios de año", "2026-01-01", "", "desde principios de año"),
    ("en", "since the beginning of the month", "2026-11-01", "", "since the beginning of the month"),
    ("pt", "desde o início do ano", "2026-01-01", "", "desde o início do ano"),
    ("en", "before October", "", "2026-10-01", "before October"),
    ("es", "antes del 5 de octubre", "", "2026-10-05", "antes del 5 de octubre"),
    ("pt", "antes de outubro", "", "2026-10-01", "antes de outubro"),
    ("en", "after 3 November 2026", "2026-11-04", "", "after 3 November 2026"),
    ("es", "después del 3 de noviembre", "2026-11-04", "", "después del 3 de noviembre"),
    ("pt", "até ontem", "", "2026-11-18", "até ontem"),
    ("es", "hasta octubre", "", "2026-11-01", "hasta octubre"),
    # Months, quarters, years: the latest that has begun
    ("en", "in October", "2026-10-01", "2026-11-01", "in October"),
    ("es", "en octubre", "2026-10-01", "2026-11-01", "en octubre"),
    ("pt", "em outubro", "2026-10-01", "2026-11-01", "em outubro"),
    ("en", "in November", "2026-11-01", "2026-12-01", "in November"),
    ("en", "in December", "2025-12-01", "2026-01-01", "in December"),
    ("en", "in March 2025", "2025-03-01", "2025-04-01", "in March 2025"),
    ("es", "en marzo de 2025", "2025-03-01", "2025-04-01", "en marzo de 2025"),
    ("pt", "em março do ano passado", "2025-03-01", "2025-04-01", "em março do ano passado"),
    ("en", "last March", "2026-03-01", "2026-04-01", "last March"),
    ("es", "los correos de octubre", "2026-10-01", "2026-11-01", "de octubre"),
    ("en", "in Q3", "2026-07-01", "2026-10-01", "in Q3"),
    ("es", "en el tercer trimestre", "2026-07-01", "2026-10-01", "en el tercer trimestre"),
    ("pt", "no primeiro trimestre de 2025", "2025-01-01", "2025-04-01", "no primeiro trimestre de 2025"),
    ("en", "during 2025", "2025-01-01", "2026-01-01", "during 2025"),
    # Explicit days
    ("en", "on 2026-11-03", "2026-11-03", "2026-11-04", "on 2026-11-03"),
    ("en", "on 3/11/2026", "2026-11-03", "2026-11-04", "on 3/11/2026"),
    ("en", "on 11/13/2026", "2026-11-13", "2026-11-14", "on 11/13/2026"),
    ("es", "el 3/11/2026", "2026-11-03", "2026-11-04", "el 3/11/2026"),
    ("pt", "em 03.11.26", "2026-11-03", "2026-11-04", "em 03.11.26"),
    ("es", "el 3/11", "2026-11-03", "2026-11-04", "el 3/11"),
    ("es", "el 3 nov", "2026-11-03", "2026-11-04", "el 3 nov"),
    ("en", "on the 3rd of November", "2026-11-03", "2026-11-04", "on the 3rd of November"),
    ("en", "on December 24", "2025-12-24", "2025-12-25", "on December 24"),
    ("en", "on the 3rd", "2026-11-03", "2026-11-04", "on the 3rd"),
    ("es", "el día 20", "2026-10-20", "2026-10-21", "el día 20"),
    ("pt", "no dia 3", "2026-11-03", "2026-11-04", "no dia 3"),
    # Weekdays: the latest up to today
    ("en", "on Tuesday", "2026-11-17", "2026-11-18", "on Tuesday"),
    ("es", "el martes", "2026-11-17", "2026-11-18", "el martes"),
    ("pt", "na terça", "2026-11-17", "2026-11-18", "na terça"),
    ("pt", "na terça-feira passada", "2026-11-17", "2026-11-18", "na terça-feira passada"),
    ("en", "on Wednesday", "2026-11-18", "2026-11-19", "on Wednesday"),
    ("en", "last Wednesday", "2026-11-11", "2026-11-12", "last Wednesday"),
    ("es", "el jueves", "2026-11-12", "2026-11-13", "el jueves"),
    ("pt", "no sábado", "2026-11-14", "2026-11-15", "no sábado"),
    # From one to another
    ("en", "between March and May", "2026-03-01", "2026-06-01", "between March and May"),
    ("en", "between November and February", "2025-11-01", "2026-03-01", "between November and February"),
    ("es", "entre marzo y mayo", "2026-03-01", "2026-06-01", "entre marzo y mayo"),
    ("pt", "entre março e maio", "2026-03-01", "2026-06-01", "entre março e maio"),
    ("en", "from 3 to 10 November", "2026-11-03", "2026-11-11", "from 3 to 10 November"),
    ("es", "del 3 al 10 de noviembre", "2026-11-03", "2026-11-11", "del 3 al 10 de noviembre"),
    ("pt", "de 3 a 10 de novembro", "2026-11-03", "2026-11-11", "de 3 a 10 de novembro"),
    (
        "es",
        "desde el 1 de octubre hasta ayer",
        "2026-10-01",
        "2026-11-18",
        "desde el 1 de octubre hasta ayer",
    ),
    (
        "en",
        "between 2026-10-01 and 2026-10-15",
        "2026-10-01",
        "2026-10-16",
        "between 2026-10-01 and 2026-10-15",
    ),
    ("en", "from Thursday to Monday", "2026-11-12", "2026-11-17", "from Thursday to Monday"),
    ("en", "compare last month with this month", "2026-10-01", "2026-12-01", "last month with this month"),
    # Only a mail can tell
    ("en", "What changed since the kickoff?", "", "", "since the kickoff"),
    ("es", "¿Qué ha cambiado desde la última reunión?", "", "", "desde la última reunión"),
    ("pt", "O que mudou desde o kickoff?", "", "", "desde o kickoff"),
    ("en", "since the kickoff call about pricing", "", "", "since the kickoff call"),
]


@pytest.mark.parametrize(("language", "question", "since", "until", "label"), CASES)
def test_period(language: Language, question: str, since: str, until: str, label: str) -> None:
    period = period_of(language, question)
    assert period is not None
    assert (*days(period), period.label) == (since, until, label)


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "May I see what Acme wrote?"),
        ("en", "They may cancel"),
        ("en", "Customers may 3 times refuse"),
        ("en", "Where do we march next?"),
        ("en", "the second email about onboarding"),
        ("en", "Is the sun logo in the deck?"),
        ("en", "5 out of 10 seats"),
        ("en", "the last 5 emails"),
        ("en", "the March invoice"),
        ("en", "the 24/7 support offer"),
        ("en", "the owner of the Q3 roadmap"),
        ("en", "renewal next month"),
        ("en", "since they signed"),
        ("en", "version 2026"),
        ("en", "31 February"),
        ("es", "la reserva en el mar"),
        ("es", "la segunda propuesta"),
        ("es", "¿qué dijo Marco?"),
        ("es", "los correos de Marco"),
        ("es", "el martes que viene"),
        ("es", "la próxima semana"),
        ("es", "los últimos 5 correos"),
        ("pt", "na segunda reunião"),
        ("pt", "na quarta proposta"),
        ("pt", "o mar de dados"),
        ("pt", "os últimos 5 e-mails"),
        ("pt", "na próxima terça"),
        ("pt", "e-mails do Marco"),
    ],
)
def test_no_period(language: Language, question: str) -> None:
    assert period_of(language, question) is None


def test_days_are_those_of_the_zone() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    period = period_of("en", "today", zone=tokyo)
    assert period == Period(
        since=datetime(2026, 11, 17, 15, tzinfo=UTC),
        until=datetime(2026, 11, 18, 15, tzinfo=UTC),
        label="today",
    )


def test_a_day_may_have_25_hours() -> None:
    period = period_of("es", "el 25 de octubre")
    assert period is not None and period.since is not None and period.until is not None
    assert (period.until - period.since).total_seconds() == 25 * 3600


@pytest.mark.parametrize(
    ("today", "question", "since"),
    [
        (date(2026, 3, 31), "last month", "2026-02-01"),
        (date(2026, 3, 31), "in the last 1 month", "2026-02-28"),
        (date(2026, 1, 1), "last quarter", "2025-10-01"),
        (date(2024, 2, 29), "in the last 4 years", "2020-02-29"),
        (date(2026, 1, 1), "last week", "2025-12-22"),
    ],
)
def test_ends_of_months_and_years(today: date, question: str, since: str) -> None:
    period = period_of("en", question, today=today)
    assert period is not None
    assert days(period)[0] == since
