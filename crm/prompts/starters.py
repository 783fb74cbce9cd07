"""Prompts to begin with, the same seven in three languages."""

from __future__ import annotations

from dataclasses import dataclass

from crm.signals.language import Language


@dataclass(frozen=True, kw_only=True)
class Starter:
    language: Language
    name: str
    text: str


def _of(language: Language, *prompts: tuple[str, str]) -> tuple[Starter, ...]:
    return tuple(Starter(language=language, name=name, text=text) for name, text in prompts)


STARTERS: tuple[Starter, ...] = (
    *_of(
        "en",
        ("Before a call", "Summarize the last 5 emails with {customer}."),
        ("What is open", "What is open with {customer}?"),
        ("Renewal", "What was discussed with {customer} about renewal?"),
        ("Who waits for us", "Who waits for our answer?"),
        ("Cancellations", "Did any customer mention “cancel” {period}?"),
        ("Health", "How is {customer} doing?"),
        ("Thank and ask for a referral",
         "Write a reply to {person}'s last email thanking them for the feedback and asking to refer a case."),
    ),
    *_of(
        "es",
        ("Antes de una llamada", "Resume los últimos 5 correos con {cliente}."),
        ("Qué está pendiente", "¿Qué está pendiente con {cliente}?"),
        ("Renovación", "¿Qué se ha hablado con {cliente} sobre la renovación?"),
        ("Quién nos espera", "¿Quién espera nuestra respuesta?"),
        ("Cancelaciones", "¿Algún cliente habló de cancelar {periodo}?"),
        ("Salud", "¿Cómo está {cliente}?"),
        ("Agradecer y pedir una referencia",
         "Escribe una respuesta al último correo de {persona} agradeciendo sus comentarios y pidiendo que nos refiera un caso."),
    ),
    *_of(
        "pt",
        ("Antes de uma chamada", "Resuma os últimos 5 e-mails com {cliente}."),
        ("O que está pendente", "O que está pendente com {cliente}?"),
        ("Renovação", "O que foi discutido com {cliente} sobre a renovação?"),
        ("Quem espera por nós", "Quem espera a nossa resposta?"),
        ("Cancelamentos", "Algum cliente falou em cancelar {período}?"),
        ("Saúde", "Como está {cliente}?"),
        ("Agradecer e pedir uma indicação",
         "Escreva uma resposta ao último e-mail de {pessoa} agradecendo o retorno e pedindo que nos indique um caso."),
    ),
)  # fmt: skip
