"""Story files: the hand-written data of the demo mailbox, checked where it enters.

One YAML file a customer under `stories/`, and `noise.yaml` with the mail of everybody else. Days are offsets from
the anchor day (0), times are wall clock in Europe/Madrid.
"""

import re
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

CSM = "csm"
Language = Literal["en", "es", "pt"]
Client = Literal["gmail", "outlook", "apple", "thunderbird", "mobile", "service"]
Address = Annotated[str, Field(pattern=r"^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$")]


class StoryError(Exception):
    """A story file cannot be used; the message is one sentence that names the file and the key."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Customer(_Model):
    """One row of customers.csv; `arr` in EUR per year, `renewal_in_days` relative to the anchor day."""

    name: str
    aliases: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    arr: int
    plan: Literal["Starter", "Growth", "Enterprise"]
    status: Literal["active", "trial", "paused", "churned"]
    renewal_in_days: int | None = None
    segment: str
    language: Language


class Correspondent(_Model):
    """Somebody who writes or reads mail; `client` decides how their program quotes and encodes."""

    key: str
    name: str
    email: Address
    client: Client
    signature: str = ""


class Contact(Correspondent):
    """A registered contact of a customer: one row of contacts.csv."""

    role: Literal["Champion", "Stakeholder", "Billing", "Technical"]


class Attachment(_Model):
    """A file; `text` is what a reader finds inside it."""

    name: str
    type: str
    text: str


class Mail(_Model):
    """One mail as its author typed it; quote and signature are added by the builder."""

    day: Annotated[int, Field(ge=-89, le=0)]
    time: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    sender: Annotated[str, Field(alias="from")]
    to: Annotated[tuple[str, ...], Field(min_length=1)]
    cc: tuple[str, ...] = ()
    body: Annotated[str, Field(min_length=1)]
    reply: bool = True
    quote: bool = True
    subject: str | None = None
    language: Language | None = None
    auto: Literal["out_of_office"] | None = None
    attachments: tuple[Attachment, ...] = ()
    labels: tuple[str, ...] = ()
    headers: dict[str, str] = {}
    html: str | None = None
    calendar: str | None = None


class Thread(_Model):
    """A conversation, mails in chronological order."""

    key: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    subject: str
    mails: Annotated[tuple[Mail, ...], Field(min_length=1)]


class Noise(_Model):
    """Mail that belongs to no customer's story."""

    contacts: tuple[Correspondent, ...] = ()
    threads: tuple[Thread, ...]


class Story(Noise):
    """Everything one customer wrote and received."""

    customer: Customer
    contacts: tuple[Contact, ...]


N = TypeVar("N", bound=Noise)


def load_story(path: Path) -> Story:
    """Read one customer's file. Raises StoryError."""
    return _load(path, Story)


def load_noise(path: Path) -> Noise:
    """Read the file of everybody else's mail. Raises StoryError."""
    return _load(path, Noise)


def _load(path: Path, model: type[N]) -> N:
    try:
        raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StoryError(f"{path.name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise StoryError(f"{path.name} is not UTF-8 (byte {error.start}).") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" at line {mark.line + 1}" if mark else ""
        raise StoryError(f"{path.name} is not valid YAML{place}: {getattr(error, 'problem', error)}.") from error
    try:
        story = model.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise StoryError(f"{path.name}, key {_key(first['loc'])}: {first['msg']}.") from error
    _check(story, path.name)
    return story


def _key(location: tuple[int | str, ...]) -> str:
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return key.lstrip(".") or "(top level)"


def _check(story: Noise, file: str) -> None:
    """What the types cannot say: unique keys, known people, chronological threads."""
    _unique([contact.key for contact in story.contacts], file, "contacts")
    _unique([thread.key for thread in story.threads], file, "threads")
    known = {CSM, *(contact.key for contact in story.contacts)}
    for t, thread in enumerate(story.threads):
        for m, mail in enumerate(thread.mails):
            where = f"{file}, key threads[{t}].mails[{m}]"
            for person in (mail.sender, *mail.to, *mail.cc):
                if person not in known and not parse_person(person):
                    raise StoryError(f"{where}: {person!r} is neither a contact key nor 'Name <address>'.")
            if m and (mail.day, mail.time) < (thread.mails[m - 1].day, thread.mails[m - 1].time):
                raise StoryError(f"{where}.day: day {mail.day} {mail.time} is before the mail it follows.")


def _unique(keys: list[str], file: str, name: str) -> None:
    for index, key in enumerate(keys):
        if key in keys[:index] or key == CSM:
            raise StoryError(f"{file}, key {name}[{index}].key: {key!r} is already taken.")


def parse_person(text: str) -> tuple[str, str] | None:
    """The name and address of `Name <address>`; None when the text has another form."""
    match = re.fullmatch(r"\s*(.+?)\s*<([^\s@<>]+@[^\s@<>]+)>\s*", text)
    return (match[1], match[2]) if match else None
