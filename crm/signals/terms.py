"""A workspace's own critical words, beside the built-in lists (requirement H2)."""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import InputError, NotFound
from crm.folding import fold
from crm.schema import KeywordTerm

BUILT_IN = ("cancel", "terminate", "problem", "critical_bug")
COMPETITOR = "competitor:"
_OWN = re.compile(r"[^\W\d_][\w-]*")


def workspace_terms(session: Session, workspace_id: int) -> dict[str, str]:
    """Each form the workspace added, and the canonical term it stands for, in alphabetical order."""
    query = select(KeywordTerm).where(KeywordTerm.workspace_id == workspace_id).order_by(KeywordTerm.form)
    return {row.form: row.term for row in session.scalars(query)}


def add_term(session: Session, workspace_id: int, form: str, term: str) -> None:
    """Make `form` (a word or an expression) stand for `term`, replacing what it stood for before.

    `term` is one of `BUILT_IN`, "competitor:<name>" or the workspace's own lower-case word; anything else
    raises `InputError`.
    """
    key = _form(form)
    if not any(char.isalnum() for char in key):
        raise InputError(form, sentence="A critical word needs at least one letter or digit.")
    session.merge(KeywordTerm(workspace_id=workspace_id, form=key, term=_term(term)))
    session.flush()


def remove_term(session: Session, workspace_id: int, form: str) -> None:
    """Forget a form the workspace added, ignoring case and accents. Raises `NotFound` when there is none."""
    query = select(KeywordTerm).where(KeywordTerm.workspace_id == workspace_id)
    found = [row for row in session.scalars(query) if fold(row.form) == fold(form)]
    if not found:
        raise NotFound(
            form,
            sentence=f"“{form.strip()}” is not one of this workspace's critical words.",
            next_step="See them with `lealup keywords list`; the built-in ones stay.",
        )
    for row in found:
        session.delete(row)
    session.flush()


def _form(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).lower().split())


def _term(text: str) -> str:
    term = " ".join(unicodedata.normalize("NFC", text).split())
    if term.startswith(COMPETITOR):
        name = term.removeprefix(COMPETITOR).strip()
        if name:
            return COMPETITOR + name
    elif term in BUILT_IN or (term == term.lower() and _OWN.fullmatch(term)):
        return term
    raise InputError(
        text,
        sentence=f"“{term}” can't be what a critical word stands for.",
        next_step=f"Use {', '.join(BUILT_IN)}, competitor:NAME or one lower-case word of your own.",
    )
