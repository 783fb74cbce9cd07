import argparse
import json
from pathlib import Path

import pytest

from sandbox.scenario import command


def _run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args(arguments))


def test_it_prints_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("--out", str(tmp_path / "demo")) == 0
    summary = json.loads(capsys.readouterr().out)
    for name in ("mailbox", "customers", "contacts", "scenario"):
        assert Path(summary[name]).exists()


def test_a_wrong_date_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("--out", str(tmp_path), "--at", "yesterday") == 2
    assert capsys.readouterr().err.startswith("sandbox scenario: --at 'yesterday' is not an ISO date")
    assert not list(tmp_path.iterdir())


def test_an_unwritable_folder_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    assert _run("--out", str(tmp_path / "file")) == 2
    assert "cannot be written" in capsys.readouterr().err
