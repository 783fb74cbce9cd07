"""Whether a mail wants something of whoever reads it, or needs no answer: "Thanks, that was it"."""

from __future__ import annotations

import re

from crm.folding import fold
from crm.signals.injection import speaks_to_an_assistant

# Matched on folded sentences: lower case, without accents.
ASKS = re.compile(
    r"\?|:\s*(?:who|whom|how (?:many|much)|quien(?:es)?|cual(?:es)?|cuant[oa]s?|quem|qual|quais|quant[oa]s?)\b"
    r"|\b(?:please|let me know|send me|send us|(?:i|we) (?:would )?(?:need|like|expect|want)|can i have|tell me)\b"
    r"|\b(?:por favor|necesito|necesitamos|quedo (?:atent|a la espera)|avisame|confirmame|dime|mandame|enviame|quisiera|agradeceria)"
    r"|\b(?:preciso|precisamos|aguardo|aguardamos|fico a espera|avise|envie-me|mande|diga-me|gostaria|agradeco que)\b"
)


def asks_something(text: str) -> bool:
    """True when the new text of a mail asks or requests in EN, ES or PT. What speaks to an assistant asks nobody."""
    return not speaks_to_an_assistant(text) and ASKS.search(fold(text).replace("\u2019", "'")) is not None
