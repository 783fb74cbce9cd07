"""What shape an answer has: of how much a figure, of when a time, of what was asked a question."""

from __future__ import annotations

import re

from agent.dates import CALENDAR_WORDS
from crm.folding import fold

_TIME = "|".join(sorted((word for word in CALENDAR_WORDS if len(word) > 3), key=len, reverse=True))
# What is asked, folded, and what a sentence that answers it holds.
_SHAPES = tuple(
    (re.compile(asked), holds)
    for asked, holds in (
        (
            r"\bhow (?:much|many|big|large|high)\b|\bcuant[oa]s?\b|\bquant[oa]s?\b|\bper ?cent|\bporcentaje\b|\bporcentagem\b|\bpercentual\b"
            r"|\b(?:number|numero|price|precio|preco|discount|descuento|desconto|amount|importe|valor|cost|costs|coste|custo|cuesta|custa|figures?|cifras?|total)\b",
            r"\d",
        ),
        (
            r"\bwhen\b|\bcuando\b|\bquando\b|\b(?:what|which|que|em que) (?:date|day|time|hour|dia|hora|fecha|data)\b|\ba que horas?\b"
            r"|\b(?:deadline|plazo|prazo|fecha|since when|go-live)\b",
            rf"\d|\b(?:{_TIME}|tomorrow|today|tonight|yesterday|next week|manana|hoy|ayer|anoche|amanha|hoje|ontem|semana)\b",
        ),
        (
            r"\b(?:did|does|do|has|have|had) (?:\S+ ){1,3}ask(?:ed)?\b(?! for)|\basked (?:us|me|about|whether|if)\b|\b(?:question|pregunt|pergunt)",
            r"\?",
        ),
        (
            r"\bwhy\b|\breasons?\b|\bpor que\b|\bporque\b|\bmotivos?\b|\brazon(?:es)?\b|\braz(?:ao|oes)\b|\bcauses?\b|\bcausas?\b",
            r"\b(?:because|due to|caused?|reasons?|porque|ya que|debido|devido|causa\w*|motivos?|razon(?:es)?|razao|razoes|pois)\b",
        ),
    )
)


def sought(question: str) -> re.Pattern[str] | None:
    """What the folded text of an answering sentence holds; None where the question does not tell."""
    plain = fold(question)
    found = [holds for asked, holds in _SHAPES if asked.search(plain)]
    return re.compile("|".join(found)) if found else None
