"""What a file is: decided by its first bytes, and by its name and MIME type only where bytes can't tell."""

from __future__ import annotations

from typing import Literal

Kind = Literal["pdf", "docx", "html", "text"]
Reason = Literal["too_large", "encrypted", "unreadable", "timeout", "unsupported", "no_text", "gone"]

_BY_EXTENSION: dict[str, Kind] = {
    "pdf": "pdf", "docx": "docx", "docm": "docx", "dotx": "docx", "txt": "text", "text": "text", "csv": "text",
    "tsv": "text", "html": "html", "htm": "html", "xhtml": "html",
}  # fmt: skip
_BY_TYPE: dict[str, Kind] = {
    "application/pdf": "pdf",
    "application/x-pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.ms-word.document.macroenabled.12": "docx",
    "text/plain": "text",
    "text/csv": "text",
    "text/tab-separated-values": "text",
    "application/csv": "text",
    "text/html": "html",
    "application/xhtml+xml": "html",
}
_UNTYPED = frozenset({"application/octet-stream", "application/binary", "application/x-download", ""})
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_HEAD = 1024  # bytes in which a PDF may begin (ISO 32000-1, annex H.3.4.1)


def promised(name: str, type_: str) -> Kind | None:
    """What name and type say it is; None: nothing that has text here. An unknown ending hides what the type says."""
    stem, dot, extension = name.rpartition(".")
    known = _BY_EXTENSION.get(extension.lower().strip()) if dot and stem else None
    if known is not None:
        return known
    return _BY_TYPE.get(type_.lower()) if not dot or _BY_TYPE.get(type_.lower()) != "text" else None


def worth_fetching(name: str, type_: str) -> bool:
    """Whether the content could be text: a known ending or type, or a file that says nothing about itself."""
    return promised(name, type_) is not None or ("." not in name and type_.lower() in _UNTYPED)


def kind_of(name: str, type_: str, content: bytes) -> Kind | Reason:
    """The reader for this content, or why there is none. A file that lies about its type is what its bytes are."""
    said = promised(name, type_)
    if b"%PDF-" in content[:_HEAD]:
        return "pdf"
    if content.startswith(_ZIP):
        return "docx"  # the reader looks whether it is one
    if content.startswith(_OLE):  # an encrypted DOCX is wrapped in the old format
        return "encrypted" if _ENCRYPTED_PACKAGE in content else "unsupported"
    if not content.strip():
        return "no_text"
    if said in ("pdf", "docx"):
        return "unreadable"
    if b"\0" in content[:_HEAD] and not content.startswith(_UTF16):
        return "unsupported"
    head = content[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if said == "html" or (said == "text" and head.startswith((b"<!doctype html", b"<html"))):
        return "html"
    return "text" if said == "text" else "unsupported"
