"""Citations that hold: every reference is a mail that was read, every quote stands in the mail it cites."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from agent import markup
from agent.answer import Citation
from crm.folding import fold
from crm.mails import StoredMail
from crm.signals.sentences import split
from tools.rendering import REFERENCE

_MARK = re.compile(r"(?P<blank>[ \t]*)\[m:(?P<ref>[0-9a-fA-F]{4,32})\]")
_ANY_MARK = re.compile(r"\s*\[m[: ][^\]]*\]")
_SEVERAL = re.compile(r"\[\s*m:[0-9a-fA-F]{4,32}(?:\s*[,;]\s*(?:m:)?[0-9a-fA-F]{4,32})+\s*\]")
_NUMBERED = re.compile(r"[ \t]*\[\d{1,3}\]")  # looks like our citations, and only we write those
_QUOTE = re.compile(r"“([^“”\n]*)”|«([^«»\n]*)»|\"([^\"\n]*)\"")
_WORD = re.compile(r"\w+")
_SAME = str.maketrans("‘’‚“”„«»", '\'\'\'"""""')
_SHORTEST_QUOTE, _LONGEST_QUOTE = 12, 300  # characters: below, a term rather than somebody's words
_GONE = "(…)"
_PAUSE = ".,;:… "
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, kw_only=True)
class Grounded:
    """The text with [1] markers, its citations, and how many references, quotes and links had to be removed."""

    text: str
    citations: tuple[Citation, ...]
    removed: int


def ground(text: str, read: Collection[str], mails: Mapping[str, StoredMail], *, question: str = "") -> Grounded:
    """Check an answer against the mails it may cite.

    `read` are the ids of the mails that this conversation's tools returned; `mails` holds them. A reference to anything
    else is removed. Words in quotation marks must stand in a mail cited in the same line, case, whitespace and the shape
    of quotation marks aside; otherwise they are replaced by a remark. Only words of the `question` may be quoted without
    a citation. Images, links and foreign addresses go. Each citation carries a sentence of its mail: the one quoted, else
    the one closest to the claim.
    """
    known = {mail_id[:REFERENCE]: mails[mail_id] for mail_id in read if mail_id in mails}
    numbers: dict[str, int] = {}
    quotes: dict[str, str] = {}
    text, removed = markup.plain(text)
    lines: list[str] = []
    for line in _SEVERAL.sub(_apart, text).split("\n"):
        cited = [known[ref] for ref in _references(line) if ref in known]
        line, dropped = _checked_quotes(line, cited, quotes, question)
        line, foreign = markup.without_foreign_addresses(line, map(_all_of, cited))
        removed += dropped + foreign
        claim = _ANY_MARK.sub("", line)

        def numbered(found: re.Match[str], claim: str = claim) -> str:
            nonlocal removed
            mail = known.get(found["ref"].lower()[:REFERENCE])
            if mail is None:
                removed += 1
                return ""
            quotes.setdefault(mail.id, closest_sentence(claim, mail))
            return f"{found['blank']}[{numbers.setdefault(mail.id, len(numbers) + 1)}]"

        line = _MARK.sub(numbered, line)
        removed += len(_ANY_MARK.findall(line))
        lines.append(_ANY_MARK.sub("", line).rstrip())
    citations = tuple(_citation(number, mails[mail_id], quotes[mail_id]) for mail_id, number in numbers.items())
    return Grounded(text=_BLANK_LINES.sub("\n\n", "\n".join(lines)).strip(), citations=citations, removed=removed)


def stands_in(quote: str, mail: StoredMail) -> bool:
    """Whether the quote stands verbatim in the mail's own words, its subject or its files, whitespace and case aside."""
    return stands_in_mail(quote, mail) or bool(file_with(quote, mail))


def stands_in_mail(quote: str, mail: StoredMail) -> bool:
    wanted = _plain(quote)
    own = (mail.new_text, mail.subject, markup.plain(mail.new_text)[0])  # the answer's markup went, so may the mail's
    return bool(wanted) and any(wanted in _plain(text) for text in own)


