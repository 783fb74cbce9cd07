"""The child's cage: whatever code a file would get to run there, these doors are closed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

# Stands in for a parser that a file has taken over: it runs after the doors are closed, in the very process.
_TAKEN_OVER = """
import sys
from ingestion.attachments import extract
{setup}
def taken_over(content):
    {attack}
    return "escaped"
extract._prepared = lambda kind: taken_over
sys.argv = ["extract", "text"]
sys.exit(extract.main())
"""


def _attacked(attack: str, setup: str = "") -> tuple[int, str]:
    script = _TAKEN_OVER.format(setup=setup, attack=attack)
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], input=b"x", capture_output=True, timeout=60, env={}, check=False
    )
    return done.returncode, done.stdout.decode()


def test_the_harness_itself_works() -> None:
    assert json.loads(_attacked("pass")[1])["text"] == "escaped"


@pytest.mark.parametrize(
    ("attack", "setup"),
    [
        ("socket.socket()", "import socket"),
        ("open('/etc/hostname').read()", ""),
        ("open('/tmp/lealup-escape', 'w').write('x')", ""),
        ("subprocess.run(['/bin/true'])", "import subprocess"),
        ("bytearray(2 * 1024 ** 3)", ""),
    ],
)
def test_no_network_no_file_no_process_no_memory(attack: str, setup: str) -> None:
    code, said = _attacked(attack, setup)
    assert code == 0
    assert json.loads(said)["reason"] in ("unreadable", "too_large")


def test_endless_work_is_killed_by_the_system() -> None:
    """The limit on CPU time, shortened to a second here."""
    code, said = _attacked("while True: pass", "extract._CPU = 1")
    assert code < 0
    assert said == ""


def test_the_child_knows_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """It inherits no environment: that is where keys live."""
    from ingestion.attachments import child

    seen: list[object] = []
    real = subprocess.Popen

    def spied(command: list[str], **options: object) -> object:
        seen.append(options["env"])
        return real(command, **options)  # type: ignore[call-overload]

    monkeypatch.setattr("ingestion.attachments.child.subprocess.Popen", spied)
    assert child.extract("text", b"hello").text == "hello"
    assert seen == [{}]


@pytest.mark.parametrize(
    "said", [b"", b"[]", b"{}", b'{"text": 1}', b'{"reason": "because"}', b"\xff", b'{"text": ""}']
)
def test_an_answer_that_makes_no_sense_is_no_text(said: bytes) -> None:
    from ingestion.attachments.child import _answer

    assert _answer(said).reason == "unreadable"
