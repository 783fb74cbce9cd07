"""Wording a draft anew without a language model: the same request once more, in another tone or language.

Only what this default wrote itself can be worded anew; what a human typed it leaves to the human.
"""

from __future__ import annotations

import re

from agent.offline.drafting import write_reply
from agent.rewording import Rewording
from crm.errors import InputError
from crm.signals.language import LANGUAGES, Language

_IN = {"en": "in English", "es": "in Spanish", "pt": "in Portuguese"}
_OFFER = {
    "en": "Please let me know if there is anything else I can do for you.",
    "es": "Quedo a su disposición para lo que necesite.",
    "pt": "Fico à disposição para o que precisar.",
}
_THANKS_ONLY = re.compile(
    r"(?:Thank you for your message|Gracias por su mensaje|Agradeço pela sua mensagem)(?: [^.]*)?\. "
)
_CLOSING = {"en": "Best,", "es": "Saludos,", "pt": "Abs.,"}


def reworded(task: Rewording) -> str:
    """Raises `InputError` for a text that this default did not write, or that gets no shorter."""
    if task.by_hand or not task.asked.strip():
        raise InputError(
            "by hand", sentence="Without a language model only a draft of its own making can be worded anew.",
            next_step="Edit the text by hand, take a version from before your edits, or set a model (docs/assistant.md).",
        )  # fmt: skip
    ways = (*task.before, task.how)
    named = next((way for way in reversed(ways) if way in _IN), "")
    tone = next((way for way in reversed(ways) if way in ("shorter", "warmer")), "")
    request = task.asked.strip().rsplit("\n", 1)[-1].rstrip(" .!?")
    wanted = ", ".join(part for part in (request, tone, _IN.get(named, "")) if part)
    text = write_reply(wanted, task.mail, sender_name=task.principal.name, request_language=_language(task, named))
    if tone == "shorter":
        text = _shorter(text, _written_in(task, named))
    elif tone == "warmer":
        text = _warmer(text, _written_in(task, named))
    if task.how == "shorter" and len(text) >= len(task.text.strip()):
        raise InputError("short", sentence="It is as short as it can be worded here.", next_step="Edit it by hand.")
    return text


def _language(task: Rewording, named: str) -> Language:
    return next((known for known in LANGUAGES if known == (named or task.mail.language)), "en")


def _written_in(task: Rewording, named: str) -> Language:
    """The language of the text that was just written; that of the mail when none is named."""
    if named:
        return _language(task, named)
    said = " ".join(task.asked.lower().split())
    for language, words in (("en", "english|inglés|inglês"), ("es", "spanish|español|espanhol"),
                            ("pt", "portuguese|portugués|português")):  # fmt: skip
        if re.search(words, said):
            return _language(task, language)
    return _language(task, "")


def _shorter(text: str, language: Language) -> str:
    """One paragraph, without thanks for the message itself when something follows them, and a short close."""
    greeting, *body, close = text.strip().split("\n\n")
    said = _THANKS_ONLY.sub("", f"{' '.join(body)} ").strip()
    name = close.split("\n", 1)[-1]
    return f"{greeting}\n\n{said or ' '.join(body)}\n\n{_CLOSING[language]}\n{name}\n"


def _warmer(text: str, language: Language) -> str:
    """With an offer before the close; nothing that states a fact."""
    *rest, close = text.strip().split("\n\n")
    return "\n\n".join((*rest, _OFFER[language], close)) + "\n"
