"""The exhaustive scan: every mail in scope is read, so "nobody mentioned it" means nobody did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from crm.mails import MailFilter, StoredMail, list_mails
from crm.signals.keywords import KeywordHit, Lexicon, find, lexicon_of
from crm.signals.lexicon import concept_forms

_PAGE = 500


@dataclass(frozen=True, kw_only=True)
class Mention:
    """`quote` is the sentence as it stands in the mail, or in its attachment `file`; `form` the words that matched."""

    mail: StoredMail
    quote: str
    form: str
    negated: bool
    hypothetical: bool
    file: str = ""


@dataclass(frozen=True, kw_only=True)
class Mentions:
    """`read` counts the mails that were read, whether they matched or not."""

    read: int
    matches: tuple[Mention, ...]


def scan(session: Session, workspace_id: int, terms: Iterable[str], chosen: MailFilter) -> Mentions:
    """Every sentence that holds any form of any term, oldest first; one mention per mail and sentence.

    A term of several words is found as the phrase it is ("critical bug"), or where all its words stand in one sentence.
    """
    wanted = [_Term.of(term) for term in terms if term.strip()]
    matches: list[Mention] = []
    read = 0
    while True:
        page = list_mails(session, workspace_id, chosen, limit=_PAGE, offset=read, files=True)
        for mail in page:
            matches += _in_mail(mail, wanted)
        read += len(page)
        if len(page) < _PAGE:
            return Mentions(read=read, matches=tuple(matches))


@dataclass(frozen=True, kw_only=True)
class _Term:
    """What one term is found by: the forms of its phrase, or, for words that are no known phrase, all of them in a sentence."""

    phrase: Lexicon
    words: tuple[Lexicon, ...]

    @classmethod
    def of(cls, term: str) -> _Term:
        apart = term.split() if " " in term.strip() and len(concept_forms(term)) == 1 else []
        return cls(phrase=lexicon_of([term]), words=tuple(lexicon_of([word]) for word in apart))

    def find(self, text: str) -> list[KeywordHit]:
        hits = list(find(text, self.phrase))
        if self.words:
            each = [{hit.sentence: hit for hit in find(text, word)} for word in self.words]
            hits += [hit for sentence, hit in each[0].items() if all(sentence in other for other in each[1:])]
        return hits


def _in_mail(mail: StoredMail, wanted: list[_Term]) -> list[Mention]:
    found: dict[str, Mention] = {}
    for file, text in (("", mail.subject), ("", mail.new_text), *mail.files):
        for hit in (hit for term in wanted for hit in term.find(text)):
            quote = " ".join(hit.sentence.split())
            found.setdefault(
                quote,
                Mention(
                    mail=mail, quote=quote, form=hit.form, negated=hit.negated, hypothetical=hit.hypothetical, file=file
                ),
            )
    return list(found.values())
