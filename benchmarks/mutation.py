"""Mails that nobody would send: sound ones, damaged in the ways the net and the wicked damage them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from random import Random

Mutation = Callable[[bytes, Random], bytes]

# Mutations multiply each other's work; a mail larger than this only says how long a copy takes.
LARGEST = 1_000_000

_BOUNDARY = re.compile(rb"boundary=\"?([^\s\";]+)", re.IGNORECASE)
_CHARSET = re.compile(rb"charset=\"?[\w.:-]+\"?", re.IGNORECASE)
_ENCODING = re.compile(rb"(Content-Transfer-Encoding: *)[\w-]+", re.IGNORECASE)
_HEADERS_END = re.compile(rb"\r?\n\r?\n")
_CHARSETS = (
    b"utf-8", b"utf-7", b"utf-16", b"utf-32", b"us-ascii", b"iso-8859-1", b"iso-2022-jp", b"hz", b"gb2312", b"big5",
    b"shift_jis", b"euc-kr", b"koi8-r", b"cp037", b"idna", b"punycode", b"base64", b"rot13", b"unicode_escape",
    b"raw_unicode_escape", b"undefined", b"mbcs", b"x-unknown", b"\"utf-8", b"=?utf-8?q?x?=", b"", b"utf-8\xff",
)  # fmt: skip
_ENCODINGS = (b"base64", b"quoted-printable", b"x-uuencode", b"8bit", b"binary", b"nonsense", b"")
_PIECES = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n", b"\r\n\r\n", b"\n\n--", b"=?utf-8?B?", b"?=", b"=?x?q?=ff?=",
    b"=\n", b"=", b"--", b"<", b">", b"<div>" * 40, b"<blockquote type=cite>" * 20, b"<!--", b"]]>", b"&#x110000;",
    b"&#xd800;", b"> " * 60, b"begin 644 x\n", b"\nend\n", b"-----BEGIN PGP SIGNED MESSAGE-----\n", b"\nFrom: a@b\n",
    b"On Monday, Ana <a@b> wrote:\n", b"\xf0\x9f\x98", b"\xed\xa0\x80", b"\xc3", b"\x1b$B", b"~{", b"+AGE-", b"\x85",
    b"\xe2\x80\xa8", b"(" * 80, b'"', b"\\", b";", b"filename*0*=utf-8''%ff; filename*1=x", b"name*=x'y", b"\t ",
)  # fmt: skip


def flip_bits(raw: bytes, rng: Random) -> bytes:
    """Up to 40 bits anywhere."""
    changed = bytearray(raw)
    for _ in range(rng.randint(1, 40) if changed else 0):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def truncate(raw: bytes, rng: Random) -> bytes:
    """Cut off at the end, or sometimes at the beginning."""
    place = rng.randrange(len(raw) + 1)
    return raw[place:] if rng.random() < 0.2 else raw[:place]


def insert(raw: bytes, rng: Random) -> bytes:
    """Up to 12 telling pieces anywhere."""
    for _ in range(rng.randint(1, 12)):
        place = rng.randrange(len(raw) + 1)
        raw = raw[:place] + rng.choice(_PIECES) + raw[place:]
    return raw


def repeat_headers(raw: bytes, rng: Random) -> bytes:
    """Header lines again, some of them many times, in any order."""
    head, rest = _divided(raw)
    lines = head.splitlines(keepends=True)
    for _ in range(rng.randint(1, 8) if lines else 0):
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(lines) * rng.choice((1, 1, 2, 50)))
    return b"".join(lines) + rest


def break_boundaries(raw: bytes, rng: Random) -> bytes:
    """Boundaries renamed, doubled, removed, or closed too early."""
    found = _BOUNDARY.findall(raw)
    if not found:
        return raw
    boundary = rng.choice(found)
    other = rng.choice((b"", b"--", boundary[:-1], boundary + b"--", boundary * 2, b"\xff", rng.choice(found)))
    return raw.replace(b"--" + boundary, b"--" + other, rng.choice((1, 2, -1)))


def mislabel(raw: bytes, rng: Random) -> bytes:
    """Charsets and transfer encodings that are not those of the content."""
    raw = _CHARSET.sub(lambda _: b"charset=" + rng.choice(_CHARSETS), raw)
    if rng.random() < 0.5:
        raw = _ENCODING.sub(lambda match: match[1] + rng.choice(_ENCODINGS), raw)
    return raw


def nest(raw: bytes, rng: Random) -> bytes:
    """The mail within mails, or within multiparts, up to 300 deep."""
    depth = rng.choice((1, 3, 10, 100, 300))
    if rng.random() < 0.5:
        return b"Content-Type: message/rfc822\n\n" * depth + raw
    opening = (b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(depth))
    return b"".join(opening) + raw


def enlarge_header(raw: bytes, rng: Random) -> bytes:
    """One header of up to 200 KB of what its parser finds hardest."""
    name = rng.choice((b"Subject", b"To", b"Content-Type", b"Content-Disposition", b"Date", b"References", b"X-Long"))
    unit = rng.choice((
        b"a", b"<", b'"', b"(", b",", b";", b" ", b"a@b,", b"=?utf-8?q?=C3?= ", b"; a*0*=x", b"\n ", b"\\", b"<a@b> ",
        b"[", b":", b"=?", b"=?x?q?", b"1:", b"'", b"\xe9",
    ))  # fmt: skip
    return name + b": " + unit * rng.choice((100, 2_000, 200_000 // len(unit))) + b"\n" + raw


def shuffle_lines(raw: bytes, rng: Random) -> bytes:
    """Some lines moved elsewhere."""
    lines = raw.splitlines(keepends=True)
    for _ in range(rng.randint(1, 10) if lines else 0):
        lines.insert(rng.randrange(len(lines)), lines.pop(rng.randrange(len(lines))))
    return b"".join(lines)


def retype(raw: bytes, rng: Random) -> bytes:
    """Content types that do not fit."""
    kind = rng.choice((
        b"multipart/mixed", b"multipart/alternative; boundary=", b"message/rfc822", b"message/delivery-status",
        b"message/partial", b"text/html", b"text/calendar", b"text/enriched", b"application/ms-tnef", b"text", b"/", b"",
        b"multipart/digest; boundary=x", b"text/plain; format=flowed; delsp=yes", b"message/external-body",
    ))  # fmt: skip
    return re.sub(rb"(?i)(content-type: *)[\w./+-]+", lambda match: match[1] + kind, raw, count=rng.choice((0, 1, 2)))


MUTATIONS: tuple[Mutation, ...] = (
    flip_bits, truncate, insert, repeat_headers, break_boundaries, mislabel, nest, enlarge_header, shuffle_lines, retype,
)  # fmt: skip


def mutated(seeds: Sequence[bytes], rng: Random) -> bytes:
    """One of the seeds with one to three mutations; now and then spliced with another."""
    raw = rng.choice(seeds)
    if rng.random() < 0.1:
        other = rng.choice(seeds)
        raw = raw[: rng.randrange(len(raw) + 1)] + other[rng.randrange(len(other) + 1) :]
    for mutation in rng.choices(MUTATIONS, k=rng.randint(1, 3)):
        raw = mutation(raw, rng)[:LARGEST]
    return raw


def _divided(raw: bytes) -> tuple[bytes, bytes]:
    match = _HEADERS_END.search(raw)
    return (raw[: match.start() + 1], raw[match.start() + 1 :]) if match else (raw, b"")


def own_mails() -> tuple[bytes, ...]:
    """Sound mails of every kind that a mailbox holds, written for this purpose."""
    return tuple(_mail(body, *headers) for body, *headers in (_PLAIN, _FLOWED, _HTML, _ALTERNATIVE, _MIXED, _NESTED,
                 _CALENDAR, _SIGNED, _REPORT, _INLINE, _UUENCODED, _TNEF, _LATIN))  # fmt: skip


def _mail(body: bytes, *headers: bytes) -> bytes:
    opening = (
        b"From: =?utf-8?q?Ana_N=C3=BA=C3=B1ez?= <ana@globex.example>",
        b'To: luis@lealup.example, "Souza, Jo\xc3\xa3o" <joao@globex.example>',
        b"Subject: =?iso-8859-1?Q?Renovaci=F3n?= 2025",
        b"Date: Mon, 3 Mar 2025 10:00:00 +0100",
        b"Message-ID: <one@globex.example>",
        b"References: <zero@lealup.example>",
        b"MIME-Version: 1.0",
    )
    return b"\r\n".join((*opening, *headers)) + b"\r\n\r\n" + body.replace(b"\n", b"\r\n")


_PICTURE = base64.encodebytes(bytes(range(256)) * 3)
_PLAIN = (
    "Hola, Luis:\n\nNo queremos cancelar, pero hay un error crítico. 😡\n\nUn saludo,\nAna\n\n"
    "El lun, 3 mar 2025 a las 10:00, Luis (<luis@lealup.example>) escribió:\n\n> ¿Todo bien?\n> Luis\n".encode(),
    b"Content-Type: text/plain; charset=utf-8",
    b"Content-Transfer-Encoding: 8bit",
)
_FLOWED = (
    b"If the export does not work \nby Friday we will cancel.\n> Is it \n> better now?\nNo.\n-- \nAna\n",
    b"Content-Type: text/plain; charset=us-ascii; format=flowed; delsp=yes",
)
_HTML = (
    b"<html><head><style>p{}</style></head><body><p>Ol=C3=A1,</p><ul><li>um<li>dois</ul><table><tr><td>a<td>b</table>\n"
    b'<a href=3D"https://x.example/?u=3D1">aqui</a><img src=3D"https://t.example/p.gif">\n'
    b'<div class=3D"gmail_quote"><div class=3D"gmail_attr">Em seg. Luis escreveu:</div><blockquote>ol=C3=A1</blockquote>\n'
    b"</div></body></html>",
    b'Content-Type: text/html; charset="utf-8"',
    b"Content-Transfer-Encoding: quoted-printable",
)
_ALTERNATIVE = (
    b"--a1\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nSeg=FAn lo dicho.\n"
    b"--a1\nContent-Type: text/html; charset=iso-8859-1\n\n<p>Seg\xfan <b>lo dicho</b>.</p>"
    b'<div id="divRplyFwdMsg"><b>De:</b> Luis<br><b>Enviado:</b> lunes<br><b>Para:</b> Ana</div><p>viejo</p>\n--a1--\n',
    b"Content-Type: multipart/alternative; boundary=a1",
)
_MIXED = (
    b"--m1\nContent-Type: text/plain\n\nThe file is attached.\n--m1\nContent-Type: application/pdf; name*=utf-8''a%C3%B1o.pdf\n"
    b"Content-Transfer-Encoding: base64\nContent-Disposition: attachment;\n filename*0*=utf-8''a%C3%B1;\n filename*1=o.pdf\n\n"
    + _PICTURE
    + b"--m1--\n",
    b'Content-Type: multipart/mixed; boundary="m1"',
)
_NESTED = (
    b"--n1\nContent-Type: text/plain\n\nFYI\n--n1\nContent-Type: message/rfc822\n\nFrom: Luis <luis@lealup.example>\n"
    b"Subject: Plan\nContent-Type: multipart/alternative; boundary=n2\n\n--n2\n\nplain\n--n2\nContent-Type: text/html\n\n"
    b"<p>rich</p>\n--n2--\n--n1--\n",
    b"Content-Type: multipart/mixed; boundary=n1",
)
_CALENDAR = (
    b"BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nSUMMARY:Call\nEND:VEVENT\nEND:VCALENDAR\n",
    b'Content-Type: text/calendar; method=REPLY; charset="utf-8"',
)
_SIGNED = (
    b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nWe terminate the contract.\n-----BEGIN PGP SIGNATURE-----\n\n"
    b"iQEzBAEBCAAdFiEE\n=abcd\n-----END PGP SIGNATURE-----\n",
    b"Content-Type: text/plain",
)
_REPORT = (
    b"--r1\n\nYour mail could not be delivered.\n--r1\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n\n"
    b"Final-Recipient: rfc822; a@x.example\nStatus: 5.1.1\n--r1\nContent-Type: text/rfc822-headers\n\nSubject: Plan\n--r1--\n",
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=r1",
    b"Auto-Submitted: auto-replied",
)
_INLINE = (
    b"--i1\nContent-Type: text/html\n\n<p>Look: <img src=cid:p1></p>\n--i1\nContent-Type: image/png\nContent-ID: <p1>\n"
    b"Content-Disposition: inline; filename=p.png\nContent-Transfer-Encoding: base64\n\n" + _PICTURE + b"--i1--\n",
    b"Content-Type: multipart/related; boundary=i1",
    b"List-Unsubscribe: <mailto:u@x.example>",
)
_UUENCODED = (
    b"See below.\n\nbegin 644 notes.txt\n" + binascii.b2a_uu(b"some notes, nothing else") + b"`\nend\n\nBye\n",
    b"Content-Type: text/plain",
)
_TNEF = (
    b"--t1\n\nQueremos rescindir el contrato.\n--t1\nContent-Type: application/ms-tnef; name=winmail.dat\n"
    b"Content-Transfer-Encoding: base64\n\neJ8+IgAAAAAAAAAA\n--t1--\n",
    b"Content-Type: multipart/mixed; boundary=t1",
)
_LATIN = ("Não renovaremos; até já, João".encode("latin-1"), b"Content-Type: text/plain; charset=utf-8")
