"""The tickets that mails name, each with the last sentence that names it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.offline.compose import Told, who_wrote
from agent.offline.extract import sentences
from agent.offline.wording import say
from agent.wording import NUMBER
from crm.folding import fold
from crm.mails import StoredMail
from crm.signals.injection import speaks_to_an_assistant
from tools.rendering import reference

_LETTERS = re.compile(r"\b[A-Z]{2,6}\b(?!-)")
_SHOWN = 25  # tickets
_QUOTE = 240  # characters
# What a number is that stands behind one of these words is told by its letters: "ticket LU-4821", "o chamado é o LU-5090".
_NAMED = re.compile(
    r"\b(?:tickets?|cases?|issues?|incidents?|bugs?|tiquetes?|incidencias?|casos?|incidentes?|chamados?)"
    r"(?:[\s:#(]+(?:is|are|number|no\.?|es|el|la|e|o|numero|n[.ºo]?))*[\s:#(\[\"'“*–-]+(?P<prefix>[a-z]{2,6})-\d{2,}\b"
)


def tickets(told: Told, mails: Sequence[StoredMail], asked: str = "") -> str:
    """Newest first; "" when the mails name none. Whether one is closed no rule guesses. `asked` may name their letters ("LU")."""
    told_of = sorted(
        (mail for mail in mails if not speaks_to_an_assistant(mail.new_text)),
        key=lambda mail: mail.sent_at,
        reverse=True,
    )
    kinds = {found["prefix"].upper() for mail in told_of for found in _NAMED.finditer(fold(_whole(mail)))}
    kinds |= set(_LETTERS.findall(asked))
    last: dict[str, tuple[StoredMail, str]] = {}
    for mail in told_of:
        for number, sentence in _numbers(mail, kinds):
            last.setdefault(number, (mail, sentence))
    if not last:
        return ""
    shown = list(last.items())[:_SHOWN]
    lines = [told.counted("tickets", len(last), count=len(last))]
    for number, (mail, sentence) in shown:
        shared = "" if len(told.scope.customers) == 1 else f" · {'/'.join(mail.customers)}"
        quote = f"“{sentence[:_QUOTE]}”" if sentence else f"“{mail.subject}”"
        lines.append(f"- {number} · {told.day(mail.sent_at)} · {who_wrote(mail)}{shared}: {quote} {reference(mail.id)}")
    if len(last) > len(shown):
        lines.append(say(told.language, "tickets_more", count=len(last) - len(shown)))
    return "\n".join([*lines, say(told.language, "tickets_note"), "", told.say("extractive")])


def _numbers(mail: StoredMail, kinds: set[str]) -> list[tuple[str, str]]:
    """The numbers of tickets in a mail, each with its last sentence there; those of the subject alone with none."""
    found: dict[str, str] = {}
    for text, quoted in [(mail.subject, ""), *((sentence, sentence) for sentence in sentences(mail))]:
        for match in NUMBER.finditer(text):
            if match["prefix"] in kinds:
                found[match[0]] = quoted
    return list(found.items())


def _whole(mail: StoredMail) -> str:
    return f"{mail.subject}\n{mail.new_text}"
