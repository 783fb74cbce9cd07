"""Mails as they arrive: charsets, trees, names, dates, and what nobody would call a mail."""

from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.timing import least_seconds
from crm.mail import Address, Attachment
from gmail.mime import parse

SHARED = Path(__file__).parents[2].parent / "shared" / "data"


def mail(body: bytes, *headers: str) -> bytes:
    lines = ["From: Ana <ana@globex.example>", "To: luis@lealup.example", "Subject: Hola", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def test_reads_headers_addresses_and_date() -> None:
    parsed = parse(
        b"From: =?utf-8?q?Mar=C3=ADa_N=C3=BA=C3=B1ez?= <Maria@Globex.Example>\r\n"
        b'To: luis@lealup.example, "Souza, Jo\xc3\xa3o" <joao@globex.example>\r\n'
        b"To: third@globex.example\r\n"
        b"Cc: team: a@x.example, b@x.example;\r\n"
        b"Reply-To: reply@globex.example\r\n"
        b"Subject: =?iso-8859-1?Q?Renovaci=F3n?=\r\n =?iso-8859-1?Q?_del_a=F1o?=\r\n"
        b"Date: Mon, 3 Mar 2025 10:00:00 +0100\r\n"
        b"Message-ID: <one@globex.example>\r\n"
        b"In-Reply-To: <zero@lealup.example>\r\n"
        b"References: <minus@x.example>\r\n <zero@lealup.example>\r\n\r\nHola\r\n"
    )
    assert parsed.sender == Address(name="María Núñez", email="maria@globex.example")
    assert [address.email for address in parsed.to] == [
        "luis@lealup.example",
        "joao@globex.example",
        "third@globex.example",
    ]
    assert parsed.to[1].name == "Souza, João"
    assert [address.email for address in parsed.cc] == ["a@x.example", "b@x.example"]
    assert parsed.reply_to[0].email == "reply@globex.example"
    assert parsed.subject == "Renovación del año"
    assert parsed.date == datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
    assert parsed.message_id == "<one@globex.example>"
    assert parsed.in_reply_to == "<zero@lealup.example>"
    assert parsed.references == ("<minus@x.example>", "<zero@lealup.example>")
    assert parsed.error is None


@pytest.mark.parametrize(
    ("label", "content", "used"),
    [
        ("utf-8", "¿Año nuevo?".encode(), "utf-8"),
        ("iso-8859-1", "¿Año nuevo?".encode("latin-1"), "iso-8859-1"),
        ("iso-8859-1", "¿Año nuevo?".encode(), "utf-8"),
        ("utf-8", "¿Año nuevo?".encode("latin-1"), "windows-1252"),
        ("us-ascii", "¿Año nuevo?".encode("cp1252"), "us-ascii"),
        ("x-nobody-knows", "¿Año nuevo?".encode(), "utf-8"),
        ("utf-16", "¿Año nuevo?".encode("utf-16"), "utf-16"),
    ],
)
def test_charset_labels_are_checked(label: str, content: bytes, used: str) -> None:
    parsed = parse(mail(content, f"Content-Type: text/plain; charset={label}"))
    assert parsed.text == "¿Año nuevo?"
    assert parsed.charset == used


def test_prefers_plain_and_keeps_html_of_an_alternative() -> None:
    parsed = parse(
        mail(
            b"--b\r\nContent-Type: text/plain\r\n\r\nplain words\r\n"
            b"--b\r\nContent-Type: text/html\r\n\r\n<p>rich <b>words</b></p>\r\n--b--\r\n",
            "Content-Type: multipart/alternative; boundary=b",
        )
    )
    assert parsed.text == "plain words"
    assert parsed.html == "<p>rich <b>words</b></p>\n" or parsed.html == "<p>rich <b>words</b></p>"


def test_falls_back_to_html_when_plain_is_empty() -> None:
    parsed = parse(
        mail(
            b"--b\r\nContent-Type: text/plain\r\n\r\n\r\n"
            b"--b\r\nContent-Type: text/html\r\n\r\n<p>only here</p>\r\n--b--\r\n",
            "Content-Type: multipart/alternative; boundary=b",
        )
    )
    assert parsed.text == parsed.new_text == "only here"


def test_attachments_have_names_decoded_sizes_and_types() -> None:
    parsed = parse(
        mail(
            b"--b\r\nContent-Type: text/plain\r\n\r\nsee attached\r\n"
            b"--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
            b"Content-Disposition: attachment; filename*=utf-8''presupuesto%20a%C3%B1o.pdf\r\n\r\nAAECAwQ=\r\n"
            b'--b\r\nContent-Type: image/png; name="=?utf-8?q?gr=C3=A1fico.png?="\r\n\r\nxyz\r\n'
            b"--b\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n--b--\r\n",
            "Content-Type: multipart/mixed; boundary=b",
        )
    )
    assert parsed.text == "see attached"
    assert parsed.attachments[:2] == (
        Attachment(name="presupuesto año.pdf", size=5, type="application/pdf"),
        Attachment(name="gráfico.png", size=3, type="image/png"),
    )
    assert parsed.attachments[2].type == "text/calendar"


def test_an_attached_mail_stays_and_its_text_is_read_as_forwarded() -> None:
    parsed = parse(
        mail(
            b"--b\r\nContent-Type: text/plain\r\n\r\nlook at this\r\n"
            b"--b\r\nContent-Type: message/rfc822\r\n\r\n"
            b"From: old@x.example\r\nSubject: The complaint\r\n\r\nIt is broken.\r\n--b--\r\n",
            "Content-Type: multipart/mixed; boundary=b",
        )
    )
    assert [attachment.name for attachment in parsed.attachments] == ["The complaint.eml"]
    assert parsed.attachments[0].size > 40
    assert parsed.new_text.startswith("look at this")
    assert "From: old@x.example" in parsed.new_text
    assert parsed.new_text.endswith("It is broken.")


def test_flowed_lines_are_joined_within_their_quote() -> None:
    parsed = parse(mail(b"one long \r\nline\r\n\r\n> quoted \r\n> too\r\n", "Content-Type: text/plain; format=flowed"))
    assert "one long line" in parsed.text
    assert "> quoted too" in parsed.text


def test_uuencoded_files_become_attachments() -> None:
    parsed = parse(mail(b"hello\n\nbegin 644 cat.txt\n#0V%T\n`\nend\n\nbye\n"))
    assert parsed.attachments == (Attachment(name="cat.txt", size=3, type="text/plain"),)
    assert "begin 644" not in parsed.text
    assert parsed.text.startswith("hello") and parsed.text.endswith("bye")


def test_signed_and_encrypted_envelopes_survive() -> None:
    signed = parse(
        mail(
            b"--b\r\nContent-Type: text/plain\r\n\r\nsigned words\r\n"
            b"--b\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b--\r\n",
            'Content-Type: multipart/signed; boundary=b; protocol="application/pkcs7-signature"',
        )
    )
    assert signed.text == "signed words"
    assert signed.attachments[0].name == "smime.p7s"
    clear = parse(
        mail(
            b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA1\n\nclear words\n"
            b"-----BEGIN PGP SIGNATURE-----\n\niQEabc\n-----END PGP SIGNATURE-----\n"
        )
    )
    assert clear.text == "clear words"
    tnef = parse(mail(b"AAAA", "Content-Type: application/ms-tnef; name=winmail.dat"))
    assert [attachment.name for attachment in tnef.attachments] == ["winmail.dat"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00\x00",
        b"no headers at all",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\nnever appears",
        b'Content-Type: text/plain; charset="\r\nFrom: <<<>>\r\nDate: yesterday\r\n\r\nx',
        b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
    ],
)
def test_malformed_mail_is_read_and_named(raw: bytes) -> None:
    parsed = parse(raw)
    assert parsed.date is None
    assert parsed.error is not None or parsed.text == "x" or parsed.attachments


