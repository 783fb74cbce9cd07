"""What is measured on a mail once it is read: language, tone, critical words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crm.mail import ParsedMail
from crm.signals.keywords import KeywordHit, Lexicon, find, load_lexicon
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
        self._compiled: tuple[Mapping[str, str], Lexicon] | None = None

    def analyse(self, mail: ParsedMail, extra_terms: Mapping[str, str]) -> Analysis:
        """`extra_terms` are the workspace's own words: form → canonical term."""
        language = detect(mail.new_text or mail.subject)
        if mail.automatic or mail.bulk:
            return Analysis(language=language, tone=None, keywords=())
        return Analysis(
            language=language,
            tone=self._tone.analyse(mail.new_text),
            keywords=find(mail.new_text, self._lexicon(extra_terms)),
        )

    def _lexicon(self, extra_terms: Mapping[str, str]) -> Lexicon:
        """Compiling the lists takes longer than reading a hundred mails with them, so the last one is kept."""
        if self._compiled is None or self._compiled[0] != extra_terms:
            self._compiled = (dict(extra_terms), load_lexicon(extra_terms))
        return self._compiled[1]
