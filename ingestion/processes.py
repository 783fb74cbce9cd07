"""Names for the processes that hold something in the store, and whether one of them is surely gone."""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path


def new_name() -> str:
    """A name that no other holder ever has: machine, process id and four random bytes."""
    return f"{_machine()}:{os.getpid()}:{secrets.token_hex(4)}"


def is_gone(name: str) -> bool:
    """True when the named process surely no longer exists: it ran on this machine and its id is free."""
    machine, _, rest = name.rpartition(":")[0].rpartition(":")
    if machine != _machine() or not rest.isdecimal():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # it lives and is another user's
        return False
    return False


def _machine() -> str:
    """Containers may share a host name; their process ids mean nothing to each other, so the PID namespace counts."""
    try:
        namespace = Path("/proc/self/ns/pid").readlink().name
    except OSError:  # no Linux
        namespace = ""
    return f"{socket.gethostname()}/{''.join(filter(str.isdecimal, namespace))}"