def test_text_of_a_broken_multipart_is_kept() -> None:
    parsed = parse(b"From: a@x.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\nthe words are here")
    assert "the words are here" in parsed.text
    assert parsed.error is not None


@pytest.mark.parametrize(
    "raw",
    [
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2000)),
        b"Subject: " + b"a" * 2_000_000 + b"\n\nx",
        b"To: " + b"a@b.example, " * 60_000 + b"\n\nx",
        b"Content-Type: text/html\n\n" + b"<div>" * 200_000 + b"x",
        b"Content-Type: text/html\n\n" + b"<b><i>" * 20_000,
        b"Subject: x\n\n" + b"> " * 300_000,
        b"Subject: x\n\n" + b"On Monday " * 100_000,
        b"Subject: x\n\n" + b"From: a\n" * 100_000,
        b"Content-Type: text/plain; " + b'a="; ' * 20_000 + b"\n\nx",
    ],
    ids=[
        "nested",
        "subject",
        "recipients",
        "divs",
        "formatting",
        "quotes",
        "attribution",
        "fields",
        "parameters",
    ],
)
def test_hostile_mail_takes_little_time(raw: bytes) -> None:
    assert least_seconds(lambda: parse(raw), under=3) < 3


@pytest.mark.parametrize("folder", ["mime", "enron", "spamassassin"])
def test_real_mail_is_read_without_exception(folder: str) -> None:
    if not (SHARED / folder).is_dir():
        pytest.skip(f"needs the shared data at {SHARED / folder}")
    files = [path for path in sorted((SHARED / folder).rglob("*")) if path.is_file()]
    unreadable = [path.name for path in files if "unreadable structure" in (parse(path.read_bytes()).error or "")]
    assert files and unreadable == []


