"""Places to fill in a saved prompt: {customer}, {person}, {period}, or any word of one's own."""

from __future__ import annotations

import re
from collections.abc import Mapping

from crm.errors import InputError
from crm.signals.language import Language

_PLACE = re.compile(r"\{\s*([^\W\d]\w{0,29})\s*\}")
_WHICH = {
    "customer": "customer", "cliente": "customer",
    "person": "person", "contact": "person", "persona": "person", "contacto": "person", "pessoa": "person", "contato": "person",
    "period": "period", "periodo": "period", "período": "period",
}  # fmt: skip
PERIODS: dict[Language, tuple[str, ...]] = {
    "en": ("this week", "last week", "this month", "last month", "the last 30 days", "this quarter"),
    "es": ("esta semana", "la semana pasada", "este mes", "el mes pasado", "los últimos 30 días", "este trimestre"),
    "pt": ("esta semana", "a semana passada", "este mês", "o mês passado", "os últimos 30 dias", "este trimestre"),
}


def places(text: str) -> tuple[str, ...]:
    """The names to ask for, each once, in the order of the text."""
    return tuple(dict.fromkeys(found.lower() for found in _PLACE.findall(text)))


def kind(name: str) -> str:
    """customer | person | period, in whichever language the place is named; "" for a word of one's own."""
    return _WHICH.get(name, "")


def filled(text: str, values: Mapping[str, str]) -> str:
    """The question. Values go in as they are and are not looked at again. Raises `InputError` naming what is missing."""
    given = {name.strip().lower(): " ".join(value.split()) for name, value in values.items()}
    missing = [name for name in places(text) if not given.get(name)]
    if missing:
        raise InputError(
            missing[0],
            sentence=f"The prompt asks for {', '.join(missing)}.",
            next_step=f"Give a value, as in --set {missing[0]}=…",
        )
    unknown = [name for name in given if name not in places(text)]
    if unknown:
        raise InputError(unknown[0], sentence=f"The prompt has no place called “{unknown[0]}”.")
    return _PLACE.sub(lambda found: given[found[1].lower()], text)
