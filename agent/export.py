"""An answer with its sources as a document to hand on: Markdown, or a page to print. Nothing in it loads or runs.

Text of mail and of models is escaped; the only links are those to the mails in Gmail.
"""

from __future__ import annotations

import html as _html
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from agent.answer import Answer, Citation
from crm.errors import InputError

_GMAIL = "https://mail.google.com/"
_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+!|~&$^=-])")
_NUMBERED = re.compile(r"^(\s*\d+)([.)])", re.MULTILINE)
_ADDRESS = re.compile(r"\S*(?:://|www\.|@|mailto:)\S*", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MARK = re.compile(r"\[(\d{1,3})\]")
_WORDS = {
    "en": {
        "sources": "Sources", "searched": "Searched", "all": "all customers", "since": "since", "until": "until",
        "mails": "mails", "extractive": "extractive answer, without a language model", "unverified": "quote not verified",
        "asked": "Asked", "file": "attachment", "removed": "unverifiable passages removed", "model": "model", "trace": "trace id",
    },
    "es": {
        "sources": "Fuentes", "searched": "Búsqueda", "all": "todos los clientes", "since": "desde", "until": "hasta",
        "mails": "correos", "extractive": "respuesta extractiva, sin modelo de lenguaje", "unverified": "cita sin verificar",
        "asked": "Preguntado", "file": "adjunto", "removed": "pasajes no verificables retirados", "model": "modelo",
        "trace": "trace id",
    },
    "pt": {
        "sources": "Fontes", "searched": "Pesquisa", "all": "todos os clientes", "since": "desde", "until": "até",
        "mails": "e-mails", "extractive": "resposta extrativa, sem modelo de linguagem", "unverified": "citação não verificada",
        "asked": "Perguntado", "file": "anexo", "removed": "trechos não verificáveis retirados", "model": "modelo",
        "trace": "trace id",
    },
}  # fmt: skip
_STYLE = """
body { font: 11pt/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2.5rem auto; padding: 0 1rem; color: #1f2a27; }
h1 { font-size: 1.25rem; } h2 { font-size: 1rem; margin-top: 1.6rem; }
p, li, blockquote { overflow-wrap: anywhere; white-space: pre-wrap; }
sup { font-weight: 600; } ol { padding-left: 1.4rem; } li { margin-bottom: .6rem; white-space: normal; }
blockquote { margin: .2rem 0 0; padding-left: .7rem; border-left: 3px solid #b8c9c3; color: #3c4a46; }
footer { margin-top: 2rem; padding-top: .6rem; border-top: 1px solid #cfd8d5; font-size: .85rem; color: #5a6863; }
@media print { body { margin: 0; max-width: none; } li { break-inside: avoid; } a { color: inherit; } }
"""


@dataclass(frozen=True, kw_only=True)
class Document:
    """An answer, its question, when it was asked (aware), and the zone in which days and hours are told."""

    question: str
    answer: Answer
    asked_at: datetime
    zone: ZoneInfo


def write(path: Path, document: Document) -> None:
    """Write a document in the form that the file's ending names. Raises `InputError`."""
    text = _FORMS[checked(path)](document)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            type(error).__name__, sentence=f"{path} can't be written.", next_step="Name another file."
        ) from None


def checked(path: Path) -> str:
    """The ending, when it is one that can be written. Raises `InputError`."""
    ending = path.suffix.lower()
    if ending not in _FORMS:
        raise InputError(
            str(path), sentence="An answer is exported as .md or .html.", next_step="Print the .html to get a PDF."
        )
    return ending


def as_markdown(document: Document) -> str:
    """Markdown in which the question, the answer and the quotes show as the text that they are."""
    answer, words = document.answer, _words(document.answer)
    lines = [f"# {_plain(' '.join(document.question.split()))}", "", _prose(answer.answer), ""]
    if answer.citations:
        lines += [f"## {words['sources']}", ""]
        for held in answer.citations:
            head = " · ".join(map(_plain, _about(held, document.zone, words)))
            opened = f" · [Gmail]({_address(held.url)})" if _address(held.url) else ""
            lines.append(f"{held.n}. {head}{opened}")
            if held.quote:
                lines.append(f"   > “{_plain(' '.join(held.quote.split()))}”")
        lines.append("")
    lines += ["---", "", " · ".join(map(_plain, _foot(document, words))), ""]
    return "\n".join(lines)


