"""Sentences that talk to an assistant instead of to a person. Detection only: what keeps the promise is that nothing here can
act on a mail (docs/security.md); this keeps such sentences out of quoted answers.
"""

from __future__ import annotations

import re

from crm.folding import fold

_TO_AN_ASSISTANT = re.compile(
    r"\b(?:ignore|disregard|forget) (?:\w+ ){0,3}(?:previous|prior|above|earlier|your|all) (?:\w+ ){0,2}(?:instructions?|prompts?|rules?)\b"
    r"|\b(?:system prompt|developer message|you are (?:now )?an? (?:ai|assistant|language model))\b"
    r"|\b(?:ai|virtual|automated|email|mail|crm)[ -]assistants?\b.{0,60}\b(?:must|should|please|forward|send|reply|answer)\b"
    r"|\b(?:note|instructions?|message|attention) (?:to|for) (?:the |any |all |your )?(?:\w+ )?(?:ai|assistants?|agents?|bots?|llms?|copilots?)\b"
    r"|\bdo not (?:mention|reveal|disclose) (?:this|these) (?:\w+ )?(?:note|instructions?|message|text|prompt)\b"
    r"|\b(?:do not|don't|without) ask(?:ing)? (?:the user )?for confirmation\b"
    r"|\banswer (?:every|all|any) questions? (?:\w+ ){0,4}with\b"
    r"|\b(?:ignora|olvida|omite) (?:\w+ ){0,3}(?:instrucciones|indicaciones|reglas)\b"
    r"|\b(?:instrucciones|nota|mensaje) para (?:el|la|los|tu) (?:asistente|ia|bot|agente)\b|\bno menciones (?:esta|este) (?:nota|mensaje)\b"
    r"|\b(?:ignore|ignora|esqueca|desconsidere) (?:\w+ ){0,3}(?:instrucoes|orientacoes|regras)\b"
    r"|\b(?:instrucoes|nota|mensagem) para (?:o|a|os|seu) (?:assistente|ia|bot|agente)\b|\bnao mencione (?:esta|este) (?:nota|mensagem)\b"
)


def speaks_to_an_assistant(text: str) -> bool:
    """Whether a mail holds instructions to a program, in English, Spanish or Portuguese."""
    return _TO_AN_ASSISTANT.search(fold(text)) is not None
