"""Files made for the tests: honest ones in three languages and five formats, and the parts of hostile ones."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from io import BytesIO

from docx import Document
from pypdf import PdfReader, PdfWriter

SENTENCES = {
    "en": (
        "Either party may terminate the agreement with thirty days' notice.",
        "The renewal price is €48,000 per year, café licences included.",
        "Invoice LU-4821 is due on 15 December 2026.",
    ),
    "es": (
        "Cualquiera de las partes podrá rescindir el contrato con treinta días de antelación.",
        "La renovación cuesta 48.000 € al año; ¿incluye la formación en español? ¡Sí, señor!",
        "La factura LU-4821 vence el 15 de diciembre de 2026.",
    ),
    "pt": (
        "Qualquer das partes poderá rescindir o contrato com antecedência de trinta dias.",
        "A renovação custa 48.000 € por ano; a formação não está incluída, mas o João pôde avançar.",
        "A fatura LU-4821 vence em 15 de dezembro de 2026.",
    ),
}


def pdf(lines: Sequence[str], *, pages: int = 1) -> bytes:
    """A PDF with one line of Helvetica each, in WinAnsiEncoding."""
    shown = b"".join(
        b"(" + line.encode("cp1252").replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)") + b") Tj T*\n"
        for line in lines
    )
    stream = b"BT /F1 10 Tf 14 TL 40 780 Td\n" + shown + b"ET"
    kids = b" ".join(b"%d 0 R" % (5 + number) for number in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [" + kids + b"] /Count %d >>" % pages,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n" % len(stream) + stream + b"\nendstream",
        *(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            b"/Resources << /Font << /F1 3 0 R >> >> /Contents 4 0 R >>"
            for _ in range(pages)
        ),
    ]
    return assembled(objects)


def assembled(objects: Sequence[bytes]) -> bytes:
    """The objects, numbered from 1, with their cross-reference table; the first one is the catalog."""
    out = BytesIO()
    out.write(b"%PDF-1.7\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n" % number + content + b"\nendobj\n")
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return out.getvalue()


def encrypted_pdf(lines: Sequence[str], *, user: str, owner: str = "owner") -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf(lines))))
    writer.encrypt(user_password=user, owner_password=owner, algorithm="AES-256")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def docx(lines: Sequence[str], *, table: Sequence[Sequence[str]] = ()) -> bytes:
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    if table:
        made = document.add_table(len(table), len(table[0]))
        for row, cells in zip(made.rows, table, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def changed_docx(replace: dict[str, bytes], add: dict[str, bytes] | None = None) -> bytes:
    """A DOCX with members put in the place of its own ones, or beside them."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(docx(["x"]))) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, replace.get(name, source.read(name)))
        for name, content in (add or {}).items():
            target.writestr(name, content)
    return out.getvalue()


def with_macro(lines: Sequence[str]) -> bytes:
    """A DOCM: the document's content type says macros, and a VBA project lies beside it."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(docx(lines))) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "[Content_Types].xml":
                content = content.replace(
                    b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
                    b"application/vnd.ms-word.document.macroEnabled.main+xml",
                )
            target.writestr(name, content)
        target.writestr("word/vbaProject.bin", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 Auto_Open")
    return out.getvalue()


def files(language: str) -> dict[str, bytes]:
    """Name → content: the language's sentences in every format and usual charset."""
    lines = SENTENCES[language]
    page = "".join(f"<p>{line}</p>" for line in lines)
    return {
        "contract.pdf": pdf(lines),
        "contract.docx": docx(lines[:2], table=[["#", lines[2]]]),
        "notes.txt": "\n".join(lines).encode(),
        "notes-old.txt": "\r\n".join(lines).encode("cp1252"),
        "notes-utf16.txt": "\n".join(lines).encode("utf-16"),
        "prices.csv": "\n".join(f'{number},"{line}"' for number, line in enumerate(lines)).encode("utf-8-sig"),
        "prices-old.csv": "\n".join(f"{number};{line}" for number, line in enumerate(lines)).encode("cp1252"),
        "page.html": f"<html><head><meta charset=utf-8><script>x()</script></head><body>{page}</body></html>".encode(),
        "page-old.html": f'<html><meta charset="windows-1252"><body>{page}</body></html>'.encode("cp1252"),
    }
