"""One mail of the scenario with everything settled except its bytes."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sandbox.scenario.attribution import Origin
from sandbox.scenario.people import Person
from sandbox.scenario.story import Attachment, Language


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A mail with its people, instant and history; `parent` is the mail it answers, `text` what was typed."""

    key: str
    sender: Person
    to: tuple[Person, ...]
    cc: tuple[Person, ...]
    sent: datetime
    subject: str
    text: str
    language: Language
    parent: "Letter | None"
    quotes_parent: bool
    automatic: bool
    attachments: tuple[Attachment, ...]
    labels: tuple[str, ...]
    headers: dict[str, str]
    html: str | None
    calendar: str | None

    @property
    def origin(self) -> Origin:
        """What a program that quotes this mail says about it."""
        return Origin(sender=self.sender, to=self.to, cc=self.cc, sent=self.sent, subject=self.subject)

    @property
    def quoted(self) -> "Letter | None":
        return self.parent if self.quotes_parent else None

    @property
    def references(self) -> tuple[str, ...]:
        """Message-IDs of the answered mails, oldest first."""
        return (*self.parent.references, self.parent.message_id) if self.parent else ()

    @property
    def message_id(self) -> str:
        """In the style of the sender's program, the same for one key on every run and every anchor."""
        token = self.token("message-id")
        uuid = "-".join((token[:8], token[8:12], "4" + token[13:16], "a" + token[17:20], token[20:32]))
        match self.sender.client:
            case "gmail":
                return f"<CA+{token[:24]}={token[24:46]}@mail.gmail.com>"
            case "outlook":
                host = f"AM9PR08MB{int(token[:4], 16) % 9000 + 1000}.eurprd08.prod.outlook.com"
                return f"<{host.partition('.')[0]}{token[4:28].upper()}@{host}>"
            case "apple" | "mobile":
                return f"<{uuid.upper()}@{self.sender.domain}>"
            case "thunderbird":
                return f"<{uuid}@{self.sender.domain}>"
            case "service":
                return f"<{token[:20]}.{token[20:26]}@{self.sender.domain}>"

    def token(self, purpose: str) -> str:
        """64 hexadecimal digits that look random and never change."""
        return hashlib.sha256(f"{purpose}|{self.key}".encode()).hexdigest()
