"""What of a MIME tree is read, and what is attached."""

import binascii
import html as markup
import mimetypes
import re
from dataclasses import dataclass

from crm.mail import Attachment
from gmail import charset, header
from gmail.html import to_text
from gmail.part import Part

_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_UUENCODED = re.compile(r"^begin [0-7]{3,4} (\S.{0,200})\n((?:[ -`]{1,90}\n)*?)[ `]?\n?end[ \t]*$", re.MULTILINE)
_CLEARSIGNED = re.compile(r"^-----BEGIN PGP SIGNED MESSAGE-----\n(?:[\w-]+: .*\n)*\n?", re.MULTILINE)
_PGP_SIGNATURE = re.compile(r"^-----(BEGIN|END) PGP SIGNATURE-----[ \t]*$", re.MULTILINE)
_ESCAPED_DASH = re.compile(r"^- (?=-)", re.MULTILINE)
_QUOTE_MARKS = re.compile(r"^(?:> ?)*")
# Enough forwards within forwards; deeper ones stay attachments.
_DEEPEST = 8


@dataclass(frozen=True, kw_only=True)
class Body:
    """`plain` is the text as written, `html` the raw markup, `forwarded` the text of mails attached to
    this one.
    """

    plain: str = ""
    html: str | None = None
    charset: str | None = None
    forwarded: str = ""
    attachments: tuple[Attachment, ...] = ()


def read(root: Part, depth: int = 0) -> Body:
    """Return the readable body of a message and its attachments."""
    if root.type.startswith("multipart/"):
        bodies = [read(child, depth + 1) if depth < 100 else _leaf(child, depth) for child in root.children]
        return _choose(bodies) if root.type == "multipart/alternative" else _join(bodies)
    return _leaf(root, depth)


def _choose(bodies: list[Body]) -> Body:
    """Of alternatives the first plain text and the richest HTML; attachments of all."""
    plain = next((body for body in bodies if body.plain.strip()), None)
    rich = next((body for body in reversed(bodies) if body.html and body.html.strip()), None)
    chosen = plain or rich
    return Body(
        plain=plain.plain if plain else "",
        html=rich.html if rich else None,
        charset=chosen.charset if chosen else None,
        forwarded="\n\n".join(body.forwarded for body in bodies if body.forwarded),
        attachments=tuple(attachment for body in bodies for attachment in body.attachments),
    )


def _join(bodies: list[Body]) -> Body:
    """Of a mixture everything, in order; a plain part beside HTML parts is shown among them."""
    written = [body for body in bodies if body.plain.strip() or (body.html and body.html.strip())]
    html = None
    if any(body.html for body in written):
        html = "\n".join(body.html or f"<p>{_as_html(body.plain)}</p>" for body in written)
    plain = "\n\n".join(body.plain if body.plain.strip() else to_text(body.html or "") for body in written)
    if all(not body.plain.strip() for body in written):
        plain = ""
    return Body(
        plain=plain,
        html=html,
        charset=next((body.charset for body in bodies if body.charset), None),
        forwarded="\n\n".join(body.forwarded for body in bodies if body.forwarded),
        attachments=tuple(attachment for body in bodies for attachment in body.attachments),
    )


def _as_html(plain: str) -> str:
    return markup.escape(plain).replace("\n", "<br>\n")


def _leaf(part: Part, depth: int) -> Body:
    if part.type == "message/rfc822" and part.children:
        return _forwarded(part, depth)
    if part.is_attachment and not (depth == 0 and part.type.startswith("text/") and part.disposition != "attachment"):
        return Body(attachments=(attachment(part),))
    if part.content is None:
        return Body()
    if part.type in ("text/html", "application/xhtml+xml"):
        label = part.charset or _meta_charset(part.content)
        text, used = charset.decode(part.content, label, utf8_first=part.utf8)
        return Body(html=text, charset=used)
    text, used = charset.decode(part.content, part.charset, utf8_first=part.utf8)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if part.type == "text/enriched":
        text = re.sub(r"<[^<>\n]{1,60}>", "", text)
    if part.flowed:
        text = unflow(text, delete_space=part.delete_space)
    text, attachments = _unpack(text)
    return Body(plain=text, charset=used, attachments=attachments)


