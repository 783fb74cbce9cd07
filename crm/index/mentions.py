"""The exhaustive scan: every mail in scope is read, so "nobody mentioned it" means nobody did."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from crm import schema
from crm.mails import MailFilter, StoredMail, get_mails, read_texts, where
from crm.signals.keywords import KeywordHit, Lexicon, find, lexicon_of
from crm.signals.lexicon import concept_forms, critical_terms, expand, vocabulary
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


def scan(
    session: Session, workspace_id: int, terms: Iterable[str], chosen: MailFilter, *, verbatim: bool = False
) -> Mentions:
    """Every sentence that holds any form of any term, oldest first; one mention per mail and sentence.

    A term of several words is found as the phrase it is ("critical bug"), or where all its words stand in one sentence. A
    critical word is also found where a customer's mail was marked with it when it was read, whatever words its writer chose;
    not with `verbatim`, where the words themselves were asked for.
    """
    terms = [term for term in terms if term.strip()]
    wanted = [_Term.of(term) for term in terms]
    critical = frozenset[str]() if verbatim else frozenset().union(*map(critical_terms, terms))
    marked = _marked(session, workspace_id, critical, chosen)
    read, found = 0, dict[str, list[_Hit]]()
    for mail_id, texts in read_texts(session, workspace_id, chosen):
        read += 1
        if hits := _both(_hits(texts, wanted), marked.get(mail_id, ())):
            found[mail_id] = hits
    mails = {
        mail_id: mail for piece in slices(found) for mail_id, mail in get_mails(session, workspace_id, piece).items()
    }
    kept = (mail_id for mail_id in found if mail_id in mails)  # one may have been hidden meanwhile
    return Mentions(read=read, matches=tuple(hit.of(mails[mail_id]) for mail_id in kept for hit in found[mail_id]))


def _both(found: Sequence[_Hit], marked: Sequence[_Hit]) -> list[_Hit]:
    """One hit a sentence. How the mail was marked tells better whether a sentence denies or supposes something."""
    marks: dict[str, _Hit] = {}
    for hit in marked:
        marks.setdefault(hit.quote, hit)
    kept = [
        replace(hit, negated=mark.negated, hypothetical=mark.hypothetical)
        if not hit.file and (mark := marks.get(hit.quote)) and _is_of(mark, hit)
        else hit
        for hit in found
    ]
    told = {hit.quote for hit in found}
    return [*kept, *(mark for quote, mark in marks.items() if quote not in told)]


def _is_of(mark: _Hit, hit: _Hit) -> bool:
    """Whether a mark is of the same words as a hit of its sentence: another word there may be denied."""
    one, other = mark.form.casefold(), hit.form.casefold()
    return one in other or other in one


def _marked(session: Session, workspace_id: int, terms: Set[str], chosen: MailFilter) -> Mapping[str, Sequence[_Hit]]:
    """What the customers' mails that pass were marked with, by their ids."""
    found = defaultdict[str, list[_Hit]](list)
    if not terms:
        return found
    row, mail = schema.MailKeyword, schema.Mail
    named = or_(row.term.in_(terms), *(row.term.startswith(f"{term}:") for term in terms))
    # Without the word, a denial, a condition, or a sentence of a glad mail is too unsure to be told as a mention.
    whole = func.length(row.form) >= func.length(row.sentence)
    unsure = or_(row.negated, row.hypothetical, func.coalesce(mail.tone, "") == "positive")
    query = (
        select(row.mail_id, row.sentence, row.form, row.negated, row.hypothetical)
        .join(mail, mail.id == row.mail_id)
        .where(where(workspace_id, chosen), mail.direction == "inbound", named, or_(~whole, ~unsure))
        .order_by(row.mail_id, row.start, row.term)
    )
    for mail_id, sentence, form, negated, hypothetical in session.execute(query):
        hit = _Hit(quote=sentence, form=form, negated=negated, hypothetical=hypothetical, file="")
        found[mail_id].append(hit)
    return found


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
    form: str
    negated: bool
    hypothetical: bool
    file: str

    def of(self, mail: StoredMail) -> Mention:
        return Mention(
            mail=mail,
            quote=self.quote,
            form=self.form,
            negated=self.negated,
            hypothetical=self.hypothetical,
            file=self.file,
        )


def _hits(texts: Iterable[tuple[str, str]], wanted: Iterable[_Term]) -> list[_Hit]:
    found: dict[str, _Hit] = {}
    for file, text in texts:
        said = vocabulary(text)
        for hit in (hit for term in wanted if term.may_be_among(said) for hit in term.find(text)):
            quote = " ".join(hit.sentence.split())
            if quote not in found:
                found[quote] = _Hit(
                    quote=quote, form=hit.form, negated=hit.negated, hypothetical=hit.hypothetical, file=file
                )
    return list(found.values())
