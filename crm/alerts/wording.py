"""What alerts say, in English, Spanish and Portuguese: why, and the numbers. Never the text of a mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm.alerts.rules import Kind
from crm.health.wording import Language, hours, number, part_name, term_name

_TITLES: Mapping[Kind, Mapping[Language, str]] = {
    "drop": {"en": "Sharp drop", "es": "Caída brusca", "pt": "Queda brusca"},
    "threshold": {"en": "Low score", "es": "Puntuación baja", "pt": "Pontuação baixa"},
    "negative": {"en": "Negative mails in a row", "es": "Correos negativos seguidos", "pt": "E-mails negativos seguidos"},
    "silence": {"en": "Silence", "es": "Silencio", "pt": "Silêncio"},
    "keyword": {"en": "Critical word", "es": "Palabra crítica", "pt": "Palavra crítica"},
    "unanswered": {"en": "Unanswered", "es": "Sin respuesta", "pt": "Sem resposta"},
}  # fmt: skip
_SENTENCES: Mapping[str, Mapping[Language, str]] = {
    "drop": {
        "en": "The health of {customer} fell {points} points in 7 days, from {before} to {now} (limit: {limit}).",
        "es": "La salud de {customer} bajó {points} puntos en 7 días, de {before} a {now} (límite: {limit}).",
        "pt": "A saúde de {customer} desceu {points} pontos em 7 dias, de {before} para {now} (limite: {limit}).",
    },
    "threshold": {
        "en": "The health of {customer} is {now} of 100, below {limit}.",
        "es": "La salud de {customer} es {now} de 100, por debajo de {limit}.",
        "pt": "A saúde de {customer} é {now} de 100, abaixo de {limit}.",
    },
    "part": {
        "en": "What moved it most: {part}.",
        "es": "Lo que más la ha movido: {part}.",
        "pt": "O que mais a moveu: {part}.",
    },
    "negative": {
        "en": "The last {mails} mails from {customer} are negative.",
        "es": "Los últimos {mails} correos de {customer} son negativos.",
        "pt": "Os últimos {mails} e-mails de {customer} são negativos.",
    },
    "silence": {
        "en": "No mail from {customer} for {days} days (limit: {limit}).",
        "es": "Ningún correo de {customer} desde hace {days} días (límite: {limit}).",
        "pt": "Nenhum e-mail de {customer} há {days} dias (limite: {limit}).",
    },
    "keyword": {
        "en": "A critical word in a mail from {customer}: {term}.",
        "es": "Una palabra crítica en un correo de {customer}: {term}.",
        "pt": "Uma palavra crítica num e-mail de {customer}: {term}.",
    },
    "conditional": {
        "en": "It depends on a condition: what could happen, not what is decided.",
        "es": "Depende de una condición: lo que podría pasar, no lo decidido.",
        "pt": "Depende de uma condição: o que poderia acontecer, não o decidido.",
    },
    "unanswered": {
        "en": "{customer} asked something and has waited {hours} for our answer (limit: {limit}).",
        "es": "{customer} pidió algo y espera nuestra respuesta desde hace {hours} (límite: {limit}).",
        "pt": "{customer} pediu algo e espera a nossa resposta há {hours} (limite: {limit}).",
    },
}  # fmt: skip


def title(kind: Kind, language: Language) -> str:
    """The kind of an alert, as the head of it."""
    return _TITLES[kind][language]


def explain(kind: Kind, customer: str, term: str, facts: Mapping[str, Any], language: Language) -> str:
    """Why the alert was raised, with its numbers as they were then."""
    limit = facts.get("limit", 0)
    match kind:
        case "drop":
            said = _say(
                "drop", language, customer=customer, points=number(facts["points"], language),
                before=number(facts["before"], language), now=number(facts["now"], language),
                limit=number(limit, language),
            )  # fmt: skip
            return _with_part(said, facts, language)
        case "threshold":
            now = number(facts["now"], language)
            said = _say("threshold", language, customer=customer, now=now, limit=number(limit, language))
            return _with_part(said, facts, language)
        case "keyword":
            said = _say("keyword", language, customer=customer, term=term_name(term, language))
            return f"{said} {_say('conditional', language)}" if facts.get("conditional") else said
        case "unanswered":
            waited, most = hours(facts["hours"], language), number(limit, language)
            return _say("unanswered", language, customer=customer, hours=waited, limit=most)
        case _:
            return _say(kind, language, customer=customer, **facts)


def _with_part(said: str, facts: Mapping[str, Any], language: Language) -> str:
    part = facts.get("part")
    return f"{said} {_say('part', language, part=part_name(part, language))}" if part else said


def _say(sentence: str, language: Language, **values: Any) -> str:
    return _SENTENCES[sentence][language].format(**values)
