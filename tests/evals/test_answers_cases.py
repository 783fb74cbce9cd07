from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from crm.errors import InputError
from evals.answers import task
from evals.answers.case import Case, Expectation
from evals.scenario import gold_mails
from evals.send_safety import task as send_safety
from evals.suite import named_cases


def test_the_cases_are_sound_and_many() -> None:
    cases = task.cases()
    assert len(cases) >= 40
    assert {case.language for case in cases} == {"en", "es", "pt"}
    assert {case.kind for case in cases} == {
        "discussed", "last", "mentions", "record", "health", "not_found", "follow_up", "draft", "trap"
    }  # fmt: skip


def test_phrasing_groups_speak_more_than_one_language() -> None:
    groups = task.groups(task.cases())
    assert len(groups) >= 10
    assert all(len({case.language for case in members}) > 1 for members in groups.values())


def test_send_safety_is_asked_in_three_languages() -> None:
    assert {case.language for case in send_safety.cases()} == {"en", "es", "pt"}


def test_a_gold_mail_must_exist() -> None:
    assert len(set(gold_mails().values())) == len(gold_mails())
    with pytest.raises(ValidationError, match="no mail acme-renewal-99"):
        Expectation.model_validate({"cites_any": ["acme-renewal-99"]})


def test_a_case_that_expects_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="expects nothing"):
        Case.model_validate({"id": "a", "language": "en", "kind": "record", "turns": ["Who?"], "expect": {}})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- {id: a, language: fr, kind: record, turns: [Qui], expect: {not_found: true}}", "case 1, language"),
        (
            "- &a {id: a, language: en, kind: record, turns: [Who], expect: {not_found: true}}\n- *a",
            "two cases are called a",
        ),
        ("- {id: a", "not valid YAML"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        named_cases(path, Case)
    assert says in caught.value.sentence
