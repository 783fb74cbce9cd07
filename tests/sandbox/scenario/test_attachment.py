import io
import struct
import zipfile
import zlib
from email.message import EmailMessage

import pytest

from sandbox.scenario.attachment import DOCX, file_bytes
from sandbox.scenario.story import Attachment, StoryError


def _file(kind: str, text: str) -> bytes:
    return file_bytes(Attachment(name="file", type=kind, text=text))


def test_a_pdf_has_pages_whose_offsets_are_right() -> None:
    pdf = _file("application/pdf", "Total (IVA incl.): 84.000 €\nRenovación\n" + "line\n" * 60)
    start = int(pdf.rsplit(b"startxref\n", 1)[1].split()[0])
    rows = pdf[start:].split(b"trailer")[0].splitlines()[2:]
    for number, row in enumerate(rows[1:], start=1):
        assert pdf[int(row[:10]) :].startswith(b"%d 0 obj" % number)
    assert b"/Count 2" in pdf
    assert "(Total \\(IVA incl.\\): 84.000 €)".encode("cp1252") in pdf


def test_a_docx_holds_its_paragraphs_and_never_changes() -> None:
    first, second = _file(DOCX, "Año & mês\nfin"), _file(DOCX, "Año & mês\nfin")
    document = zipfile.ZipFile(io.BytesIO(first)).read("word/document.xml").decode()
    assert first == second
    assert "Año &amp; mês" in document and document.count("<w:p>") == 2


def test_a_png_has_sound_chunks() -> None:
    png = _file("image/png", "Matilde")
    position, kinds = 8, []
    while position < len(png):
        (length,) = struct.unpack(">I", png[position : position + 4])
        chunk = png[position + 4 : position + 8 + length]
        assert struct.pack(">I", zlib.crc32(chunk)) == png[position + 8 + length : position + 12 + length]
        kinds.append(chunk[:4])
        position += 12 + length
    assert kinds == [b"IHDR", b"iTXt", b"IDAT", b"IEND"]


def test_text_files_are_utf8() -> None:
    assert _file("text/csv", "año;1\n").decode() == "año;1\r\n"


def test_an_unknown_type_is_named() -> None:
    with pytest.raises(StoryError, match="application/x-thing"):
        _file("application/x-thing", "text")


def test_attachments_arrive_whole_with_their_names(mails: dict[str, EmailMessage]) -> None:
    mail = next(mail for name, mail in mails.items() if "noise-school-trip" in name)
    (part,) = mail.iter_attachments()
    assert part.get_filename() == "autorización salida.pdf"
    assert part.get_content().startswith(b"%PDF-1.4")
