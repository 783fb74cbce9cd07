"""What is measured on a mail once it is read: language, tone, critical words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from crm.index.embedder import Embedder, Remembering, universal_sentence_encoder
from crm.mail import ParsedMail
from crm.signals.keywords import KeywordHit
from crm.signals.language import detect
from crm.signals.reader import SentenceReader
from crm.signals.tone import Tone, load_tone_model
from crm.signals.weighing import KeywordReader


@dataclass(frozen=True, kw_only=True)
class Analysis:
    language: str
    tone: Tone | None  # None for automatic and bulk mail: nobody wrote it to anybody
    keywords: tuple[KeywordHit, ...]


class Analyser:
    """Pure and deterministic: the same mail and the same lists give the same analysis.

    `embedder` reads every sentence, `reader` those that are worth it.
    """

    def __init__(self, embedder: Embedder, reader: SentenceReader | None) -> None:
        embedder = Remembering(embedder)
        self._tone = load_tone_model(embedder, reader)
        self.keywords = KeywordReader(embedder, reader)

    @classmethod
    def shipped(cls) -> Self:
        return cls(universal_sentence_encoder(), SentenceReader.shipped())

    def analyse(self, mail: ParsedMail, extra_terms: Mapping[str, str]) -> Analysis:
        """`extra_terms` are the workspace's own words: form → canonical term."""
        return self._analyse(
            mail, extra_terms, None if mail.automatic or mail.bulk else self._tone.analyse(mail.new_text)
        )

    def analyse_many(self, mails: Sequence[ParsedMail], extra_terms: Mapping[str, str]) -> list[Analysis | Exception]:
        """The analysis of each mail, as `analyse` gives it, or what it raised: no mail stops another.

        All their sentences are embedded together, each distinct one once, which is what most of the time goes into.
        """
        personal = [mail for mail in mails if not (mail.automatic or mail.bulk)]
        try:
            tones = iter(self._tone.analyse_many([mail.new_text for mail in personal]))
            return [
                self._analyse(mail, extra_terms, None if mail.automatic or mail.bulk else next(tones)) for mail in mails
            ]
        except Exception:  # noqa: BLE001
            return [self._attempt(mail, extra_terms) for mail in mails]

    def _attempt(self, mail: ParsedMail, extra_terms: Mapping[str, str]) -> Analysis | Exception:
        try:
            return self.analyse(mail, extra_terms)
        except Exception as error:  # noqa: BLE001
            return error

    def _analyse(self, mail: ParsedMail, extra_terms: Mapping[str, str], tone: Tone | None) -> Analysis:
        language = detect(mail.new_text or mail.subject)
        if tone is None:
            return Analysis(language=language, tone=None, keywords=())
        return Analysis(language=language, tone=tone, keywords=self.keywords.find(mail.new_text, extra_terms))
