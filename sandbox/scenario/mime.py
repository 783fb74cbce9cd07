"""The bytes of a mail (RFC 5322, CRLF line ends), with headers, charsets and parts as its program writes them.

Built on the email package's compat32 classes: its newer header classes encode Message-IDs longer than a line, which
no real program does.
"""

import base64
import re
from datetime import UTC
from email import policy
from email.charset import Charset
from email.header import Header
from email.message import Message
from email.quoprimime import body_encode
from email.utils import format_datetime, formataddr

from sandbox.scenario.attachment import file_bytes
from sandbox.scenario.body import Body, compose, is_outlook_web
from sandbox.scenario.letter import Letter
from sandbox.scenario.people import CSM_ADDRESS, Person
from sandbox.scenario.story import Attachment

_Headers = list[tuple[str, str]]
_POLICY = policy.compat32.clone(linesep="\r\n", mangle_from_=False)
_WITH_HTML = ("gmail", "outlook", "apple")
_PLACES = frozenset({"INBOX", "SENT", "SPAM", "TRASH", "DRAFT"})


def mail_bytes(letter: Letter) -> bytes:
    """The complete message. Raises StoryError for an attachment of an unknown type."""
    charset, encoding = _charset(letter)
    body = compose(letter)
    message = _content(letter, body, charset, encoding)
    content_headers: _Headers = list(message.items())
    for name, _ in content_headers:
        del message[name]
    for name, value in _headers(letter, charset) + content_headers:
        message[name] = value
    for name, text in letter.headers.items():
        if name in message:
            message.replace_header(name, text)
        else:
            message[name] = text
    return message.as_bytes(policy=_POLICY)


def labels(letter: Letter) -> tuple[str, ...]:
    """Gmail's labels: the given ones, and INBOX or SENT unless they already say where the mail lies."""
    if _PLACES.intersection(letter.labels):
        return letter.labels
    return ("SENT" if letter.sender.is_csm else "INBOX", *letter.labels)


def _headers(letter: Letter, charset: str) -> _Headers:
    """All headers but those of the content, in the order of a received mail."""
    headers: _Headers = [("X-Gmail-Labels", ",".join(labels(letter)))]
    headers += [] if letter.sender.is_csm else _trace(letter)
    # Exchange stamps UTC, the other programs their own zone.
    sent = letter.sent.astimezone(UTC) if letter.sender.client == "outlook" else letter.sent
    headers += [
        ("MIME-Version", "1.0"),
        ("Date", format_datetime(sent)),
        ("Message-ID", letter.message_id),
        ("Subject", _encoded(letter.subject, charset, "Subject")),
        ("From", _addresses((letter.sender,), charset)),
        ("To", _addresses(letter.to, charset)),
    ]
    if letter.cc:
        headers.append(("Cc", _addresses(letter.cc, charset)))
    if letter.parent:
        headers.append(("In-Reply-To", letter.parent.message_id))
        headers.append(("References", " ".join(letter.references)))
    return headers + _program_headers(letter, charset) + _automatic_headers(letter)


def _trace(letter: Letter) -> _Headers:
    domain, token = letter.sender.domain, letter.token("received")
    source = f"mail-out.{domain} (mail-out.{domain}. [203.0.113.{int(token[:2], 16)}])"
    stamp = format_datetime(letter.sent)
    return [
        ("Delivered-To", CSM_ADDRESS),
        ("Return-Path", f"<{letter.sender.email}>"),
        (
            "Received",
            f"from {source} by mx.google.com with ESMTPS id {token[2:18]} for <{CSM_ADDRESS}>; {stamp}",
        ),
    ]


def _program_headers(letter: Letter, charset: str) -> _Headers:
    match letter.sender.client:
        case "outlook":
            topic = re.sub(r"^(re: *)+", "", letter.subject, flags=re.IGNORECASE)
            root = letter
            while root.parent:
                root = root.parent
            index = base64.b64encode(bytes.fromhex(root.token("index")[:44])).decode()
            return [
                ("Thread-Topic", _encoded(topic, charset, "Thread-Topic")),
                ("Thread-Index", index),
                *([] if is_outlook_web(letter) else [("X-Mailer", "Microsoft Outlook 16.0")]),
            ]
        case "apple":
            return [("X-Mailer", "Apple Mail (2.3864.300.41.1.7)")]
        case "mobile":
            return [("X-Mailer", "iPhone Mail (23B85)")]
        case "thunderbird":
            return [("User-Agent", "Mozilla Thunderbird")]
        case _:
            return []


def _automatic_headers(letter: Letter) -> _Headers:
    if not letter.automatic:
        return []
    return [("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All"), ("X-Autoreply", "yes")]


def _encoded(text: str, charset: str, name: str) -> str:
    return text if text.isascii() else Header(text, Charset(charset), header_name=name).encode()


