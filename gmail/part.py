"""One node of a mail's MIME tree, whichever way the mail arrived."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Part:
    """A MIME part. `content` is transfer-decoded and None where only its size is known (bytes).

    `type` is lower-cased (`text/plain`). `headers` holds the part's own raw headers in order; for a
    message they are the message's. `utf8` says that Gmail has already re-encoded the content to UTF-8.
    """

    type: str
    charset: str | None = None
    filename: str | None = None
    disposition: str | None = None
    content_id: str | None = None
    size: int = 0
    content: bytes | None = None
    children: tuple["Part", ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    flowed: bool = False
    delete_space: bool = False
    utf8: bool = False

    @property
    def is_attachment(self) -> bool:
        """True for what a reader opens apart: a declared attachment, a named part, anything that is not
        text.
        """
        if self.disposition == "attachment" or not self.type.startswith(("text/", "multipart/")):
            return True
        return bool(self.filename) or self.type in ("text/calendar", "text/x-vcard", "text/vcard", "text/csv")

    def header(self, name: str) -> str:
        """Return the first raw header of that name (lower-cased), or an empty string."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def header_values(self, name: str) -> list[str]:
        """Return all raw headers of that name (lower-cased)."""
        return [value for key, value in self.headers if key.lower() == name]

    def walk(self) -> Iterator["Part"]:
        """Yield this part and every part below it, in reading order."""
        stack = [self]
        while stack:
            part = stack.pop()
            yield part
            stack.extend(reversed(part.children))
