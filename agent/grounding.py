"""Citations that hold: every reference is a mail that was read, every quote stands in the mail it cites."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from agent.answer import Citation
from crm.folding import fold
from crm.mails import StoredMail
from crm.signals.sentences import split
from tools.rendering import REFERENCE

_MARK = re.compile(r"\[m:([0-9a-fA-F]{4,32})\]")
_ANY_MARK = re.compile(r"\s*\[m[: ][^\]]*\]")
_QUOTE = re.compile(r"“([^“”\n]{12,600})”|«([^«»\n]{12,600})»|\"([^\"\n]{12,600})\"")
_WORD = re.compile(r"\w+")
_LONGEST_QUOTE = 300  # characters


@dataclass(frozen=True, kw_only=True)
class Grounded:
    """The text with [1] markers, its citations, and how many references or quotes had to be removed."""

    text: str
    citations: tuple[Citation, ...]
    removed: int


def ground(text: str, read: Collection[str], mails: Mapping[str, StoredMail]) -> Grounded:
    """Check an answer against the mails it may cite.

    `read` are the ids of the mails that this turn's tools returned; `mails` holds them. A reference to anything else is
    removed. Words in quotation marks must stand in a mail cited in the same line, case and whitespace aside; otherwise the quote is
    replaced by a remark. Each citation carries a sentence of its mail: the one quoted, else the one closest to the claim.
    """
    known = {mail_id[:REFERENCE]: mails[mail_id] for mail_id in read if mail_id in mails}
    numbers: dict[str, int] = {}
    quotes: dict[str, str] = {}
    removed = 0
    lines: list[str] = []
    for line in text.split("\n"):
        cited = [known[ref] for ref in _references(line) if ref in known]
        line, dropped = _checked_quotes(line, cited, quotes)
        removed += dropped
        claim = _ANY_MARK.sub("", line)

        def numbered(found: re.Match[str], claim: str = claim) -> str:
            nonlocal removed
            mail = known.get(found.group(1).lower()[:REFERENCE])
            if mail is None:
                removed += 1
                return ""
            quotes.setdefault(mail.id, closest_sentence(claim, mail))
            return f"[{numbers.setdefault(mail.id, len(numbers) + 1)}]"

        lines.append(_ANY_MARK.sub("", _MARK.sub(numbered, line)).rstrip())
    citations = tuple(_citation(number, mails[mail_id], quotes[mail_id]) for mail_id, number in numbers.items())
    return Grounded(text="\n".join(lines).strip(), citations=citations, removed=removed)


def stands_in(quote: str, mail: StoredMail) -> bool:
    """Whether the quote stands verbatim in the mail's own words or subject, whitespace and case aside."""
    wanted = _plain(quote)
    return bool(wanted) and any(wanted in _plain(text) for text in (mail.new_text, mail.subject))


def closest_sentence(claim: str, mail: StoredMail) -> str:
    """The sentence of the mail that shares most words with the claim; the first one when none does."""
    sentences = [sentence for sentence in split(mail.new_text) if len(sentence) > 3] or [mail.subject]
    words = set(_WORD.findall(fold(claim)))
    best = max(sentences, key=lambda sentence: len(words & set(_WORD.findall(fold(sentence)))))
    return best[:_LONGEST_QUOTE]


def _references(line: str) -> list[str]:
    return [found.lower()[:REFERENCE] for found in _MARK.findall(line)]


def _checked_quotes(line: str, cited: list[StoredMail], quotes: dict[str, str]) -> tuple[str, int]:
    """Keep the quotes that stand in a cited mail; note them as that mail's quote."""
    removed = 0

    def check(found: re.Match[str]) -> str:
        nonlocal removed
        quote = next(group for group in found.groups() if group is not None).strip()
        for mail in cited:
            if stands_in(quote.rstrip(".,;:…"), mail):
                quotes.setdefault(mail.id, quote)
                return found.group()
        if not cited:
            return quote  # not presented as anybody's words any more
        removed += 1
        return "(…)"

    return _QUOTE.sub(check, line), removed


def _citation(number: int, mail: StoredMail, quote: str) -> Citation:
    return Citation(
        n=number,
        message_id=mail.id,
        gmail_id=mail.gmail_id,
        customer="/".join(mail.customers),
        date=mail.sent_at,
        sender=mail.sender.name or mail.sender.email,
        quote=quote,
        verified=stands_in(quote.rstrip(".,;:…"), mail),
        url=gmail_url(mail),
    )


def gmail_url(mail: StoredMail) -> str:
    """Opens the mail in the right Google account."""
    return f"https://mail.google.com/mail/u/?authuser={mail.mailbox}#all/{mail.gmail_id}"


def _plain(text: str) -> str:
    return " ".join(text.replace("’", "'").casefold().split())
