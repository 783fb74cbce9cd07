"""The line or block that a mail program writes above the mail it quotes, in the writer's language.

Shapes as observed in mails of Gmail, Outlook, Apple Mail and Thunderbird with English, Spanish and Portuguese
interfaces; all times are the wall clock of the instants given.
"""

from dataclasses import dataclass
from datetime import datetime

from sandbox.scenario.people import Person
from sandbox.scenario.story import Client, Language

_WEEKDAYS: dict[Language, tuple[str, ...]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    "pt": (
        "segunda-feira",
        "terça-feira",
        "quarta-feira",
        "quinta-feira",
        "sexta-feira",
        "sábado",
        "domingo",
    ),
}
_MONTHS: dict[Language, tuple[str, ...]] = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "es": (
        *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
        *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    ),
    "pt": (
        *("janeiro", "fevereiro", "março", "abril", "maio", "junho"),
        *("julho", "agosto", "setembro", "outubro", "novembro", "dezembro"),
    ),
}
_LABELS: dict[Language, tuple[str, str, str, str, str]] = {
    "en": ("From", "Sent", "To", "Cc", "Subject"),
    "es": ("De", "Enviado", "Para", "CC", "Asunto"),
    "pt": ("De", "Enviado", "Para", "Cc", "Assunto"),
}
# {w}/{m}: short weekday and month, {d}: day, {y}: year, {t}: time, {n} and {e}: name and address
_GMAIL: dict[Language, str] = {
    "en": "On {w}, {d} {m} {y} at {t}, {n} <{e}> wrote:",
    "es": "El {w}, {d} {m} {y} a las {t}, {n} (<{e}>) escribió:",
    "pt": "Em {w}., {d} de {m}. de {y} às {t}, {n} <{e}> escreveu:",
}
_APPLE: dict[Language, str] = {
    "en": "On {d} {m} {y}, at {t}, {n} <{e}> wrote:",
    "es": "El {d} {m} {y}, a las {t}, {n} <{e}> escribió:",
    "pt": "Em {d} de {m}. de {y}, à(s) {t}, {n} <{e}> escreveu:",
}
_THUNDERBIRD: dict[Language, str] = {
    "en": "On {num:%d/%m/%Y} {t}, {n} wrote:",
    "es": "El {num.day}/{num.month}/{num:%y} a las {t}, {n} escribió:",
    "pt": "Em {num:%d/%m/%Y} {t}, {n} escreveu:",
}


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The headers of the quoted mail, as far as programs repeat them."""

    sender: Person
    to: tuple[Person, ...]
    cc: tuple[Person, ...]
    sent: datetime
    subject: str


def attribution(origin: Origin, client: Client, language: Language) -> str:
    """The one line of Gmail, Apple (phone included) and Thunderbird."""
    forms = {"apple": _APPLE, "mobile": _APPLE, "thunderbird": _THUNDERBIRD}.get(client, _GMAIL)
    sent = origin.sent
    return forms[language].format(
        w=_WEEKDAYS[language][sent.weekday()][:3],
        m=_short_month(sent, language),
        d=sent.day,
        y=sent.year,
        t=_clock(sent, client, language),
        n=origin.sender.name,
        e=origin.sender.email,
        num=sent,
    )


def header_block(origin: Origin, language: Language) -> list[tuple[str, str]]:
    """The labelled lines of Outlook, as (label, value); Cc only when there is one."""
    from_label, sent_label, to_label, cc_label, subject_label = _LABELS[language]
    lines = [
        (from_label, f"{origin.sender.name} <{origin.sender.email}>"),
        (sent_label, _long_date(origin.sent, language)),
        (to_label, _people(origin.to)),
        (cc_label, _people(origin.cc)),
        (subject_label, origin.subject),
    ]
    return [line for line in lines if line[1]]


def _people(people: tuple[Person, ...]) -> str:
    return "; ".join(f"{person.name} <{person.email}>" for person in people)


def _short_month(sent: datetime, language: Language) -> str:
    return "sept" if language == "es" and sent.month == 9 else _MONTHS[language][sent.month - 1][:3]


def _clock(sent: datetime, client: Client, language: Language) -> str:
    # Spanish Thunderbird and Gmail write the hour without a leading zero, the others with it.
    if language == "es" and client in ("gmail", "thunderbird"):
        return f"{sent.hour}:{sent.minute:02d}"
    return f"{sent:%H:%M}"


def _long_date(sent: datetime, language: Language) -> str:
    weekday, month = _WEEKDAYS[language][sent.weekday()], _MONTHS[language][sent.month - 1]
    if language == "en":
        half = "AM" if sent.hour < 12 else "PM"
        return f"{weekday}, {month} {sent.day}, {sent.year} {sent.hour % 12 or 12}:{sent:%M} {half}"
    return f"{weekday}, {sent.day} de {month} de {sent.year} {sent.hour}:{sent.minute:02d}"