def as_html(document: Document) -> str:
    """A page of its own, to read or to print; its policy forbids it to load or run anything."""
    answer, words = document.answer, _words(document.answer)
    title = _escaped(" ".join(document.question.split()))
    body = _MARK.sub(r"<sup>[\1]</sup>", _escaped(answer.answer))
    paragraphs = "".join(f"<p>{part}</p>\n" for part in re.split(r"\n{2,}", body))
    sources = "".join(_source(held, document.zone, words) for held in answer.citations)
    listed = f"<h2>{words['sources']}</h2>\n<ol>\n{sources}</ol>\n" if sources else ""
    return (
        f'<!doctype html>\n<html lang="{_escaped(answer.language)}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "form-action 'none'; base-uri 'none'\">\n"
        '<meta name="referrer" content="no-referrer">\n<meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{paragraphs}{listed}"
        f"<footer>{_escaped(' · '.join(_foot(document, words)))}</footer>\n</body>\n</html>\n"
    )


_FORMS = {".md": as_markdown, ".markdown": as_markdown, ".html": as_html, ".htm": as_html}


def _source(held: Citation, zone: ZoneInfo, words: dict[str, str]) -> str:
    head = _escaped(" · ".join(_about(held, zone, words)))
    address = _address(held.url)
    opened = f' · <a href="{_escaped(address)}" rel="noreferrer">Gmail</a>' if address else ""
    quoted = f"<blockquote>“{_escaped(' '.join(held.quote.split()))}”</blockquote>" if held.quote else ""
    return f'<li value="{held.n}">{head}{opened}{quoted}</li>\n'


def _about(held: Citation, zone: ZoneInfo, words: dict[str, str]) -> list[str]:
    file = f"{words['file']}: {held.attachment}" if held.attachment else ""
    doubt = "" if held.verified or not held.quote else words["unverified"]
    when = f"{held.date.astimezone(zone):%Y-%m-%d %H:%M}"
    return [part for part in (held.customer, when, held.sender, file, doubt) if part]


def _foot(document: Document, words: dict[str, str]) -> list[str]:
    """When, what was searched, by what, and how to report it."""
    answer, scope, zone = document.answer, document.answer.scope, document.zone
    who = [*scope["customers"], *(held["name"] or held["email"] for held in scope["people"])]
    ends = [
        f"{words[edge]} {datetime.fromisoformat(scope[edge]).astimezone(zone):%Y-%m-%d %H:%M}"
        for edge in ("since", "until")
        if scope.get(edge)
    ]
    by = words["extractive"] if answer.mode == "extractive" else f"{words['model']} {answer.model}"
    removed = [f"{answer.removed} {words['removed']}"] if answer.removed else []
    searched = f"{words['searched']}: {', '.join(who) or words['all']}"
    when = f"{words['asked']} {document.asked_at.astimezone(zone):%Y-%m-%d %H:%M %Z}"
    found = f"{scope['searched']} {words['mails']}"
    return [when, searched, *ends, found, by, *removed, f"{words['trace']} {answer.trace_id}", "LealUp Inbox"]


def _prose(text: str) -> str:
    """Paragraphs and "- " bullets stay; everything else is text."""
    lines = []
    for line in text.splitlines():
        bullet = line.startswith("- ")
        lines.append(f"- {_plain(line[2:])}" if bullet else f"{_plain(line)}  " if line.strip() else "")
    return "\n".join(lines).strip()


def _plain(text: str) -> str:
    """Text that Markdown shows as it is. Addresses stand as code: a bare one would become a link."""
    pieces: list[str] = []
    end = 0
    text = _visible(text)
    for found in _ADDRESS.finditer(text):
        address = found.group().replace("`", "'")
        pieces += [_inert(text[end : found.start()]), f"`{address}`"]
        end = found.end()
    return "".join([*pieces, _inert(text[end:])])


def _inert(text: str) -> str:
    return _NUMBERED.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", text))


def _escaped(text: str) -> str:
    return _html.escape(_visible(text), quote=True)


def _visible(text: str) -> str:
    """Without what would turn the order of letters round."""
    return _CONTROL.sub("", text)


def _address(url: str) -> str:
    """A link into Gmail and nothing else."""
    safe = url.startswith(_GMAIL) and not re.search(r"[\s<>\"'()\\]", url)
    return url if safe else ""


def _words(answer: Answer) -> dict[str, str]:
    return _WORDS.get(answer.language, _WORDS["en"])
