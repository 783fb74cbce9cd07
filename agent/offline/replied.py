"""Whether one side has answered the other: what came after their newest mail, or after ours."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from agent.offline.compose import Told, empty, who_wrote
from agent.offline.extract import gist
from agent.offline.wording import say
from crm.index.embedder import Embedder
from crm.mails import StoredMail
from crm.signals.injection import speaks_to_an_assistant
from tools.rendering import reference

_SHOWN = 3  # answers


def replied(
    told: Told, mails: Sequence[StoredMail], embedder: Embedder, *, ours: bool, cited: Collection[str] = ()
) -> str:
    """The mail that is or is not answered, and the answers. With `ours`, what we wrote after theirs, else what they wrote after ours.

    It is the newest mail of the other side, or, where one of those `cited` before is of that side, the newest of these: then its
    conversation alone can answer it.
    """
    human = sorted((mail for mail in mails if not (mail.automatic or mail.bulk)), key=lambda mail: mail.sent_at)
    people = {person.email for person in told.scope.people}
    asked = [mail for mail in human if (mail.direction == "inbound") is ours and (not ours or _of(mail, people))]
    told_of = [mail for mail in asked if mail.id in cited]
    if not asked:
        side = "theirs" if ours else "ours"
        return told.counted(f"none_{side}", len(human), read=len(human)) if human else empty(told)
    last = (told_of or asked)[-1]
    answers = [
        mail
        for mail in human
        if mail.sent_at > last.sent_at
        and mail.direction != last.direction
        and (ours or _of(mail, people))
        and not set(mail.customers).isdisjoint(last.customers)
        and (not told_of or _thread(mail) == _thread(last))
    ]
    side = "us" if ours else "customer"
    key = (
        "not_replied"
        if not answers
        else "replied"
        if any(_thread(mail) == _thread(last) for mail in answers)
        else "wrote"
    )
    lines = [told.say(f"{key}_{side}")]
    lines += [_line(told, mail, embedder) for mail in (last, *answers[:_SHOWN])]
    if (
        not answers
        and not ours
        and (theirs := [mail for mail in human if mail.direction == "inbound" and _of(mail, people)])
    ):
        lines += [told.say("last_of_theirs"), _line(told, theirs[-1], embedder)]
    return "\n".join([*lines, "", told.say("extractive")])


def _thread(mail: StoredMail) -> tuple[str, str]:
    return mail.mailbox, mail.gmail_thread_id


def _of(mail: StoredMail, people: Collection[str]) -> bool:
    return not people or mail.sender.email in people


def _line(told: Told, mail: StoredMail, embedder: Embedder) -> str:
    if speaks_to_an_assistant(f"{mail.subject}\n{mail.new_text}"):
        said = say(told.language, "suspicious")
    else:
        said = " ".join(f"“{extract.quote}”" for extract in gist(mail, embedder)) or f"“{mail.subject}”"
    shared = "" if len(told.scope.customers) == 1 else f" · {'/'.join(mail.customers)}"
    return f"- {told.day(mail.sent_at)} · {who_wrote(mail)}{shared} · {mail.subject}: {said} {reference(mail.id)}"
