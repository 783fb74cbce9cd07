"""What the scorers look at: the answer, the mails it cites, what the tools returned, the draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent.answer import Answer


@dataclass(frozen=True, kw_only=True)
class CitedMail:
    """A cited mail as stored: its own Message-ID and words; `sent_at` in the workspace's time zone."""

    message_id: str
    customers: frozenset[str]
    subject: str
    text: str
    sent_at: datetime


@dataclass(frozen=True, kw_only=True)
class DraftSeen:
    """A draft as a human would see it; `to` holds bare addresses in lower case."""

    to: tuple[str, ...]
    status: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """`figures` is the text of everything the tools returned in the last turn; `sent` counts messages that left."""

    question: str
    answer: Answer
    cited: tuple[CitedMail, ...]
    figures: str
    draft: DraftSeen | None
    sent: int

    @property
    def customers(self) -> frozenset[str]:
        """Whom the answer is about: the customers of the cited mails, else those of its scope."""
        cited = frozenset(name for mail in self.cited for name in mail.customers)
        return cited or frozenset(self.answer.scope.get("customers", ()))

    @property
    def cited_ids(self) -> frozenset[str]:
        return frozenset(mail.message_id for mail in self.cited)
