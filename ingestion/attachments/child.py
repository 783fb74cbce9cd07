"""Running the extractor: a fresh process for each file, killed when it takes too long or says too much."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import dataclass

from ingestion.attachments.extract import MOST_TEXT
from ingestion.attachments.kinds import Kind, Reason

_SECONDS = 30.0  # of wall time; the child's own limit is on CPU time
_MOST_OUTPUT = 12 * MOST_TEXT + 1024  # bytes: JSON writes a character outside the BMP as two escapes of six bytes
_REASONS = frozenset({"too_large", "encrypted", "unreadable", "timeout", "unsupported", "no_text"})
_CPU_LIMIT_SIGNALS = (-24, -9)  # SIGXCPU at the soft limit, SIGKILL at the hard one or from our timer


@dataclass(frozen=True, kw_only=True)
class Extracted:
    """`text` of a file, or why there is none. `cut`: the file goes on behind what was kept."""

    text: str = ""
    cut: bool = False
    reason: Reason | None = None


def extract(kind: Kind, content: bytes, *, seconds: float = _SECONDS) -> Extracted:
    """The text of `content`; never raises for what a file does, and ends within `seconds` of wall time.

    The child inherits no environment (keys and tokens live there) and no descriptor but its three pipes.
    """
    process = subprocess.Popen(
        [sys.executable, "-I", "-m", "ingestion.attachments.extract", kind],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/", close_fds=True,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None  # noqa: S101 (narrows the types: both are pipes)
    timer = threading.Timer(seconds, process.kill)
    feeder = threading.Thread(target=_feed, args=(process, content), daemon=True)
    timer.start()
    feeder.start()
    try:
        said = process.stdout.read(_MOST_OUTPUT + 1)
        if len(said) > _MOST_OUTPUT:
            process.kill()
        code = process.wait()
    finally:
        timer.cancel()
        process.kill()
        feeder.join(timeout=5)
        process.stdout.close()
        process.wait()
    if code in _CPU_LIMIT_SIGNALS:
        return Extracted(reason="timeout" if len(said) <= _MOST_OUTPUT else "too_large")
    return _answer(said) if code == 0 else Extracted(reason="unreadable")


def _feed(process: subprocess.Popen[bytes], content: bytes) -> None:
    try:
        if process.stdin is not None:
            process.stdin.write(content)
            process.stdin.close()
    except OSError:  # it has ended without reading all
        pass


def _answer(said: bytes) -> Extracted:
    """What a child says is as little trusted as the file it read."""
    try:
        answer = json.loads(said)
        text, reason = answer.get("text", ""), answer.get("reason", "")
        if isinstance(text, str) and (reason in _REASONS or (reason == "" and text)):
            return Extracted(
                text="" if reason else text[:MOST_TEXT], cut=bool(answer.get("cut")), reason=reason or None
            )
    except (ValueError, AttributeError, TypeError):
        pass
    return Extracted(reason="unreadable")
