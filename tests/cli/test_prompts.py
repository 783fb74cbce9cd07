"""Prompts, votes and exports at the terminal, as a person uses them one after the other."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run


def test_a_question_is_kept_run_exported_and_voted_on(office: Run, tmp_path: Path) -> None:
    added = office(
        "prompts", "add", "What did {customer} say about renewal?", "--name", "Renewal", "--shared", "--json"
    )
    assert (added.code, added.json["shared"]) == (0, True)
    assert "Renewal" in office("prompts", "list").out
    office("prompts", "run", "renewal").failed("The prompt asks for customer.")

    out = tmp_path / "answer.md"
    answer = office("prompts", "run", "Renewal", "--set", "customer=Globex", "--export", str(out), "--json").json
    assert answer["citations"] and answer["usage"] == {"input": 0, "output": 0, "calls": 0, "estimated": False}
    assert out.read_text(encoding="utf-8").startswith("# What did Globex say about renewal?")

    assert office("feedback", "vote", answer["id"], "down", "--comment", "Too short.").code == 0
    (line,) = office("feedback", "export", "--json").out.splitlines()
    held = json.loads(line)
    assert (held["verdict"], held["comment"], held["answer"]) == ("down", "Too short.", answer["answer"])
    assert held["citations"] == answer["citations"] and held["trace_id"] == answer["trace_id"]
    assert office("feedback", "list", "--verdict", "up", "--json").json == []
    votes = tmp_path / "votes.jsonl"
    assert "1 votes" in office("feedback", "export", "--out", str(votes)).out
    assert json.loads(votes.read_text(encoding="utf-8")) == held

    assert office("prompts", "edit", "Renewal", "--name", "Renovación", "--own").code == 0
    assert office("prompts", "remove", "renovacion").code == 0
    assert office("prompts", "list", "--json").json == []
    assert len(office("prompts", "list", "--starters", "--json").json) >= 21


def test_what_cannot_be_done_is_said_before_a_model_is_asked(office: Run, tmp_path: Path) -> None:
    office("ask", "What did Globex say?", "--export", str(tmp_path / "a.pdf")).failed("exported as .md or .html")
    office("feedback", "vote", "nothing", "up").failed("no longer there")
    office("prompts", "run", "nowhere").failed("There is no prompt")
    office("prompts", "add", " ").failed("A prompt needs a text.")
