"""The exhaustive scan: every mail in scope is read, so "nobody mentioned it" means nobody did."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from sqlalchemy.orm import Session

from crm.mails import MailFilter, StoredMail, get_mails, read_texts
from crm.signals.keywords import KeywordHit, Lexicon, find, lexicon_of
from crm.signals.lexicon import concept_forms, expand, vocabulary
from crm.signals.lexicon import words as words_of
from crm.slices import slices


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
    read, found = 0, dict[str, list[_Hit]]()
    for mail_id, texts in read_texts(session, workspace_id, chosen):
        read += 1
        if hits := _hits(texts, wanted):
            found[mail_id] = hits
    mails = {
        mail_id: mail for piece in slices(found) for mail_id, mail in get_mails(session, workspace_id, piece).items()
    }
    kept = (mail_id for mail_id in found if mail_id in mails)  # one may have been hidden meanwhile
    return Mentions(read=read, matches=tuple(hit.of(mails[mail_id]) for mail_id in kept for hit in found[mail_id]))


@dataclass(frozen=True, kw_only=True)
class _Term:
    """What one term is found by: the forms of its phrase, or, for words that are no known phrase, all of them in a sentence."""

    phrase: Lexicon
    words: tuple[Lexicon, ...]
    forms: Mapping[str, Sequence[frozenset[str]]]  # the folded words of each form, by the longest of them

    @classmethod
    def of(cls, term: str) -> _Term:
        apart = term.split() if " " in term.strip() and len(concept_forms(term)) == 1 else []
        phrase, words = lexicon_of([term]), tuple(lexicon_of([word]) for word in apart)
        forms = defaultdict[str, list[frozenset[str]]](list)
        for form in (form for typed in (term, *apart) for form in expand(typed)):
            held = frozenset(word for word, _, _ in words_of(form))
            forms[max(held, key=len, default="")].append(held)
        return cls(phrase=phrase, words=words, forms=dict(forms))

    def may_be_among(self, said: Set[str]) -> bool:
        """Whether all words of any form are among these."""
        return any(form <= said for word in self.forms.keys() & said for form in self.forms[word])

    def find(self, text: str) -> list[KeywordHit]:
        hits = list(find(text, self.phrase))
        if self.words:
            each = [{hit.sentence: hit for hit in find(text, word)} for word in self.words]
            hits += [hit for sentence, hit in each[0].items() if all(sentence in other for other in each[1:])]
        return hits


@dataclass(frozen=True, kw_only=True)
class _Hit:
    """A mention without its mail."""

    quote: str
    found: KeywordHit
    file: str

    def of(self, mail: StoredMail) -> Mention:
        hit = self.found
        return Mention(
            mail=mail,
            quote=self.quote,
            form=hit.form,
            negated=hit.negated,
            hypothetical=hit.hypothetical,
            file=self.file,
        )


def _hits(texts: Iterable[tuple[str, str]], wanted: Iterable[_Term]) -> list[_Hit]:
    found: dict[str, _Hit] = {}
    for file, text in texts:
        said = vocabulary(text)
        for hit in (hit for term in wanted if term.may_be_among(said) for hit in term.find(text)):
            quote = " ".join(hit.sentence.split())
            found.setdefault(quote, _Hit(quote=quote, found=hit, file=file))
    return list(found.values())
