"""What search sees of one mail, worked out on the first look."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from sandbox.gmail import mime
from sandbox.gmail.rfc822 import decoded, headers_of, text

_WORD = re.compile(r"\w+")
_TAG = re.compile(r"<(?:style|script)\b.*?(?:</(?:style|script)>|\Z)|<[^<>]*>", re.IGNORECASE | re.DOTALL)


def words(content: str) -> str:
    """The words of a text, without case and accents, each between spaces: a phrase is then a plain substring."""
    if not content.isascii():
        content = "".join(char for char in unicodedata.normalize("NFKD", content) if not unicodedata.combining(char))
    return f" {' '.join(_WORD.findall(content.casefold()))} "


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

    def header(self, *names: str) -> str:
        return "".join(self.headers.get(name, "") for name in names)

    @property
    def everything(self) -> str:
        """Words of the address headers, the subject, the texts and the file names."""
        return self.header("from", "to", "cc", "bcc", "subject") + self._content.words

    @property
    def filenames(self) -> tuple[str, ...]:
        return self._content.filenames

    @property
    def has_attachment(self) -> bool:
        # Without any name there is none: most mails need not be parsed.
        return b"name" in self._raw and self._content.has_attachment

    @cached_property
    def _content(self) -> "_Content":
        plain = plain_body(self._raw)
        if plain is not None:
            return _Content(words=words(plain))
        parts = list(mime.parse(self._raw).walk())
        filenames = tuple(part.filename for part in parts if part.filename)
        texts = [
            visible(part.text()) if part.mime_type == "text/html" else part.text()
            for part in parts
            if part.is_inline_text and not part.children
        ]
        return _Content(
            words=words("\n".join((*texts, *filenames))),
            filenames=filenames,
            has_attachment=any(part.is_attachment for part in parts),
        )


@dataclass(frozen=True, kw_only=True)
class _Content:
    words: str
    filenames: tuple[str, ...] = ()
    has_attachment: bool = False


def plain_body(raw: bytes) -> str | None:
    """The text of a mail without any MIME header, which needs no parsing; None for others."""
    head, separator, body = raw.partition(b"\r\n\r\n" if b"\r\n" in raw[:200] else b"\n\n")
    return None if not separator or b"\ncontent-" in b"\n" + head.lower() else text(body)
