from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from crm.errors import InputError
from evals import last_run, runner
from evals.last_run import Change
from evals.page import page
from evals.result import CaseResult, Check, Exchange, SuiteResult
from evals.table import show, told
from tests.evals.answers_builders import evidence, mail


def _case(name: str, *, passed: bool, hard: bool = False, text: str = "Yes [1]") -> CaseResult:
    answer = evidence(text, mail("acme-renewal-13", text="<b>150</b> seats")).answer
    checks = (Check(name="gold", passed=passed, reason="cites [nothing]", hard=hard),)
    return CaseResult(
        id=name, kind="record", language="en", checks=checks, exchanges=(Exchange(question="Who?", answer=answer),)
    )


def _suite(*cases: CaseResult, threshold: float = 0.5) -> SuiteResult:
    return SuiteResult(name="answers", model="offline", threshold=threshold, cases=cases, seconds=1.0)


def test_the_threshold_is_met_by_share_of_cases() -> None:
    assert _suite(_case("a", passed=True), _case("b", passed=False)).met
    assert not _suite(_case("a", passed=True), _case("b", passed=False), threshold=0.6).met
    assert not _suite().met


def test_a_hard_check_fails_the_suite_whatever_the_share() -> None:
    result = _suite(_case("a", passed=True), _case("b", passed=False, hard=True), threshold=0.1)
    assert result.score == 0.5
    assert not result.met
    assert result.broken == ("b",)


def test_the_last_run_is_compared_and_kept_per_model(tmp_path: Path) -> None:
    first = _suite(_case("a", passed=True), _case("b", passed=False))
    assert last_run.compare(first, last_run.load(tmp_path)) == Change(before=None)
    last_run.save(tmp_path, [first])
    second = _suite(_case("a", passed=False), _case("b", passed=True), _case("c", passed=False))
    assert last_run.compare(second, last_run.load(tmp_path)) == Change(before=0.5, fixed=("b",), broken=("a",))
    other = SuiteResult(name="answers", model="openai:x", threshold=0.5, cases=second.cases, seconds=1.0)
    assert last_run.compare(other, last_run.load(tmp_path)).before is None


def test_an_unreadable_last_run_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / last_run.FILE).write_text('{"answers": 3}', "utf-8")
    assert last_run.load(tmp_path) == {}


def test_the_page_escapes_what_mail_and_model_say() -> None:
    text = page(
        [_suite(_case("a", passed=False, text="<script>alert(1)</script>"))],
        {"answers": Change(before=0.5, fixed=("b",))},
        datetime(2026, 5, 22, tzinfo=UTC),
    )
    assert "<script" not in text and "&lt;script&gt;" in text
    assert "<b>150" not in text
    assert "http" not in text
    assert "cites [nothing]" in text and "f00d" in text


def test_the_table_shows_failed_cases_with_their_trace_ids() -> None:
    out = StringIO()
    result = _suite(_case("good", passed=True), _case("bad", passed=False))
    show(Console(file=out, width=120), [result], {"answers": Change(before=1.0, broken=("bad",))})
    shown = out.getvalue()
    assert "50.0%" in shown and "100.0%, +0 -1" in shown
    assert "answers/bad: gold: cites [nothing]" in shown and "f00d" in shown
    assert "answers/good" not in shown


def test_a_first_run_has_nothing_to_compare() -> None:
    assert told(Change(before=None)) == "none"


def test_the_json_holds_every_case_with_answer_and_reasons() -> None:
    (kept,) = json.loads(json.dumps(_suite(_case("bad", passed=False)).as_json()))["results"]
    assert kept["reasons"] == ["gold: cites [nothing]"]
    assert kept["trace_ids"] == ["f00d"]
    assert kept["turns"][0]["answer"]["citations"][0]["quote"] == "<b>150</b> seats"


@pytest.mark.parametrize(("suites", "model"), [(("nonsense",), None), ((), "gpt-4")])
def test_an_unknown_suite_or_model_is_refused_before_anything_is_built(
    suites: tuple[str, ...], model: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError):
        runner.run_suites(suites, model=model, json_file=None, html_file=None)
    assert list(tmp_path.iterdir()) == []


def test_a_report_that_cannot_be_written_is_refused_before_anything_is_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere"):
        runner.run_suites((), model="offline", json_file=tmp_path / "nowhere" / "results.json", html_file=None)
