"""Attachments that are real files of their kind: a reader finds the story's text inside."""

import io
import struct
import textwrap
import zipfile
import zlib
from collections.abc import Callable
from xml.sax.saxutils import escape

from sandbox.scenario.story import Attachment, StoryError

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_LINES_PER_PAGE = 50


def file_bytes(attachment: Attachment) -> bytes:
    """The file's content, the same bytes every time. Raises StoryError for a type nobody here can write."""
    kind = attachment.type.partition(";")[0].strip().lower()
    writer = _WRITERS.get(kind)
    if writer is None and kind.startswith("text/"):
        writer = _text
    if writer is None:
        raise StoryError(f"Attachment {attachment.name!r} has the type {attachment.type!r}, which is not supported.")
    return writer(attachment.text)


def _text(text: str) -> bytes:
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode()


def _pdf(text: str) -> bytes:
    """A PDF 1.4 with one text object a page, in Helvetica and WinAnsiEncoding (cp1252)."""
    lines = [part for line in text.splitlines() for part in textwrap.wrap(line, 90) or [""]] or [""]
    pages = [lines[start : start + _LINES_PER_PAGE] for start in range(0, len(lines), _LINES_PER_PAGE)]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, page in enumerate(pages):
        stream = _pdf_page(page)
        resources = "/MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>"
        objects.append(f"<< /Type /Page /Parent 2 0 R {resources} /Contents {5 + 2 * number} 0 R >>".encode())
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream))
    return _pdf_file(objects)


def _pdf_page(lines: list[str]) -> bytes:
    shown = [b"(%b) Tj T*" % _pdf_string(line) for line in lines]
    return b"\n".join([b"BT /F1 11 Tf 14 TL 56 786 Td", *shown, b"ET"])


def _pdf_string(line: str) -> bytes:
    raw = line.encode("cp1252", "replace")
    return raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _pdf_file(objects: list[bytes]) -> bytes:
    out, offsets = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def _docx(text: str) -> bytes:
    """A document of one paragraph a line; zip entries carry a fixed date so that the bytes repeat."""
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    paragraphs = "".join(
        f'<w:p><w:r><w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>' for line in text.splitlines()
    )
    document = f'<w:document xmlns:w="{namespace}"><w:body>{paragraphs}</w:body></w:document>'
    files = {
        "[Content_Types].xml": _DOCX_TYPES,
        "_rels/.rels": _DOCX_RELATIONS,
        "word/document.xml": document,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), (_XML + content).encode(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_DOCX_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{DOCX}.main+xml"/></Types>'
)
_DOCX_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)


def _png(text: str) -> bytes:
    """A grey pixel whose comment is the text."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    comment = b"Comment\0\0\0\0\0" + text.encode()
    parts = chunk(b"IHDR", header), chunk(b"iTXt", comment), chunk(b"IDAT", zlib.compress(b"\0\x80"))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


_WRITERS: dict[str, Callable[[str], bytes]] = {
    "application/pdf": _pdf,
    "image/png": _png,
    DOCX: _docx,
}
