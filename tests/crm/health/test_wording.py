"""The three languages say the same things."""

from datetime import timedelta
from string import Formatter
from typing import get_args

import pytest

from crm.health import wording
from crm.health.wording import Language, ago, hours, number, span, term_name

LANGUAGES: tuple[Language, ...] = get_args(Language)


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", sorted(wording._SENTENCES))
def test_a_sentence_says_the_same_in_every_language(key: str) -> None:
    texts = wording._SENTENCES[key]
    assert set(texts) == set(LANGUAGES)
    assert all(_fields(texts[language]) == _fields(texts["en"]) for language in LANGUAGES)
    assert texts["en"] not in (texts["es"], texts["pt"])


@pytest.mark.parametrize("names", [wording._BANDS, wording._PARTS, wording._TERMS])
def test_names_exist_in_every_language(names: dict[str, dict[Language, str]]) -> None:
    assert all(set(held) == set(LANGUAGES) and all(held.values()) for held in names.values())


def test_numbers_and_times() -> None:
    assert [number(3.5, language) for language in LANGUAGES] == ["3.5", "3,5", "3,5"]
    assert (number(12.0, "es"), number(0.04, "en")) == ("12", "0")
    assert [hours(value, "en") for value in (0.2, 1.0, 7.25)] == [
        "less than a business hour", "1 business hour", "7.2 business hours",
    ]  # fmt: skip
    assert [ago(days, "es") for days in (0, 1, 6)] == ["hace menos de un día", "hace 1 día", "hace 6 días"]
    assert (span(timedelta(hours=5, minutes=59)), span(timedelta(days=6, hours=2))) == ("5 h", "6 d")


def test_terms() -> None:
    assert term_name("critical_bug", "pt") == "erro crítico"
    assert (term_name("competitor:Rival", "es"), term_name("churn", "es")) == ("Rival", "churn")
