"""The text of files: all of it where the file is honest, one of a few reasons where it is not, and always an end."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable

import pytest

from ingestion.attachments.child import Extracted, extract
from ingestion.attachments.extract import MOST_TEXT
from ingestion.attachments.kinds import kind_of, worth_fetching
from tests.ingestion.attachments.documents import (
    SENTENCES,
    assembled,
    changed_docx,
    docx,
    encrypted_pdf,
    files,
    pdf,
    with_macro,
)

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_READERS = frozenset({"pdf", "docx", "html", "text"})


def read(name: str, content: bytes, type_: str = "application/octet-stream", **options: float) -> Extracted:
    """What the worker does with a file that it holds."""
    kind = kind_of(name, type_, content)
    if kind not in _READERS:
        return Extracted(reason=kind)  # type: ignore[arg-type]
    return extract(kind, content, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", sorted(SENTENCES))
def test_every_sentence_of_every_format_is_read_with_its_accents(language: str) -> None:
    missed = []
    for name, content in files(language).items():
        found = read(name, content)
        text = " ".join(found.text.split())
        missed += [(name, sentence) for sentence in SENTENCES[language] if sentence not in text]
        assert found.reason is None, (name, found)
    assert missed == []


def test_what_html_runs_is_no_text() -> None:
    assert "x()" not in read("page.html", files("en")["page.html"]).text


def test_macros_are_ignored_and_the_text_is_read() -> None:
    found = read("offer.docm", with_macro(SENTENCES["es"]))
    assert (found.reason, found.text.split("\n")[0]) == (None, SENTENCES["es"][0])
    assert "Auto_Open" not in found.text


def test_words_cut_at_the_end_of_a_line_are_whole_again() -> None:
    assert "contrato" in read("a.pdf", pdf(["O con-", "trato termina."])).text


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("locked.pdf", encrypted_pdf(["secret"], user="hunter2"), "encrypted"),
        ("locked.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "unsupported"),
        ("broken.pdf", b"%PDF-1.7\n" + b"\xff" * 400, "unreadable"),
        ("cut.pdf", pdf(["Half of it"])[:120], "unreadable"),
        ("broken.docx", docx(["x"])[:300], "unreadable"),
        ("program.pdf", b"MZ\x90\0" + b"\0" * 300, "unreadable"),
        ("picture.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "unsupported"),
        ("archive.docx", changed_docx({"word/document.xml": b""}), "unreadable"),
        ("blank.pdf", pdf([]), "no_text"),
        ("empty.txt", b" \n", "no_text"),
        ("sheet.xlsx", b"PK\x05\x06" + b"\0" * 18, "unsupported"),
    ],
)  # fmt: skip
def test_each_failure_has_its_reason(name: str, content: bytes, reason: str) -> None:
    assert read(name, content).reason == reason


def test_a_file_that_opens_without_a_password_is_read() -> None:
    """Printing may be restricted by the owner; reading is not."""
    assert "renewal" in read("offer.pdf", encrypted_pdf(["The renewal"], user="")).text


@pytest.mark.parametrize("lang", ["00650073", "65007300", "feff00650073", "fffe65007300"])
def test_a_string_that_looks_like_utf_16_is_read(lang: str) -> None:
    """As one hash in thirty of an encrypted file does; the child can't import a codec any more."""
    content = pdf(["The renewal"]).replace(b"/Type /Catalog", b"/Lang <%b> /Type /Catalog" % lang.encode())
    assert "renewal" in read("offer.pdf", content).text


@pytest.mark.parametrize(
    ("charset", "text"),
    [("iso-8859-15", "El contrato cuesta 20 €"), ("koi8-r", "Договор продлён"), ("cp850", "A renovação não é já")],
)
def test_a_page_is_read_in_the_charset_it_names(charset: str, text: str) -> None:
    page = f'<meta charset="{charset}"><p>{text}</p>'.encode(charset)
    assert read("page.html", page).text == text


def test_a_file_that_lies_about_its_type_is_what_its_bytes_are() -> None:
    assert "agreement" in read("photo.txt", pdf(["The agreement"])).text
    assert "agreement" in read("terms.pdf", docx(["The agreement"])).text
    assert read("page.txt", b"<!DOCTYPE html><p>The <b>agreement</b><script>bad()</script>").text == "The agreement"


def _bomb() -> bytes:
    return changed_docx({"word/document.xml": b"<w:document>" + b" " * (80 * 1024 * 1024)})


def _entities() -> bytes:
    """Ten to the ninth times "lol"."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return _document(f'<!DOCTYPE d [<!ENTITY l0 "lol">{levels}]>', "<w:p><w:r><w:t>&l9;</w:t></w:r></w:p>")


def _external_entity() -> bytes:
    return _document(
        '<!DOCTYPE d [<!ENTITY leak SYSTEM "file:///etc/passwd">]>', "<w:p><w:r><w:t>A&leak;B</w:t></w:r></w:p>"
    )


def _deep_table() -> bytes:
    return _document("", "<w:tbl><w:tr><w:tc>" * 5000 + "<w:p/></w:tc></w:tr></w:tbl>" * 5000)


def _document(before: str, body: str) -> bytes:
    xml = f'{before}<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>'
    return changed_docx({"word/document.xml": xml.encode()})


def _own_grandparent() -> bytes:
    """A page tree that holds itself."""
    return assembled([
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 99999999 /Parent 3 0 R >>",
        b"<< /Type /Pages /Kids [2 0 R] /Count 1 /Parent 2 0 R >>",
    ])  # fmt: skip


def _nested_arrays() -> bytes:
    return assembled([b"<< /Type /Catalog /Pages " + b"[" * 100_000 + b"]" * 100_000 + b" >>"])


def _inflating_stream() -> bytes:
    """A quarter of a gigabyte of nothing."""
    stream = zlib.compress(b" " * (256 * 1024 * 1024), 1)
    return assembled(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
            b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(stream) + stream + b"\nendstream",
        ]
    )


@pytest.mark.parametrize("make", [_bomb, _deep_table, _own_grandparent, _nested_arrays, _inflating_stream])
def test_a_hostile_file_ends_soon_with_a_reason(make: Callable[[], bytes]) -> None:
    content = make()
    started = time.monotonic()
    found = read("x.pdf" if content.startswith(b"%PDF") else "x.docx", content)
    assert time.monotonic() - started < 25
    assert found.reason in ("too_large", "unreadable", "timeout", "no_text"), found


def test_an_xml_entity_reads_no_file_and_grows_nothing() -> None:
    assert read("leak.docx", _external_entity()).text == "A"
    assert len(read("laughs.docx", _entities()).text) < 100


def test_text_is_kept_up_to_a_limit_and_says_so() -> None:
    found = read("long.txt", b"All work and no play. " * 40_000)
    assert (len(found.text), found.cut, found.reason) == (MOST_TEXT, True, None)
    assert not read("short.txt", b"All work and no play.").cut


def test_a_reader_that_takes_too_long_is_ended() -> None:
    assert read("slow.pdf", pdf(["slow"]), seconds=0.01).reason == "timeout"


def test_only_what_could_be_text_is_asked_for() -> None:
    wanted = [("a.PDF", ""), ("b.docx", "application/octet-stream"), ("contract", "application/pdf"), ("scan", "")]
    unwanted = [("logo.png", "image/png"), ("a.zip", "application/zip"), ("invite.ics", "text/calendar"),
                ("x.py", "text/plain"), ("a.xlsx", "application/octet-stream")]  # fmt: skip
    assert [worth_fetching(*one) for one in (*wanted, *unwanted)] == [True] * 4 + [False] * 5
