"""Sentiment: how the customer's own mail reads, and the critical words in it.

    tone = 50 + 50 · Σ w·s / Σ w        w = confidence × 0.5^(age / 30 days)
    words = Σ severity × 0.5^(age / 30 days)
    sentiment = max(0, tone − words)

where s is 1 for a positive mail, 0 for a neutral and −1 for a negative one. A term counts once, at its latest
mention, however often it is repeated: ten mails about one cancellation are one cancellation. Negated words
("we will not cancel") do not count; conditional ones ("if this stays, we cancel") do: a threat is a signal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from crm.health.report import WORDS, Dimension, Part
from crm.health.touches import Touch
from crm.health.wording import Language, ago, say, term_name

ENOUGH = 3
SEVERITY = {"cancel": 20.0, "terminate": 20.0, "critical_bug": 15.0, "problem": 5.0}
OTHER_SEVERITY = 10.0  # a competitor, or the workspace's own word
_HALF_LIFE = timedelta(days=30)
_SIGN = {"positive": 1, "neutral": 0, "negative": -1}


def sentiment(touches: Sequence[Touch], at: datetime, *, customer: str, language: Language) -> Dimension:
    """The dimension at `at`, from the window's mails (oldest first), with weight 0 until it is combined."""
    received = [touch for touch in touches if touch.side == "customer"]
    read = [touch for touch in received if touch.tone in _SIGN and touch.confidence > 0]
    off, text, ids = _words(received, at, customer, language)
    if len(read) < ENOUGH:
        few = say(language, "few_tones", customer=customer, n=len(read))
        known = tuple(touch.id for touch in read)
        tone = Part(name="tone", value=None, weight=0.0, explanation=few, mail_ids=known)
        words = Part(name=WORDS, value=off, weight=0.0, explanation=text, mail_ids=ids)
        return Dimension(name="sentiment", value=None, weight=0.0, parts=(tone, words))
    value = _tone(read, at)
    explained = _counted(read, customer, language)
    taken = max(off, -value)
    tone = Part(
        name="tone",
        value=value,
        weight=1.0,
        explanation=explained,
        mail_ids=tuple(touch.id for touch in read),
    )
    words = Part(name=WORDS, value=taken, weight=1.0, explanation=text, mail_ids=ids)
    return Dimension(name="sentiment", value=value + taken, weight=0.0, parts=(tone, words))


def _tone(read: Sequence[Touch], at: datetime) -> float:
    weights = [touch.confidence * _fading(touch, at) for touch in read]
    signed = sum(weight * _SIGN[touch.tone] for weight, touch in zip(weights, read, strict=True))
    return 50.0 + 50.0 * signed / sum(weights)


def _counted(read: Sequence[Touch], customer: str, language: Language) -> str:
    counts = Counter(touch.tone for touch in read)
    return say(
        language, "tone", customer=customer,
        positive=counts["positive"], neutral=counts["neutral"], negative=counts["negative"],
    )  # fmt: skip


def _words(
    received: Sequence[Touch], at: datetime, customer: str, language: Language
) -> tuple[float, str, tuple[str, ...]]:
    """The points critical words take off (0 or less), a sentence naming them, and their mails."""
    latest = {term: touch for touch in received for term in touch.terms}
    if not latest:
        return 0.0, say(language, "words_none", customer=customer), ()
    newest = sorted(latest.items(), key=lambda item: (item[1].sent_at, item[1].id, item[0]), reverse=True)
    off = sum(SEVERITY.get(term, OTHER_SEVERITY) * _fading(touch, at) for term, touch in newest)
    named = ", ".join(
        f"{term_name(term, language)} ({ago((at - touch.sent_at).days, language)})" for term, touch in newest
    )
    ids = tuple(touch.id for touch in received if touch.terms)
    return -off, say(language, "words", customer=customer, words=named), ids


def _fading(touch: Touch, at: datetime) -> float:
    return float(0.5 ** ((at - touch.sent_at) / _HALF_LIFE))
