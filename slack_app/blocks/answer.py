"""An answer with its sources and its scope, in the language of the question."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from agent.answer import Answer, Citation
from slack_app.blocks.text import Block, Message, clip, context, escape, link, mrkdwn, pack, sections

_LONGEST_ANSWER = 12_000  # characters
_LONGEST_QUOTE = 300
_WORDS = {
    "en": {
        "sources": "Sources", "searched": "Searched", "all": "all customers", "since": "since",
        "until": "until", "mails": "mails", "extractive": "extractive answer, without a language model",
        "unverified": "quote not verified", "more": "The whole answer is in LealUp.",
    },
    "es": {
        "sources": "Fuentes", "searched": "Búsqueda", "all": "todos los clientes", "since": "desde",
        "until": "hasta", "mails": "correos", "extractive": "respuesta extractiva, sin modelo de lenguaje",
        "unverified": "cita sin verificar", "more": "La respuesta completa está en LealUp.",
    },
    "pt": {
        "sources": "Fontes", "searched": "Pesquisa", "all": "todos os clientes", "since": "desde",
        "until": "até", "mails": "e-mails", "extractive": "resposta extrativa, sem modelo de linguagem",
        "unverified": "citação não verificada", "more": "A resposta completa está no LealUp.",
    },
}  # fmt: skip


def answer_message(answer: Answer, *, question: str, zone: ZoneInfo) -> Message:
    """The question, the answer, numbered sources and what was searched; dates are days in `zone`."""
    words = _WORDS.get(answer.language, _WORDS["en"])
    text = clip(answer.answer, _LONGEST_ANSWER)
    body = escape(text)
    blocks = [context(f"*{escape(clip(question, 500))}*"), *sections(body or "…")]
    if text != answer.answer:
        blocks.append(context(words["more"]))
    blocks += _sources(answer.citations, words, zone)
    blocks.append(context(clip(_scope(answer, words), 2000)))
    return Message(text=clip(body, 3000), blocks=tuple(blocks))


def _sources(citations: tuple[Citation, ...], words: dict[str, str], zone: ZoneInfo) -> list[Block]:
    if not citations:
        return []
    lines = [f"*{words['sources']}*", *(_source(citation, words, zone) for citation in citations)]
    return [{"type": "section", "text": mrkdwn(piece)} for piece in pack(lines)[:20]]


def _source(citation: Citation, words: dict[str, str], zone: ZoneInfo) -> str:
    day = citation.date.astimezone(zone).date().isoformat()
    names = [clip(citation.customer, 100), day, clip(citation.sender, 100), clip(citation.attachment, 100)]
    head = f"[{citation.n}] {escape(' · '.join(filter(None, names)))} · {link(citation.url, 'Gmail')}"
    if not citation.quote:
        return head
    quoted = escape(clip(" ".join(citation.quote.split()), _LONGEST_QUOTE))
    doubt = "" if citation.verified else f" ({words['unverified']})"
    return f"{head}\n> “{quoted}”{doubt}"


def _scope(answer: Answer, words: dict[str, str]) -> str:
    scope = answer.scope
    about = [*_names(scope.get("customers")), *_names(scope.get("people"))] or [words["all"]]
    parts = [", ".join(about)]
    for edge in ("since", "until"):
        if scope.get(edge):
            parts.append(f"{words[edge]} {str(scope[edge])[:10]}")
    if scope.get("searched") is not None:
        parts.append(f"{scope['searched']} {words['mails']}")
    if answer.mode == "extractive":
        parts.append(words["extractive"])
    return escape(f"{words['searched']}: {' · '.join(parts)} · {answer.trace_id}")


def _names(value: Any) -> list[str]:
    found = value if isinstance(value, list | tuple) else []
    return [str(held.get("name") or held.get("email", "")) if isinstance(held, dict) else str(held) for held in found]
