"""An answer with its sources and its scope, in the language of the question."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from agent.answer import Answer, Citation
from slack_app.blocks.text import Block, Message, button, clip, context, escape, link, mrkdwn, pack, plain, sections

VOTE_UP, VOTE_DOWN, COMMENT, COMMENTED = "answer_up", "answer_down", "answer_comment", "answer_commented"
_LONGEST_ANSWER = 12_000  # characters
_LONGEST_QUOTE = 300
_WORDS = {
    "en": {
        "sources": "Sources", "searched": "Searched", "all": "all customers", "since": "since",
        "until": "until", "mails": "mails", "extractive": "extractive answer, without a language model",
        "unverified": "quote not verified", "more": "The whole answer is in LealUp.",
        "good": "Right", "bad": "Wrong", "comment": "Add a comment", "why": "What was right or wrong?",
        "kept": "Kept with the answer for your team's evals.", "save": "Save", "cancel": "Cancel",
    },
    "es": {
        "sources": "Fuentes", "searched": "Búsqueda", "all": "todos los clientes", "since": "desde",
        "until": "hasta", "mails": "correos", "extractive": "respuesta extractiva, sin modelo de lenguaje",
        "unverified": "cita sin verificar", "more": "La respuesta completa está en LealUp.",
        "good": "Correcta", "bad": "Incorrecta", "comment": "Añadir un comentario",
        "why": "¿Qué estuvo bien o mal?", "kept": "Se guarda con la respuesta para las evaluaciones de tu equipo.",
        "save": "Guardar", "cancel": "Cancelar",
    },
    "pt": {
        "sources": "Fontes", "searched": "Pesquisa", "all": "todos os clientes", "since": "desde",
        "until": "até", "mails": "e-mails", "extractive": "resposta extrativa, sem modelo de linguagem",
        "unverified": "citação não verificada", "more": "A resposta completa está no LealUp.",
        "good": "Certa", "bad": "Errada", "comment": "Adicionar um comentário",
        "why": "O que estava certo ou errado?", "kept": "Fica guardado com a resposta para as avaliações da sua equipe.",
        "save": "Guardar", "cancel": "Cancelar",
    },
}  # fmt: skip


def answer_message(answer: Answer, *, question: str, zone: ZoneInfo, verdict: str = "") -> Message:
    """The question, the answer, numbered sources and what was searched, thumbs; dates are days in `zone`.

    `verdict` is the reader's own vote: "up", "down", or "" for none yet. An answer that is not stored has no thumbs.
    """
    words = _WORDS.get(answer.language, _WORDS["en"])
    text = clip(answer.answer, _LONGEST_ANSWER)
    body = escape(text)
    blocks = [context(f"*{escape(clip(question, 500))}*"), *sections(body or "…")]
    if text != answer.answer:
        blocks.append(context(words["more"]))
    blocks += _sources(answer.citations, words, zone)
    blocks.append(context(clip(_scope(answer, words), 2000)))
    if answer.id:
        blocks.append(_thumbs(answer.id, words, verdict))
    return Message(text=clip(body, 3000), blocks=tuple(blocks))


def _thumbs(answer_id: str, words: dict[str, str], verdict: str) -> Block:
    """The vote that was cast stands out and can be changed."""
    elements = []
    for choice, action, sign, name in (("up", VOTE_UP, "👍", "good"), ("down", VOTE_DOWN, "👎", "bad")):
        style = {"style": "primary"} if verdict == choice else {}
        elements.append(button(f"{sign} {words[name]}", action, answer_id, **style))
    if verdict:
        elements.append(button(words["comment"], COMMENT, answer_id))
    return {"type": "actions", "elements": elements}


def comment_modal(answer_id: str, language: str, comment: str) -> dict[str, Any]:
    """Asks why, with what was said before."""
    words = _WORDS.get(language, _WORDS["en"])
    element: dict[str, Any] = {
        "type": "plain_text_input",
        "action_id": "comment",
        "multiline": True,
        "max_length": 2000,
    }
    if comment:
        element["initial_value"] = comment
    return {
        "type": "modal",
        "callback_id": COMMENTED,
        "title": plain(clip(words["comment"], 24)),
        "submit": plain(words["save"]),
        "close": plain(words["cancel"]),
        "private_metadata": answer_id,
        "blocks": [
            {
                "type": "input", "block_id": "comment", "label": plain(words["why"]), "hint": plain(words["kept"]),
                "optional": True, "element": element,
            }
        ],
    }  # fmt: skip


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
