"""The suite that measures how a mail is understood: its cases, its scoring, and what it shows when data is absent."""

from pathlib import Path

import pytest

from crm.mail import Address
from evals.understanding import keywords, language, mime, quote_strip, real_data
from evals.understanding.case import Sentence, mails, sentences
from evals.understanding.score import Score
from gmail.mime import parse


def test_there_are_enough_cases_in_every_language() -> None:
    for code in ("en", "es", "pt"):
        for split in ("dev", "test"):
            assert len([case for case in sentences() if (case.language, case.split) == (code, split)]) >= 60
        tones = {case.tone for case in mails() if case.language == code}
        assert tones == {"positive", "neutral", "negative"}
    assert len({case.text for case in sentences()}) == len(sentences()) >= 300


def test_keywords_of_the_half_that_was_tuned_on_reach_their_threshold() -> None:
    """Of the other half `lealup eval understanding` tells, which `make test` runs, too."""
    scores = keywords.measured([case for case in sentences() if case.split == "dev"], keywords.shipped())
    assert [(score.part, score.figure) for score in scores if not score.met] == []


def test_business_language_reaches_its_threshold() -> None:
    assert language.measure()[0].met


def test_a_sentence_is_judged_by_term_and_mark() -> None:
    reader = keywords.rules_alone()

    def judged(text: str, *terms: str) -> tuple[int, set[str], set[str]]:
        case = Sentence(split="dev", language="en", terms=terms, text=text)
        return keywords.judged(case, reader)

    assert judged("We will cancel.", "cancel") == (1, set(), set())
    assert judged("We will cancel.", "not cancel") == (0, {"cancel"}, {"not cancel"})
    assert judged("We will not cancel.") == (0, set(), set())
    assert judged("If it fails we cancel.", "any cancel", "any problem") == (2, set(), set())
    assert judged("Zentria called.", "competitor:zentria", "price") == (1, set(), {"price"})


def test_precision_and_recall_count_what_they_say() -> None:
    cases = [
        Sentence(split="dev", language="en", terms=("cancel",), text="We will cancel."),
        Sentence(split="dev", language="en", terms=("refund",), text="The weather is fine."),
        Sentence(split="dev", language="en", terms=(), text="A competitor called."),
    ]
    precision, recall = keywords.measured(cases, keywords.rules_alone())
    assert (precision.value, precision.size) == (0.5, 2)
    assert (recall.value, recall.size) == (0.5, 2)
    assert not precision.met and not recall.met


def test_a_score_below_its_threshold_fails_and_names_the_items() -> None:
    score = Score(part="p", measure="share", value=0.9, least=0.95, size=10, wrong=("one",))
    case = score.as_case(0.1)
    assert not case.passed
    assert case.reasons == ("0.900 share of 10, at least 0.950: one",)
    assert not Score(part="p", measure="share", value=1.0, least=0.95, size=0).met


def test_absent_data_is_shown_as_skipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(real_data, "ROOT", tmp_path)
    scores = [*quote_strip.measure(), *mime.measure()]
    assert len(scores) == len(quote_strip.SOURCES) + 2 * len(mime.FOLDERS)
    for score in scores:
        assert score.met and score.figure.startswith("skipped: there is no shared/data/")
        assert score.as_case(0).kind == "skipped"


def test_headers_are_compared_with_the_standard_library() -> None:
    raw = (
        b"From: Ana <ana@globex.example>\nTo: Luis <luis@lealup.example>\nSubject: =?utf-8?q?Renovaci=C3=B3n?=\n"
        b"Date: Mon, 3 Mar 2025 10:00:00 +0100\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nHola\n"
        b"--b\nContent-Disposition: attachment; filename=plan.pdf\n\nx\n--b--\n"
    )
    agreed = dict(mime.agreements(raw, parse(raw)))
    assert agreed == dict.fromkeys(("Subject", "From", "To", "Date", "attachment plan.pdf"), True)
    other = raw.replace(b"plan.pdf", b"other.pdf").replace(b"ana@", b"eva@")
    differing = dict(mime.agreements(other, parse(raw)))
    assert [name for name, agrees in differing.items() if not agrees] == ["From", "attachment other.pdf"]
    assert parse(raw).sender == Address(name="Ana", email="ana@globex.example")


def test_a_sample_is_spread_evenly() -> None:
    paths = tuple(Path(str(number)) for number in range(10))
    assert real_data.sample(paths, 5) == tuple(Path(str(number)) for number in (0, 2, 4, 6, 8))
    assert real_data.sample(paths, None) == paths == real_data.sample(paths, 20)


@pytest.mark.parametrize("source", quote_strip.SOURCES)
def test_quote_strip_of_published_cases(source: str) -> None:
    if not real_data.files("quote_strip"):
        pytest.skip(f"needs the shared data at {real_data.ROOT}")
    score = next(score for score in quote_strip.measure() if score.part.endswith(source.split("/", maxsplit=1)[0]))
    assert score.size > 20 and score.met, score.wrong


def test_real_headers_agree() -> None:
    if not real_data.files("mime"):
        pytest.skip(f"needs the shared data at {real_data.ROOT}")
    failed = [(score.part, score.wrong) for score in mime.measure(60) if not score.met]
    assert failed == []
