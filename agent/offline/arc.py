"""A matter from its beginning to how it stands: the conversations it was spoken of in, in order of time."""

from __future__ import annotations

from collections.abc import Sequence, Set

from agent.offline.compose import Told, left_out, line, may_be_told
from agent.offline.extract import Extract, about, gist
from crm.index.embedder import Embedder
from crm.mails import StoredMail

_CONVERSATIONS = 3
_AS_NEAR = 0.8  # of the best one's score has a conversation that is told, too
_LINES = 9
_ENDS = 2  # mails at the end, which say how it stands


def conversations(said: Sequence[Extract]) -> list[str]:
    """A mail of each conversation that says most about the matter, of what was `said` about it, best first."""
    best: dict[tuple[str, str], Extract] = {}
    for extract in said:
        best.setdefault((extract.mail.mailbox, extract.mail.gmail_thread_id), extract)
    near = [extract for extract in best.values() if extract.score >= _AS_NEAR * said[0].score]
    return [extract.mail.id for extract in near[:_CONVERSATIONS]]


def arc(
    told: Told,
    topic: str,
    searched: int,
    mails: Sequence[StoredMail],
    embedder: Embedder,
    reader: Embedder | None,
    found: Sequence[StoredMail] = (),
) -> str:
    """One line a mail: the first, the last, and those between them that say most about the topic; and whether one of those
    `found` for it speaks to an assistant.
    """
    people = {person.email for person in told.scope.people}
    told_of = {mail.id: mail for mail in mails if may_be_told(told, mail) and _is_with(people, mail)}
    inside = sorted(told_of.values(), key=lambda mail: mail.sent_at)
    human = [mail for mail in inside if not (mail.bulk or mail.automatic)] or inside
    near = {extract.mail.id: extract for extract in about(topic, human, embedder, reader)}
    ends = {mail.id for mail in (*human[:1], *human[-_ENDS:])}
    worth = sorted((mail for mail in human if mail.id not in ends), key=lambda mail: -_worth(near.get(mail.id)))
    shown = ends | {mail.id for mail in worth[: _LINES - len(ends)]}
    chosen = [mail for mail in human if mail.id in shown]
    lines = [line(told, _telling(near.get(mail.id), mail, embedder)) for mail in chosen]
    lines += left_out(told, topic, found)
    return "\n".join([told.counted("topic", searched, topic=topic, read=searched), *lines, "", told.say("extractive")])


def _is_with(people: Set[str], mail: StoredMail) -> bool:
    """Whether one of these addresses wrote or received it; any mail is where none is asked after."""
    return not people or not people.isdisjoint(person.email for person in (mail.sender, *mail.to, *mail.cc))


def _worth(extract: Extract | None) -> float:
    return extract.worth if extract else 0.0


def _telling(extract: Extract | None, mail: StoredMail, embedder: Embedder) -> Extract:
    """What a mail says about the topic; where that is little, what it says most."""
    central = gist(mail, embedder, most=1)
    if extract is None or (not extract.named and central):
        return central[0] if central else Extract(mail=mail, quote=mail.subject, score=0.0)
    return extract