def _addresses(people: tuple[Person, ...], charset: str) -> str:
    # RFC 2047 words are short here because names are, so one name never needs two of them.
    return ", ".join(formataddr((person.name, person.email), Charset(charset)) for person in people)


def _charset(letter: Letter) -> tuple[str, str]:
    """The charset and transfer encoding of the program, or UTF-8 when the text does not fit into it."""
    match letter.sender.client:
        case "outlook":
            wanted, encoding = "windows-1252", "quoted-printable"
        case "thunderbird":
            wanted, encoding = ("utf-8" if letter.language == "en" else "iso-8859-1"), "8bit"
        case "mobile":
            wanted, encoding = "utf-8", "base64"
        case _:
            wanted, encoding = "utf-8", "quoted-printable"
    try:
        (compose(letter).plain + letter.subject).encode(wanted)
    except UnicodeEncodeError:
        return "utf-8", encoding
    return wanted, encoding


def _content(letter: Letter, body: Body, charset: str, encoding: str) -> Message:
    html = letter.html or (body.html if letter.sender.client in _WITH_HTML else None)
    flowed = letter.sender.client == "thunderbird"
    plain = _text_part(body.plain, "plain", charset, encoding, {"format": "flowed"} if flowed else {})
    alternatives = [plain]
    if html:
        alternatives.append(_text_part(_document(html, letter, charset), "html", charset, encoding, {}))
    if letter.calendar:
        method = re.search(r"METHOD:(\w+)", letter.calendar)
        parameters = {"method": method[1]} if method else {}
        alternatives.append(_text_part(letter.calendar, "calendar", "utf-8", "base64", parameters))
    content = _multipart("alternative", alternatives, letter) if len(alternatives) > 1 else plain
    if not letter.attachments:
        return content
    files = [_file_part(attachment, number, letter) for number, attachment in enumerate(letter.attachments)]
    return _multipart("mixed", [content, *files], letter)


def _document(fragment: str, letter: Letter, charset: str) -> str:
    """Gmail sends a bare fragment, the others a whole document that names the charset again."""
    if letter.sender.client not in ("outlook", "apple"):
        return fragment + "\n"
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">'
    return f"<html>\n<head>\n{meta}\n</head>\n<body>\n{fragment}\n</body>\n</html>\n"


def _text_part(text: str, subtype: str, charset: str, encoding: str, parameters: dict[str, str]) -> Message:
    part, data = Message(), (text.rstrip("\n") + "\n").encode(charset)
    part.add_header("Content-Type", f"text/{subtype}", charset=charset, **parameters)
    longest = max(map(len, data.split(b"\n")))
    if data.isascii() and longest < 900 and encoding != "base64":
        encoding = "7bit"
    elif longest >= 900 and encoding == "8bit":
        encoding = "quoted-printable"
    part["Content-Transfer-Encoding"] = encoding
    match encoding:
        case "base64":
            payload = base64.encodebytes(data.replace(b"\n", b"\r\n")).decode("ascii")
        case "quoted-printable":
            payload = body_encode(data.decode("latin-1"))
        case _:
            payload = data.decode("ascii", "surrogateescape")
    part.set_payload(payload)
    return part


def _file_part(attachment: Attachment, number: int, letter: Letter) -> Message:
    part, name = Message(), attachment.name
    # Gmail and Outlook put an encoded word into the quoted name, the others follow RFC 2231.
    encoded_word = not name.isascii() and letter.sender.client in ("gmail", "outlook")
    shown = Header(name, Charset("utf-8"), maxlinelen=500).encode() if encoded_word else name
    parameter = shown if shown.isascii() else ("utf-8", "", shown)
    part.add_header("Content-Type", attachment.type, name=parameter)
    part.add_header("Content-Disposition", "attachment", filename=parameter)
    part["Content-Transfer-Encoding"] = "base64"
    if letter.sender.client == "gmail":
        part["X-Attachment-Id"] = f"f_{letter.token(f'file {number}')[:9]}{number}"
    part.set_payload(base64.encodebytes(file_bytes(attachment)).decode("ascii"))
    return part


def _multipart(subtype: str, parts: list[Message], letter: Letter) -> Message:
    token = letter.token(f"boundary {subtype}")
    boundary = {
        "gmail": f"000000000000{token[:16]}",
        "outlook": f"_{'000' if subtype == 'alternative' else '004'}_{token[:32].upper()}_",
        "apple": f"Apple-Mail=_{token[:32].upper()}",
        "thunderbird": f"------------{token[:24]}",
    }.get(letter.sender.client, f"--=_Part_{token[:12]}")
    message = Message()
    message.add_header("Content-Type", f"multipart/{subtype}", boundary=boundary)
    for part in parts:
        message.attach(part)
    return message