def _meta_charset(content: bytes) -> str | None:
    match = _META_CHARSET.search(content[:2048])
    return match[1].decode("ascii") if match else None


def _forwarded(part: Part, depth: int) -> Body:
    """An attached mail stays an attachment, and what it says is read as forwarded."""
    message = part.children[0]
    subject = header.text(message.header("subject"))
    attached = Attachment(name=_name(part, f"{subject or 'message'}.eml"), size=part.size, type=part.type)
    if depth >= _DEEPEST:
        return Body(attachments=(attached,))
    inner = read(message, depth + 1)
    lines = ["---------- Forwarded message ----------"]
    for title in ("From", "Date", "Subject", "To"):
        value = header.text(message.header(title.lower()))
        if value:
            lines.append(f"{title}: {value}")
    written = inner.plain.strip() or (to_text(inner.html) if inner.html else "")
    text = "\n".join(lines) + "\n\n" + "\n\n".join(piece for piece in (written, inner.forwarded) if piece)
    return Body(forwarded=text, attachments=(attached,))


def attachment(part: Part) -> Attachment:
    """Return the part's name, decoded size and type; a part without a name gets one from its type."""
    extension = mimetypes.guess_extension(part.type) or ""
    return Attachment(name=_name(part, f"noname{extension}"), size=part.size, type=part.type)


def _name(part: Part, otherwise: str) -> str:
    name = (part.filename or "").replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(character for character in name if character.isprintable()).strip()
    return name or otherwise.replace("/", "-")


def unflow(text: str, *, delete_space: bool) -> str:
    """Join the soft line breaks of format=flowed (RFC 3676) within one quote depth."""
    out: list[str] = []
    soft, last_depth = False, 0
    for line in text.split("\n"):
        marks = _QUOTE_MARKS.match(line)
        depth = line[: marks.end()].count(">") if marks and line.startswith(">") else 0
        content = line[marks.end() :] if depth and marks else line.removeprefix(" ")
        if soft and depth == last_depth and content.rstrip() != "--":
            out[-1] += content
        else:
            out.append("> " * depth + content if depth else content)
        soft = content.endswith(" ") and content != "-- "
        last_depth = depth
        if soft and delete_space:
            out[-1] = out[-1][:-1]
    return "\n".join(line if line == "-- " else line.rstrip() for line in out)


def _unpack(text: str) -> tuple[str, tuple[Attachment, ...]]:
    """Take uuencoded files and a PGP envelope out of a plain text."""
    attachments: list[Attachment] = []
    if "\nend" in text and "begin " in text:

        def keep(match: re.Match[str]) -> str:
            kind = mimetypes.guess_type(match[1])[0] or "application/octet-stream"
            attachments.append(Attachment(name=match[1].strip(), size=_uu_size(match[2]), type=kind))
            return ""

        text = _UUENCODED.sub(keep, text)
    if "-----BEGIN PGP SIGNED MESSAGE-----" in text:
        text = _without_signatures(_ESCAPED_DASH.sub("", _CLEARSIGNED.sub("", text)))
    return text, tuple(attachments)


def _without_signatures(text: str) -> str:
    """Drop PGP signature blocks; one without an end reaches to the end of the text."""
    kept: list[str] = []
    end, inside = 0, False
    for match in _PGP_SIGNATURE.finditer(text):
        if match[1] == "BEGIN" and not inside:
            kept.append(text[end : match.start()])
            inside = True
        elif match[1] == "END" and inside:
            end, inside = match.end(), False
    return "".join(kept) + ("" if inside else text[end:])


def _uu_size(lines: str) -> int:
    size = 0
    for line in lines.splitlines():
        try:
            size += len(binascii.a2b_uu(line))
        except binascii.Error:
            size += (ord(line[0]) - 32) & 63
    return size
