"""The exhaustive scan: every mail in scope is read, so "nobody mentioned it" means nobody did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from crm.mails import MailFilter, StoredMail, list_mails
from crm.signals.keywords import Lexicon, find, lexicon_of

_PAGE = 500


@dataclass(frozen=True, kw_only=True)
class Mention:
    """`quote` is the sentence as it stands in the mail; `form` the words that matched."""

    mail: StoredMail
    quote: str
    form: str
    negated: bool
    hypothetical: bool


@dataclass(frozen=True, kw_only=True)
class Mentions:
    """`read` counts the mails that were read, whether they matched or not."""

    read: int
    matches: tuple[Mention, ...]


def scan(session: Session, workspace_id: int, terms: Iterable[str], chosen: MailFilter) -> Mentions:
    """Every sentence that holds any form of any term, oldest first; one mention per mail and sentence."""
    lexicon = lexicon_of([term for term in terms if term.strip()])
    matches: list[Mention] = []
    read = 0
    while True:
        page = list_mails(session, workspace_id, chosen, limit=_PAGE, offset=read)
        for mail in page:
            matches += _in_mail(mail, lexicon)
        read += len(page)
        if len(page) < _PAGE:
            return Mentions(read=read, matches=tuple(matches))


def _in_mail(mail: StoredMail, lexicon: Lexicon) -> list[Mention]:
    found: dict[str, Mention] = {}
    for text in (mail.subject, mail.new_text):
        for hit in find(text, lexicon):
            quote = " ".join(hit.sentence.split())
            found.setdefault(
                quote,
                Mention(mail=mail, quote=quote, form=hit.form, negated=hit.negated, hypothetical=hit.hypothetical),
            )
    return list(found.values())
