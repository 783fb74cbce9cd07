"""Story files turned into letters: people found, instants settled, replies tied to what they answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.scenario.letter import Letter
from sandbox.scenario.people import Directory, directory
from sandbox.scenario.schedule import local_instant, pull_back
from sandbox.scenario.story import Language, Mail, Noise, Story, Thread

_AUTOMATIC_SUBJECTS: dict[Language, str] = {
    "en": "Automatic reply: {}",
    "es": "Respuesta automática: {}",
    "pt": "Resposta automática: {}",
}
_REPLY_MARK = re.compile(r"^(re|res|rv|fwd?|enc) ?: *", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where a mail stands: its file and thread, and its number in the thread."""

    file: str
    thread: Thread
    number: int

    @property
    def key(self) -> str:
        return f"{self.file}-{self.thread.key}-{self.number + 1}"

    @property
    def mail(self) -> Mail:
        return self.thread.mails[self.number]


def write_letters(files: Mapping[str, Noise], anchor: datetime) -> list[Letter]:
    """All mails in order of their dates, none of them later than the anchor (aware, Europe/Madrid).

    `files` maps the name of a story, which becomes part of each mail's key, to its content.
    """
    everybody = [contact for story in files.values() for contact in story.contacts]
    instants = _instants(files, anchor)
    letters: list[Letter] = []
    for name, story in files.items():
        people = directory(story.contacts, everybody)
        language: Language = story.customer.language if isinstance(story, Story) else "en"
        for thread in story.threads:
            previous: Letter | None = None
            for number in range(len(thread.mails)):
                place = _Place(file=name, thread=thread, number=number)
                previous = _letter(place, people, language, previous, instants[place.key], anchor)
                letters.append(previous)
    return sorted(letters, key=lambda letter: letter.sent)


def _instants(files: Mapping[str, Noise], anchor: datetime) -> dict[str, datetime]:
    """When each mail was sent, by key; mails of one minute keep the order of the files."""
    wanted: list[tuple[datetime, str]] = []
    for name, story in files.items():
        for thread in story.threads:
            for number, mail in enumerate(thread.mails):
                key = _Place(file=name, thread=thread, number=number).key
                wanted.append((local_instant(anchor, mail.day, mail.time), key))
    wanted.sort(key=lambda pair: pair[0])
    settled = pull_back([instant for instant, _ in wanted], anchor)
    return {key: instant for (_, key), instant in zip(wanted, settled, strict=True)}


def _letter(
    place: _Place,
    people: Directory,
    language: Language,
    previous: Letter | None,
    sent: datetime,
    anchor: datetime,
) -> Letter:
    mail = place.mail
    parent = previous if mail.reply else None
    sender = people.find(mail.sender)
    spoken = mail.language or language
    return Letter(
        key=place.key,
        sender=sender,
        to=tuple(map(people.find, mail.to)),
        cc=tuple(map(people.find, mail.cc)),
        sent=sent,
        subject=mail.subject or _subject(place, spoken, parent, sender.client == "outlook"),
        text=mail.body,
        language=spoken,
        parent=parent,
        # An automatic answer does not repeat the mail that caused it.
        quotes_parent=mail.quote and mail.auto is None,
        automatic=mail.auto is not None,
        attachments=mail.attachments,
        labels=mail.labels,
        headers=dict(mail.headers),
        html=mail.html,
        calendar=_timed(mail.calendar, anchor) if mail.calendar else None,
    )


def _subject(place: _Place, language: Language, parent: Letter | None, outlook: bool) -> str:
    if parent is None:
        return place.thread.subject
    bare = _REPLY_MARK.sub("", parent.subject)
    if place.mail.auto:
        return _AUTOMATIC_SUBJECTS[language].format(bare)
    return f"{'RE' if outlook else 'Re'}: {bare}"


def _timed(calendar: str, anchor: datetime) -> str:
    """Replace each `{+3 10:00}` (day relative to the anchor's, Madrid time) by the instant as iCalendar writes it."""

    def utc_form(match: re.Match[str]) -> str:
        return f"{local_instant(anchor, int(match[1]), match[2]).astimezone(UTC):%Y%m%dT%H%M%SZ}"

    return re.sub(r"\{([+-]\d+) (\d\d:\d\d)\}", utc_form, calendar)
