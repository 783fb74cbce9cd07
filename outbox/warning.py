"""A policy warning: what a human should know before approving, and whether it must be mended first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

Kind = Literal[
    "other_content",  # another customer's words or figures
    "look_alike",  # a domain that imitates one we know
    "outside",  # a recipient who is not of the thread
    "new_domain",  # … nor is their domain
    "reply_to",  # replies are asked for elsewhere
    "other_customer",  # another customer is named
    "instruction",  # a source speaks to an assistant
    "unchecked",  # a source is gone and can't be compared
    "attachment",  # promised and missing
    "placeholder",  # still open
    "note",  # stored before warnings had kinds
]


@dataclass(frozen=True, kw_only=True)
class PolicyWarning:
    """One sentence with its reason. A `blocking` one can't be approved away: its cause has to go."""

    kind: Kind
    sentence: str
    blocking: bool = False

    def __str__(self) -> str:
        return self.sentence

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "sentence": self.sentence, "blocking": self.blocking}

    @classmethod
    def from_json(cls, held: Mapping[str, Any] | str) -> PolicyWarning:
        if isinstance(held, str):
            return cls(kind="note", sentence=held)
        return cls(
            kind=cast(Kind, held["kind"]), sentence=str(held["sentence"]), blocking=bool(held.get("blocking", False))
        )


def fingerprint(warnings: Iterable[PolicyWarning]) -> str:
    """8 hex digits for each warning a human saw, joined by "-"; a click carries it with the hash of the bytes."""
    return "-".join(map(_digest, warnings))


def unseen(warnings: Iterable[PolicyWarning], seen: str) -> tuple[PolicyWarning, ...]:
    """Those that a fingerprint does not hold: what its human has not been shown."""
    shown = set(seen.split("-"))
    return tuple(warning for warning in warnings if _digest(warning) not in shown)


def _digest(warning: PolicyWarning) -> str:
    told = f"{warning.kind}:{warning.blocking}:{warning.sentence}"
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:8]
