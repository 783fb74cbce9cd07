"""Picking the sentences of a mail that say most about a topic, or most of what it says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crm.folding import fold
from crm.index.embedder import Embedder
from crm.mails import StoredMail
from crm.signals.keywords import expand

_SENTENCE = re.compile(r"[^.!?…\n]+(?:[.!?…]+(?=\s|$)|[.!?…]+|(?=\n)|$)")
_COURTESY = re.compile(
    r"^(?:hi|hello|hey|dear|good (?:morning|afternoon)|hola|buen[oa]s|estimad|querid|ola|bom dia|boa tarde|prezad|car[oa]s?"
    r"|thanks|thank you|best|regards|kind|cheers|sincerely|un saludo|saludos|gracias|un abrazo|abrazo|abraco|obrigad|atenciosamente"
    r"|cumprimentos|att|espero que|hope (?:you|this|all)|i hope)\b",
)
_WORD = re.compile(r"\w+")
_SHORTEST, _LONGEST = 15, 300  # characters of a sentence worth quoting


@dataclass(frozen=True, kw_only=True)
class Extract:
    """`quote` stands verbatim in the mail; `score` is its closeness to the topic, about 0 to 1.5."""

    mail: StoredMail
    quote: str
    score: float


def sentences(text: str) -> list[str]:
    """The sentences of a mail that carry content, in order, whitespace collapsed."""
    joined = re.sub(r"(?<![.!?:…\n])\n(?!\n|\s*[-*•\d])", " ", text)  # a hard-wrapped line goes on
    found = [" ".join(piece.group().split()) for piece in _SENTENCE.finditer(joined)]
    return [piece for piece in found if len(piece) >= _SHORTEST and not _COURTESY.match(fold(piece))] or [
        piece for piece in found if len(piece) > 2
    ]


def about(topic: str, mails: Sequence[StoredMail], embedder: Embedder, *, each: int = 1) -> list[Extract]:
    """The sentences of each mail closest to the topic: by meaning, and by its words in any of the three languages."""
    pool = [(mail, sentence[:_LONGEST]) for mail in mails for sentence in sentences(mail.new_text)]
    if not pool:
        return []
    rows = embedder.embed([topic, *(sentence for _, sentence in pool)])
    closeness = rows[1:] @ rows[0]
    forms = [{fold(form) for form in expand(word)} for word in topic.split()]
    scored: dict[str, list[Extract]] = {}
    for (mail, sentence), cosine in zip(pool, closeness, strict=True):
        folded = fold(sentence)
        words = set(_WORD.findall(folded))
        named = sum(1 for family in forms if any(form in words or (" " in form and form in folded) for form in family))
        score = float(cosine) + 0.5 * named / max(len(forms), 1)
        scored.setdefault(mail.id, []).append(Extract(mail=mail, quote=sentence, score=score))
    chosen: list[Extract] = []
    for extracts in scored.values():
        chosen += sorted(extracts, key=lambda extract: -extract.score)[:each]
    return chosen


def gist(mail: StoredMail, embedder: Embedder, *, most: int = 2) -> list[Extract]:
    """The sentences nearest to the mail's middle, in the order they stand: a summary in its own words."""
    pool = [sentence[:_LONGEST] for sentence in sentences(mail.new_text)]
    if not pool:
        return []
    rows = embedder.embed(pool)
    middle = rows.mean(axis=0)
    weight = rows @ (middle / (np.linalg.norm(middle) or 1.0))
    weight += np.array([0.15 if any(char.isdigit() for char in sentence) or "?" in sentence else 0.0 for sentence in pool])
    best = sorted(np.argsort(-weight)[:most])
    return [Extract(mail=mail, quote=pool[place], score=float(weight[place])) for place in best]