def attached(parameters: str, disposition: str = "attachment") -> tuple[str, ...]:
    raw = mail(
        f"--b\r\n\r\nHola\r\n--b\r\nContent-Type: application/pdf{parameters}\r\nContent-Disposition: {disposition}"
        "\r\n\r\nx\r\n--b--".encode(),
        "Content-Type: multipart/mixed; boundary=b",
    )
    return tuple(attachment.name for attachment in parse(raw).attachments)


def test_of_two_names_the_international_one_counts() -> None:
    name = "attachment; filename=old.pdf; filename*=utf-8''nuevo%20a%C3%B1o.pdf"
    assert attached("; name=old.pdf", name) == ("nuevo año.pdf",)


def test_a_pgp_signature_with_a_dash_in_its_comment_goes() -> None:
    body = (
        b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHola\n- -- one\n-----BEGIN PGP SIGNATURE-----\n"
        b"Comment: GnuPG - example\n\niQEz\n-----END PGP SIGNATURE-----\nBelow\n"
    )
    assert parse(mail(body)).text == "Hola\n-- one\n\nBelow"


def test_stray_western_bytes_in_utf8_are_read() -> None:
    body = "Renovación y a".encode() + b"\xf1o"
    assert parse(mail(body, "Content-Type: text/plain; charset=utf-8")).text == "Renovación y año"


def test_an_attached_mail_may_be_encoded() -> None:
    inner = b64encode(b"From: c@z.example\r\nSubject: Inner\r\n\r\nWe will cancel")
    body = (
        b"--b\r\n\r\nSee\r\n--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + inner
        + b"\r\n--b--"
    )
    parsed = parse(mail(body, "Content-Type: multipart/mixed; boundary=b"))
    assert parsed.new_text.endswith("Subject: Inner\n\nWe will cancel")
    assert [attachment.name for attachment in parsed.attachments] == ["Inner.eml"]


def test_doubtful_headers_are_read() -> None:
    parsed = parse(
        b"From: Ana Ruiz ana@x.example\nDate: 2025-11-18T16:12:33+01:00\nContent-Transfer-Encoding: BASE64 \n\nSG9sYQ=="
    )
    assert parsed.sender == Address(name="Ana Ruiz", email="ana@x.example")
    assert parsed.date == datetime(2025, 11, 18, 15, 12, 33, tzinfo=UTC)
    assert parsed.text == "Hola"


def test_an_attached_mail_labelled_encoded_may_hold_anything() -> None:
    raw = (
        b"From: a@b.example\nContent-Type: message/rfc822; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n"
        b"\n\nall bytes: \xe9\xff\x80 \xc3\xa9 =C3=A9\n"
    )
    assert "unreadable" not in (parse(raw).error or "")


def test_an_address_longer_than_any_is_nobody() -> None:
    read = parse(mail(b"Hello.", f"Cc: {'x' * 3000}@acme.example, b@acme.example"))
    assert [address.email for address in read.cc] == ["b@acme.example"]
