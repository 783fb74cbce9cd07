"""Files of a reply: put in by a human only, capped in size, and told by name, size and hash of the stored bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from crm.errors import InputError
from gmail.compose import File, safe_name

MOST_BYTES = 5 * 1024 * 1024  # of all files of a reply: Gmail takes that much without an upload of its own
MOST_FILES = 10


@dataclass(frozen=True, kw_only=True)
class Attached:
    """A file as it is shown: decoded from the bytes that would leave."""

    name: str
    type: str
    size: int
    sha256: str

    def __str__(self) -> str:
        return f"{self.name} · {readable(self.size)} · sha256 {self.sha256[:12]}"


def described(file: File) -> Attached:
    return Attached(name=file.name, type=file.type, size=len(file.data), sha256=hashlib.sha256(file.data).hexdigest())


def checked_files(files: Sequence[File]) -> tuple[File, ...]:
    """The files as they can be sent. Raises `InputError` for an empty one, too many or too much."""
    if len(files) > MOST_FILES:
        raise InputError("files", sentence=f"A reply can have at most {MOST_FILES} files.")
    for file in files:
        if not file.data:
            raise InputError(file.name, sentence=f"“{safe_name(file.name)}” is empty.")
    if sum(len(file.data) for file in files) > MOST_BYTES:
        raise InputError(
            "size", sentence=f"The files of a reply can have at most {readable(MOST_BYTES)} in all.",
            next_step="Send a link to the file, or attach a smaller one.",
        )  # fmt: skip
    return tuple(files)


def readable(size: int) -> str:
    """Bytes for a person: `1.5 MB`."""
    if size < 1024:
        return f"{size} B"
    return f"{size / 1024:.1f} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"
