"""The command as a process: one line, then a clean end."""

import argparse
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from sandbox.openai import command


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_prints_its_address_and_ends_cleanly(stop: signal.Signals, tmp_path: Path) -> None:
    path = tmp_path / "script.json"
    path.write_text('[{"reply": {"content": "scripted"}}]')
    arguments = [sys.executable, "-m", "sandbox", "openai", "--port", "0", "--script", str(path)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        found = re.fullmatch(r"sandbox openai on (http://127\.0\.0\.1:\d+/v1)\n", line)
        assert found, line
        body = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
        answer = httpx.post(f"{found[1]}/chat/completions", json=body, headers={"Authorization": "Bearer k"})
        assert answer.json()["choices"][0]["message"]["content"] == "scripted"
        process.send_signal(stop)
        assert process.wait(timeout=60) == 0
        assert process.stderr.read() == ""


def test_an_unusable_script_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    assert command.run(parser.parse_args(["--script", "/nowhere/script.yaml"])) == 2
    assert "cannot be read" in capsys.readouterr().err
