"""Whom "he", "her" or "me escribió" means where nobody was asked about before: the one person that the answer has named."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from agent.wording import flat
from crm.customers import Contact, Customer
from crm.folding import fold
from crm.signals.language import Language

_QUOTED = re.compile(r"“[^”]*”")
_HIM = re.compile(r"\bél\b", re.IGNORECASE)  # without its accent it is an article
_SUBJECT: dict[Language, re.Pattern[str]] = {  # "he" is "I have" in Spanish
    "en": re.compile(r"\b(?:he|she|him)\b", re.IGNORECASE),
    "es": re.compile(r"\b(?:ella|él)\b", re.IGNORECASE),
    "pt": re.compile(r"\b(?:ele|ela)\b", re.IGNORECASE),
}
_ONE = re.compile(
    r"\b(?:he|she|him|her|his|ella|ele|ela|lhe|del[ea]|le)\b"
    r"|\b(?:me|nos)\s+(?:ha\s+)?(?:escri(?:bio|to)|mand(?:o|ado)|dijo|dicho|contest(?:o|ado)|respondi(?:o|do)|pidi(?:o|do)|envi(?:o|ado)"
    r"|escreveu|mandou|disse|respondeu|pediu|enviou)\b"
    r"|\b(?:escrib|respond|contest|pregunt|pid|agradec)\w*le\b"
)


def pronoun_for_one(question: str, language: Language) -> str:
    """The word for one person in a question, whoever that is ("when did she last write?"); "" where there is none."""
    found = _SUBJECT[language].search(question)
    return found[0] if found else ""


def speaks_of_one(question: str) -> bool:
    """Whether a question speaks of one person without a name."""
    return _ONE.search(flat(question)) is not None or _HIM.search(question) is not None


def named_alone(answer: str, customers: Sequence[Customer], within: Collection[int]) -> Contact | None:
    """The one contact whom an answer of one line names beside what it quotes, of the customers `within` or, without any, of all; None
    where there are several.
    """
    if sum(line.startswith("- ") for line in answer.splitlines()) > 1:
        return None  # who wrote what is quoted is not yet whom it is about
    told = fold(_QUOTED.sub(" ", answer))
    named = {
        contact.email: contact
        for customer in customers
        if not within or customer.id in within
        for contact in customer.contacts
        if contact.name and re.search(rf"(?<!\w){re.escape(fold(contact.name))}(?!\w)", told)
    }
    return next(iter(named.values())) if len(named) == 1 else None
