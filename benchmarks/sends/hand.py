"""A process that approves and sends, as a face or a worker does: the production application over the shared database.

Forked from a parent that has opened nothing, so that starting one again after a `kill -9` costs little.
"""

from __future__ import annotations

import os
import signal
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.sends.actions import Actions, Told
from benchmarks.sends.clock import SharedClock
from crm.settings import Settings
from wiring.app import build_app

KILLED = "killed"
_PATIENCE = 60.0  # seconds
_GLANCE = 5.0  # seconds between two looks whether the parent is still there


class Hand:
    """One process as its parent holds it. `start` and `finish` let two of them act at once."""

    def __init__(self, settings: Settings, clock: SharedClock) -> None:
        self._settings, self._clock = settings, clock
        self._spawn()

    def _spawn(self) -> None:
        context = get_context("fork")
        self._line, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, self._settings, self._clock), daemon=True)
        self.process.start()
        theirs.close()

    def do(self, action: str, *arguments: Any, at: float = 0.0) -> Told:
        self.start(action, *arguments, at=at)
        return self.finish()

    def start(self, action: str, *arguments: Any, at: float = 0.0) -> None:
        """`at` is the moment to begin, in `time.monotonic()`, which all processes of a machine share."""
        self._line.send((action, arguments, at))

    def finish(self) -> Told:
        """Its answer; `killed` when it died meanwhile, and then it is alive again. An unforeseen error is raised here."""
        try:
            if not self._line.poll(_PATIENCE):
                raise TimeoutError("a process does not answer")
            answer = self._line.recv()
        except (EOFError, ConnectionResetError):
            self.process.join()
            self._spawn()
            return Told(outcome=KILLED)
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]

    def kill(self) -> Told:
        """kill -9, from outside. An answer that it could still give is of no use to anybody."""
        self.process.kill()
        self.process.join()
        self._line.close()
        self._spawn()
        return Told(outcome=KILLED)

    def stop(self) -> None:
        """Told, not only cut off: processes forked later hold copies of this end of the line."""
        self._line.send(None)
        self.process.join(timeout=10)
        self._line.close()


def _work(line: Connection, settings: Settings, clock: SharedClock) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent, actions = os.getppid(), Actions(build_app(settings, clock=clock))
    while True:
        while not line.poll(_GLANCE):
            if os.getppid() != parent:
                return  # nobody is left to ask
        asked = line.recv()
        if asked is None:
            actions.app.close()
            return
        action, arguments, at = asked
        try:
            while time.monotonic() < at:
                time.sleep(0)
            line.send(actions.run(action, arguments))
        except Exception as error:  # noqa: BLE001 – the parent raises it
            line.send(RuntimeError(f"{type(error).__name__}: {error}"))
