"""The language of a text."""

from pathlib import Path

import pytest

from crm.signals.language import detect

SENTENCES = Path(__file__).parents[3] / "crm" / "signals"


@pytest.mark.parametrize("code", ["en", "es", "pt"])
def test_sentences_are_told_apart(code: str) -> None:
    lines = (SENTENCES / f"tone_sentences.{code}.tsv").read_text("utf-8").splitlines()
    texts = [text for _, text in (line.split("\t") for line in lines) if len(text) > 30]
    assert sum(detect(text) == code for text in texts) / len(texts) >= 0.99


def test_text_without_letters_has_the_default() -> None:
    assert detect("") == "en"
    assert detect("12 — 34 🙂", default="pt") == "pt"
