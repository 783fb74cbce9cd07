"""Questions to start with, in three languages, about customers that are really there."""

from __future__ import annotations

from collections.abc import Sequence

from crm.customers import Contact, Customer
from crm.folding import fold


def examples(customers: Sequence[Customer]) -> tuple[str, ...]:
    """Two questions each in English, Spanish and Portuguese."""
    english, spanish, portuguese = (_of_language(customers, code) for code in ("en", "es", "pt"))
    return (
        f"What was discussed with {english.name} about renewal?",
        "Did any customer mention “cancel” this week?",
        f"Resume los últimos 5 correos con {_whom(spanish)}.",
        "¿Algún cliente habló de cancelar este mes?",
        f"Resuma os últimos 5 e-mails com {_whom(portuguese)}.",
        f"Escreva uma resposta ao último e-mail de {_whom(portuguese)} agradecendo o retorno.",
    )


def _of_language(customers: Sequence[Customer], code: str) -> Customer:
    return next((held for held in customers if fold(held.language) == code and held.contacts), customers[0])


def _whom(customer: Customer) -> str:
    contact: Contact | None = customer.champion or next(iter(customer.contacts), None)
    return f"{contact.name} ({customer.name})" if contact and contact.name else customer.name
