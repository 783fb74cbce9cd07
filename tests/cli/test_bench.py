"""`lealup bench` lists the programs and hands over to them."""

from __future__ import annotations

import importlib.util

import pytest
from typer.testing import CliRunner

from cli.commands.benches import PROGRAMS
from cli.main import app
from crm.errors import InputError, LealUpError


def test_it_lists_programs_that_are_there() -> None:
    shown = CliRunner().invoke(app, ["bench"]).output

    assert [line.split(":")[0] for line in shown.splitlines()] == list(PROGRAMS)
    assert all(importlib.util.find_spec(f"benchmarks.{name}") for name in PROGRAMS)


def test_what_follows_goes_to_the_program_and_its_exit_code_comes_back(capfd: pytest.CaptureFixture[str]) -> None:
    code = CliRunner().invoke(app, ["bench", "ingestion", "idle", "--sizes", "many"]).exit_code

    assert code == 2
    assert "invalid int value: 'many'" in capfd.readouterr().err


def test_unknown_and_absent_programs_are_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = CliRunner().invoke(app, ["bench", "nothing"]).exception
    monkeypatch.setattr("cli.commands.benches.importlib.util.find_spec", lambda name: None)
    absent = CliRunner().invoke(app, ["bench", "ingestion"]).exception

    assert isinstance(unknown, InputError) and "nothing" in unknown.for_user()
    assert isinstance(absent, LealUpError) and "not installed" in absent.for_user()