def file_with(quote: str, mail: StoredMail) -> str:
    """The name of the attachment in which the quote stands verbatim, or ""."""
    wanted = _plain(quote)
    said = ((name, (text, markup.plain(text)[0])) for name, text in mail.files)
    return next((name for name, texts in said if wanted and any(wanted in _plain(text) for text in texts)), "")


def closest_sentence(claim: str, mail: StoredMail) -> str:
    """The sentence of the mail that shares most words with the claim; the first one when none does."""
    texts = (mail.new_text, *(text for _, text in mail.files))
    sentences = [sentence for text in texts for sentence in split(text) if len(sentence) > 3] or [mail.subject]
    words = set(_WORD.findall(fold(claim)))
    best = max(sentences, key=lambda sentence: len(words & set(_WORD.findall(fold(sentence)))))
    return best[:_LONGEST_QUOTE]


def _all_of(mail: StoredMail) -> str:
    return "\n".join((mail.subject, mail.new_text, *(text for _, text in mail.files)))


def _references(line: str) -> list[str]:
    return [found["ref"].lower()[:REFERENCE] for found in _MARK.finditer(line)]


def _apart(found: re.Match[str]) -> str:
    """ "[m:1a2b3c4d, m:5e6f7a8b]" as two references."""
    return " ".join(f"[m:{part}]" for part in re.findall(r"[0-9a-fA-F]{4,32}", found.group()))


def _checked_quotes(line: str, cited: list[StoredMail], quotes: dict[str, str], question: str) -> tuple[str, int]:
    """Keep the quotes that stand in a cited mail; note them as that mail's quote. Drop numbers posing as citations."""
    removed = 0
    pieces: list[str] = []
    end = 0
    for found in _QUOTE.finditer(line):
        outside, forged = _NUMBERED.subn("", line[end : found.start()])
        kept, dropped = _checked(found, cited, quotes, question)
        pieces += [outside, kept]
        removed += forged + dropped
        end = found.end()
    outside, forged = _NUMBERED.subn("", line[end:])
    return "".join([*pieces, outside]), removed + forged


def _checked(found: re.Match[str], cited: list[StoredMail], quotes: dict[str, str], question: str) -> tuple[str, int]:
    """One quotation as it may stay, and how much of it had to go."""
    quote = next(group for group in found.groups() if group is not None)
    opening, closing = found.group()[0], found.group()[-1]
    bare = _ANY_MARK.sub("", quote).strip()
    marks = "".join(f" {mark}" for mark in re.findall(r"\[m:[^\]]*\]", quote))
    shown = _NUMBERED.sub(lambda number: number.group().replace("[", "(").replace("]", ")"), bare)
    for mail in cited:
        if stands_in(quote.rstrip(_PAUSE), mail) and marks:  # the mail itself writes what looks like a reference
            return f"{opening}{shown}{closing}", 1
        if stands_in(bare.rstrip(_PAUSE), mail):
            if len(bare) >= _SHORTEST_QUOTE:
                quotes.setdefault(mail.id, bare)
            return f"{opening}{shown}{closing}{marks}", 0
    of_the_user = set(_WORD.findall(fold(bare))) <= set(_WORD.findall(fold(question)))
    if len(bare) < _SHORTEST_QUOTE or of_the_user:
        return f"{opening}{shown}{closing}{marks}", 0
    return _GONE + marks, 1


def _citation(number: int, mail: StoredMail, quote: str) -> Citation:
    return Citation(
        n=number,
        message_id=mail.id,
        gmail_id=mail.gmail_id,
        customer="/".join(mail.customers),
        date=mail.sent_at,
        sender=mail.sender.name or mail.sender.email,
        quote=quote,
        verified=stands_in(quote.rstrip(_PAUSE), mail),
        url=gmail_url(mail),
        attachment="" if stands_in_mail(quote.rstrip(_PAUSE), mail) else file_with(quote.rstrip(_PAUSE), mail),
    )


def gmail_url(mail: StoredMail) -> str:
    """Opens the mail in the right Google account."""
    return f"https://mail.google.com/mail/u/?authuser={mail.mailbox}#all/{mail.gmail_id}"


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).translate(_SAME).casefold().split())
