"""The child process: one hostile file on standard input, JSON on standard output. Started by `ingestion.attachments.child`.

Everything it may need is imported first; then it gives up memory, time, and the right to open anything at all, and only
then reads the file. So a file can't reach the network, the disk or another process, whatever it does to a parser.
"""

from __future__ import annotations

import codecs
import contextlib
import encodings
import json
import pkgutil
import re
import resource
import sys
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

MOST_TEXT = 200_000  # characters kept of one file
_MEMORY = 768 * 1024 * 1024  # bytes of address space, libraries included
_CPU = 15  # seconds
_MOST_PAGES = 1000
_MOST_UNZIPPED = 64 * 1024 * 1024  # bytes, all members of a DOCX together
_MOST_MEMBERS = 2000
_WESTERN = frozenset("áàâãéêíóôõúüçñÁÀÂÃÉÊÍÓÔÕÚÜÇÑ¿¡ºª°€–—‘’“”…«»·".encode("cp1252"))
_LIGATURES = re.compile("[\ufb00-\ufb06]")
_HYPHENATED = re.compile(r"(?<=[^\W\d_])-\n(?=[^\W\d_A-Z])")
_SOFT_HYPHEN = re.compile("\u00ad\n?")
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\n{3,}")


class Unreadable(Exception):
    """`args[0]` is one of `kinds.Reason`."""


def main() -> int:
    kind = sys.argv[1]
    _import_codecs()
    read = _prepared(kind)
    _give_up_everything()
    content = sys.stdin.buffer.read()
    try:
        text = tidy(read(content))
        answer = {"text": text[:MOST_TEXT], "cut": len(text) > MOST_TEXT, "reason": "" if text else "no_text"}
    except Unreadable as error:
        answer = {"reason": error.args[0]}
    except MemoryError:
        answer = {"reason": "too_large"}
    except Exception:  # noqa: BLE001 — whatever a damaged file does to a parser
        answer = {"reason": "unreadable"}
    sys.stdout.write(json.dumps(answer))
    return 0


def tidy(text: str) -> str:
    """Composed accents, no ligatures, no words cut at the end of a line, at most one blank line."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""))
    text = _LIGATURES.sub(lambda found: unicodedata.normalize("NFKC", found.group()), text)
    text = _SOFT_HYPHEN.sub("", text)
    text = "\n".join(line.strip() for line in _SPACES.sub(" ", text).split("\n"))
    return _LINES.sub("\n\n", text).strip()


def _import_codecs() -> None:
    """Any charset of any file: Python imports a codec when it first meets it, which can't open a file any more then.

    A PDF meets UTF-16 wherever a string begins like a byte order mark, be it text or the hash of a password.
    """
    for module in pkgutil.iter_modules(encodings.__path__):
        with contextlib.suppress(LookupError, ImportError):  # no codec, or one of another system
            codecs.lookup(module.name)


def _prepared(kind: str) -> Callable[[bytes], str]:
    """The reader of a kind, with all it imports later imported now."""
    if kind == "pdf":
        return _pdf_reader()
    if kind == "docx":
        return _docx_reader()
    from gmail.charset import decode
    from gmail.html import to_text

    def text(content: bytes) -> str:
        label = _meta_charset(content) if kind == "html" else None
        return decode(content, label or ("cp1252" if _looks_western(content) else None))[0]

    decode("á é í ó ú ñ ã õ ç ".encode("cp1252") * 20 + bytes(range(0xC0, 0xFF)) * 20, None)
    to_text("<p>warm</p>")
    return (lambda content: to_text(text(content))) if kind == "html" else text


def _looks_western(content: bytes) -> bool:
    """Whether the bytes above ASCII are accents and typography of Spanish or Portuguese: a guess of a short text misses."""
    high = [byte for byte in content[:65536] if byte >= 0x80]
    return sum(byte in _WESTERN for byte in high) >= 0.9 * len(high)


def _meta_charset(content: bytes) -> str | None:
    found = re.search(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", content[:2048], re.IGNORECASE)
    return found[1].decode("ascii") if found else None


def _pdf_reader() -> Callable[[bytes], str]:
    import logging

    from pypdf import PdfReader, PdfWriter

    logging.disable(logging.CRITICAL)  # nobody reads it

    def read(content: bytes) -> str:
        try:
            reader = PdfReader(BytesIO(content))
            if reader.is_encrypted:  # a file that only forbids printing opens without a password
                reader.decrypt("")
            text = _pages(reader)
        except Exception:
            if b"/Encrypt" in content:  # what a missing password does to a parser has many names
                raise Unreadable("encrypted") from None
            raise
        if reader.is_encrypted and not text.strip():
            raise Unreadable("encrypted")
        return _HYPHENATED.sub("", text)

    writer = PdfWriter()
    writer.add_blank_page(72, 72)
    writer.encrypt("warm", algorithm="AES-256")
    warm = BytesIO()
    writer.write(warm)
    with contextlib.suppress(Unreadable):
        read(warm.getvalue())
    return read


def _pages(reader: Any) -> str:
    found: list[str] = []
    size = 0
    for number, page in enumerate(reader.pages):
        if number >= _MOST_PAGES or size > MOST_TEXT:
            break
        found.append(page.extract_text())
        size += len(found[-1])
    return "\n\n".join(found)


def _docx_reader() -> Callable[[bytes], str]:
    from docx import Document
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    def lines(blocks: Any) -> Iterator[str]:
        for block in blocks.iter_inner_content():
            if isinstance(block, Paragraph):
                yield block.text
            elif isinstance(block, Table):
                for row in block.rows:
                    yield " | ".join("\n".join(lines(cell)).strip() for cell in row.cells)

    def read(content: bytes) -> str:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > _MOST_MEMBERS or sum(member.file_size for member in members) > _MOST_UNZIPPED:
                raise Unreadable("too_large")
            if any(member.flag_bits & 1 for member in members):
                raise Unreadable("encrypted")
            names = {member.filename for member in members}
        if "word/document.xml" not in names:
            raise Unreadable("unsupported")
        found: list[str] = []
        size = 0
        for line in lines(Document(BytesIO(_plain_document(content)))):
            found.append(line)
            size += len(line)
            if size > MOST_TEXT:
                break
        return "\n".join(found)

    blank = BytesIO()
    Document().save(blank)
    read(blank.getvalue())
    return read


def _plain_document(content: bytes) -> bytes:
    """python-docx refuses documents with macros by their content type; the text is the same. Macros are data here."""
    macro = b"application/vnd.ms-word.document.macroEnabled.main+xml"
    template = b"application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"
    main_ = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    with zipfile.ZipFile(BytesIO(content)) as archive:
        types = archive.read("[Content_Types].xml")
        if macro not in types and template not in types:
            return content
        copied = BytesIO()
        with zipfile.ZipFile(copied, "w") as copy:
            for member in archive.infolist():
                data = archive.read(member)
                if member.filename == "[Content_Types].xml":
                    data = data.replace(macro, main_).replace(template, main_)
                copy.writestr(member.filename, data)
        return copied.getvalue()


def _give_up_everything() -> None:
    """No more memory than this, no more time, no core, no file written, no process, and no descriptor: no socket, no file."""
    limits = [
        (resource.RLIMIT_CPU, _CPU),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 3),
        (resource.RLIMIT_NPROC, 0),
    ]
    if sys.platform == "linux":  # elsewhere the limit is refused or ignored
        limits.append((resource.RLIMIT_AS, _MEMORY))
    for limit, value in limits:
        resource.setrlimit(limit, (value, value))


if __name__ == "__main__":
    sys.exit(main())
