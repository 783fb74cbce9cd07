"""The text of a mail as its program composes it: what was typed, the signature, the quoted history."""

import re
import textwrap
from dataclasses import dataclass
from html import escape

from sandbox.scenario.attribution import attribution, header_block
from sandbox.scenario.letter import Letter

_DEPTH = 3
_GMAIL_BLOCKQUOTE = "margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"
_URL = re.compile(r"https?://[^\s<>()]+[^\s<>().,;:!?]")


@dataclass(frozen=True, kw_only=True)
class Body:
    """The same content twice: plain text and an HTML fragment, both with \\n line ends."""

    plain: str
    html: str


def compose(letter: Letter, depth: int = _DEPTH) -> Body:
    """The whole visible content; `depth` is how many quoted mails below it are kept."""
    text = letter.text.strip("\n")
    signature = letter.sender.signature_in(letter.language)
    if text.endswith(signature):
        signature = ""
    quoted = letter.quoted if depth else None
    history = compose(quoted, depth - 1) if quoted else None
    program = {"outlook": _outlook, "apple": _apple, "mobile": _apple, "thunderbird": _thunderbird}
    return program.get(letter.sender.client, _gmail)(letter, text, signature, history)


def _gmail(letter: Letter, text: str, signature: str, history: Body | None) -> Body:
    # Gmail drops the "-- " line when the signature stands above a quote.
    dashes = "" if letter.quoted else "-- \n"
    plain = _wrap(text) + (f"\n\n{dashes}{signature}" if signature else "")
    html = f'<div dir="ltr">{_divs(text)}'
    if signature:
        prefix = '<span class="gmail_signature_prefix">-- </span><br>' if dashes else ""
        block = f'<div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature">{_divs(signature)}</div>'
        html += f"<div><br></div>{prefix}{block}"
    html += "</div>"
    if letter.quoted and history:
        line = attribution(letter.quoted.origin, "gmail", letter.language)
        plain += f"\n\n{_wrap(line)}\n\n{_prefixed(_wrap(history.plain))}"
        html += (
            '<br><div class="gmail_quote gmail_quote_container">'
            f'<div dir="ltr" class="gmail_attr">{_linked(line)}<br></div>'
            f'<blockquote class="gmail_quote" style="{_GMAIL_BLOCKQUOTE}">{history.html}</blockquote></div>'
        )
    return Body(plain=plain, html=html)


def _outlook(letter: Letter, text: str, signature: str, history: Body | None) -> Body:
    web = is_outlook_web(letter)
    plain = text + (f"\n\n{signature}" if signature else "")
    paragraph = _divs if web else _word_paragraphs
    html = paragraph(f"{text}\n\n{signature}" if signature else text)
    html = html if web else f'<div class="WordSection1">{html}</div>'
    if letter.quoted and history:
        block = header_block(letter.quoted.origin, letter.language)
        rule = "________________________________\n" if web else ""
        plain += f"\n\n{rule}" + "\n".join(f"{label}: {value}" for label, value in block)
        plain += f"\n\n{history.plain}"
        lines = "<br>\n".join(f"<b>{label}:</b> {escape(value)}" for label, value in block)
        html += (_OUTLOOK_WEB_HEAD if web else _OUTLOOK_DESKTOP_HEAD).format(lines=lines) + history.html
    return Body(plain=plain, html=html)


_OUTLOOK_WEB_HEAD = (
    '<div id="appendonsend"></div>\n<hr style="display:inline-block;width:98%" tabindex="-1">\n'
    '<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" style="font-size:11pt" color="#000000">'
    "{lines}</font>\n<div>&nbsp;</div></div>\n"
)
_OUTLOOK_DESKTOP_HEAD = (
    '\n<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
    '<p class="MsoNormal">{lines}<o:p></o:p></p></div></div>\n<p class="MsoNormal"><o:p>&nbsp;</o:p></p>\n'
)


def is_outlook_web(letter: Letter) -> bool:
    """Whether this Outlook user sits in the browser; half of them do, always the same ones."""
    return len(letter.sender.email) % 2 == 0


def _apple(letter: Letter, text: str, signature: str, history: Body | None) -> Body:
    plain = text + (f"\n\n{signature}" if signature else "")
    html = _divs(text)
    if signature:
        html += f'<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">{_divs(signature)}</div>'
    if letter.quoted and history:
        line = attribution(letter.quoted.origin, letter.sender.client, letter.language)
        # Apple's plain text carries the attribution inside the quote.
        plain += "\n\n" + _prefixed(f"{line}\n\n{history.plain}")
        html += (
            f'<div><br><blockquote type="cite"><div>{_linked(line)}</div>'
            f'<br class="Apple-interchange-newline"><div>{history.html}</div></blockquote></div>'
        )
    return Body(plain=plain, html=html)


def _thunderbird(letter: Letter, text: str, signature: str, history: Body | None) -> Body:
    plain, html = _flow(text), _divs(text)
    if letter.quoted and history:
        line = attribution(letter.quoted.origin, "thunderbird", letter.language)
        plain += f"\n\n{line}\n{_prefixed(history.plain)}"
        html += f'<div class="moz-cite-prefix">{escape(line)}</div><blockquote type="cite">{history.html}</blockquote>'
    if signature:
        # Thunderbird's default place for the signature is below the quote.
        plain += f"\n\n-- \n{signature}"
        html += f'<div class="moz-signature">-- <br>{_divs(signature)}</div>'
    return Body(plain=plain, html=html)


def _prefixed(text: str) -> str:
    """Quote levels as all programs write them: "> " before text, ">" before another level or nothing."""
    lines = (line.rstrip() for line in text.split("\n"))
    return "\n".join(f">{line}" if not line or line.startswith(">") else f"> {line}" for line in lines)


def _wrap(text: str) -> str:
    """Hard line breaks at 76 columns; quoted lines and the signature mark stay as they are."""
    return "\n".join(part for line in text.split("\n") for part in _wrapped_line(line))


def _flow(text: str) -> str:
    """Soft line breaks of format=flowed (RFC 3676): a space before each break that is only visual."""
    return "\n".join(" \n".join(_wrapped_line(line)) for line in text.split("\n"))


def _wrapped_line(line: str) -> list[str]:
    if len(line) <= 76 or line.startswith(">"):
        return [line]
    return textwrap.wrap(line, 76, break_long_words=False, break_on_hyphens=False)


def _divs(text: str) -> str:
    return "".join(f"<div>{_linked(line) or '<br>'}</div>" for line in text.split("\n"))


def _word_paragraphs(text: str) -> str:
    lines = (_linked(line) or "&nbsp;" for line in text.split("\n"))
    return "\n".join(f'<p class="MsoNormal">{line}<o:p></o:p></p>' for line in lines)


def _linked(text: str) -> str:
    pieces, start = [], 0
    for match in _URL.finditer(text):
        url = escape(match[0])
        pieces += [escape(text[start : match.start()]), f'<a href="{url}">{url}</a>']
        start = match.end()
    return "".join([*pieces, escape(text[start:])])
