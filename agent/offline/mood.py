"""How somebody feels: the tone of their latest mails, with the sentences that caused it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from agent.offline.compose import Told, empty, who_wrote
from agent.offline.wording import say
from crm.mails import StoredMail
from crm.signals.injection import speaks_to_an_assistant
from tools.rendering import reference

_LATEST = 8  # mails
_EACH = 2  # sentences of a mail


def mood(told: Told, mails: Sequence[StoredMail]) -> str:
    """How many of the latest mails that they wrote are of which tone, and those that are of one, newest first."""
    people = {person.email for person in told.scope.people}
    theirs = [
        mail
        for mail in sorted(mails, key=lambda mail: mail.sent_at, reverse=True)
        if mail.direction == "inbound"
        and not (mail.automatic or mail.bulk or speaks_to_an_assistant(f"{mail.subject}\n{mail.new_text}"))
        and mail.tone
        and (not people or mail.sender.email in people)
    ][:_LATEST]
    if not theirs:
        return told.counted("none_theirs", len(mails), read=len(mails)) if mails else empty(told)
    tones = Counter(mail.tone for mail in theirs)
    counted = ", ".join(
        say(told.language, f"count_{tone}", count=tones[tone]) for tone in ("negative", "neutral", "positive")
    )
    lines = [told.counted("mood", len(theirs), read=len(theirs), tones=counted)]
    shown = [mail for mail in theirs if mail.tone != "neutral"] or theirs[:1]
    lines += [_line(told, mail) for mail in shown]
    return "\n".join([*lines, "", told.say("extractive")])


def _line(told: Told, mail: StoredMail) -> str:
    shared = "" if len(told.scope.customers) == 1 else f" · {'/'.join(mail.customers)}"
    said = (
        " ".join(f"“{' '.join(sentence.split())}”" for sentence in mail.tone_sentences[:_EACH]) or f"“{mail.subject}”"
    )
    tone = say(told.language, f"tone_{mail.tone}")
    return f"- {told.day(mail.sent_at)} · {who_wrote(mail)}{shared} ({tone}): {said} {reference(mail.id)}"
