"""Ten seconds at a terminal in which Enter takes a reply back."""

from __future__ import annotations

import select
import sys
from datetime import datetime

from cli.output import console
from crm.clock import Clock

_LOOK = 0.2  # seconds


def undone_before(moment: datetime, clock: Clock) -> bool:
    """Count down on the screen until `moment` (aware). True when the human pressed Enter, or Ctrl-C, before it."""
    shown = -1
    try:
        while (left := (moment - clock()).total_seconds()) > 0:
            if round(left) != shown:
                shown = round(left)
                console.print(f"\rLeaves in {shown:2d} s. Press Enter to undo. ", end="", highlight=False)
            if select.select([sys.stdin], [], [], min(_LOOK, left))[0]:
                sys.stdin.readline()
                return True
    except KeyboardInterrupt:
        return True
    finally:
        console.print()
    return False
