"""What is measured on a mail once it is read: language, tone, critical words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crm.mail import ParsedMail
from crm.signals.keywords import KeywordHit, find, load_lexicon
from crm.signals.language import detect
from crm.signals.tone import Tone, ToneModel


@dataclass(frozen=True, kw_only=True)
class Analysis:
    language: str
    tone: Tone | None  # None for automatic and bulk mail: nobody wrote it to anybody
    keywords: tuple[KeywordHit, ...]


class Analyser:
    """Pure and deterministic: the same mail and the same lists give the same analysis."""

    def __init__(self, tone_model: ToneModel) -> None:
        self._tone = tone_model

    def analyse(self, mail: ParsedMail, extra_terms: Mapping[str, str]) -> Analysis:
        """`extra_terms` are the workspace's own words: form → canonical term."""
        language = detect(mail.new_text or mail.subject)
        if mail.automatic or mail.bulk:
            return Analysis(language=language, tone=None, keywords=())
        return Analysis(
            language=language,
            tone=self._tone.analyse(mail.new_text),
            keywords=find(mail.new_text, load_lexicon(extra_terms)),
        )
