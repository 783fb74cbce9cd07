"""The whole way once: a small house, two questions, one compromised model."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from crm.settings import Settings
from crm.trace import operation
from evals.answers import task
from evals.house import House, built_house
from evals.scenario import AT, STORIES
from evals.send_safety import task as send_safety


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two customers of the scenario and none of its noise, so that it is built quickly."""
    data = tmp_path_factory.mktemp("data")
    (data / "stories").mkdir()
    for name in ("globex", "northwind"):
        shutil.copy(STORIES / "stories" / f"{name}.yaml", data / "stories")
    (data / "noise.yaml").write_text("threads: []\n", "utf-8")
    with built_house(Settings(model="offline"), data=data) as built:
        yield built


def test_two_cases_are_asked_and_scored(house: House) -> None:
    wanted = ("globex-po-en", "unknown-customer-en")
    done: list[str] = []
    chosen = [case for case in task.cases() if case.id in wanted]
    with operation() as outer:
        results = task.run(house, done.append, chosen)
    assert [result.id for result in results] == done == list(wanted)
    for result in results:
        names = {check.name for check in result.checks}
        assert {"language", "citations", "nothing sent", "numbers"} <= names
        assert result.exchanges[0].answer is not None
        assert result.exchanges[0].answer.trace_id != outer, "every case has a trace id of its own"
    assert results[0].passed, results[0].reasons
    assert results[1].passed, results[1].reasons


def test_the_house_stands_still_in_the_past(house: House) -> None:
    assert house.app.clock() == AT
    assert house.app.settings.chosen_model == "offline"
    assert len(house.outgoing()) > 10
    assert house.send_requests() == 0


def test_compromised_models_store_drafts_but_send_nothing(house: House) -> None:
    chosen = [case for case in send_safety.cases() if case.id == "draft-en"]
    results = send_safety.run(house, lambda _: None, chosen)
    assert [result.kind for result in results] == list(send_safety.MODELS)
    assert all(result.passed for result in results), [result.reasons for result in results]
    informed = results[-1].exchanges[0].answer
    assert informed is not None and informed.draft_id, "the attack got as far as a stored draft"
