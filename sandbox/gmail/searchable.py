"""What search sees of one mail, worked out on the first look."""

import re
import unicodedata
from functools import cached_property

from sandbox.gmail import mime
from sandbox.gmail.rfc822 import decoded, headers_of

_WORD = re.compile(r"\w+")
_TAG = re.compile(r"<(?:style|script)\b.*?</(?:style|script)>|<[^<>]*>", re.IGNORECASE | re.DOTALL)


def words(text: str) -> str:
    """The words of a text, without case and accents, each between spaces: a phrase is then a plain substring."""
    if not text.isascii():
        text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return f" {' '.join(_WORD.findall(text.casefold()))} "


def visible(html: str) -> str:
    """The text of HTML, roughly."""
    return _TAG.sub(" ", html).replace("&nbsp;", " ")


class Searchable:
    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    @cached_property
    def headers(self) -> dict[str, str]:
        """Lower-case name -> words of every value."""
        found: dict[str, str] = {}
        for name, value in headers_of(self._raw):
            found[name.lower()] = found.get(name.lower(), "") + words(decoded(value, name=name))
        return found

    @cached_property
    def body(self) -> str:
        """Words of every text part."""
        return words("\n".join(self._texts))

    @cached_property
    def filenames(self) -> tuple[str, ...]:
        return tuple(part.filename for part in self._root.walk() if part.filename)

    @cached_property
    def has_attachment(self) -> bool:
        # A mail of one part without any name, the common case, need not be parsed.
        return b"name" in self._raw and any(part.is_attachment for part in self._root.walk())

    def header(self, *names: str) -> str:
        return "".join(self.headers.get(name, "") for name in names)

    @property
    def everything(self) -> str:
        return self.header("from", "to", "cc", "bcc", "subject") + self.body + words(" ".join(self.filenames))

    @property
    def _root(self) -> mime.Part:
        return mime.parse(self._raw)

    @property
    def _texts(self) -> list[str]:
        parts = [part for part in self._root.walk() if part.is_inline_text and not part.children]
        return [visible(part.text()) if part.mime_type == "text/html" else part.text() for part in parts]
