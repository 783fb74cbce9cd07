"""Ten seconds at a terminal in which Enter takes a reply back."""

from __future__ import annotations

import select
import sys
from datetime import datetime
from math import ceil

from cli.output import console
from crm.clock import Clock

_LOOK = 0.2  # seconds


def undone_before(moment: datetime, clock: Clock) -> bool:
    """Count down on the screen until `moment` (aware). True when the human pressed Enter, or Ctrl-C, before it."""
    shown = -1
    console.print("Approved. Press Enter to undo.")
    try:
        while (left := (moment - clock()).total_seconds()) > 0:
            if ceil(left) != shown:
                shown = ceil(left)
                sys.stdout.write(f"\rIt leaves in {shown:2d} s ")
                sys.stdout.flush()
            if select.select([sys.stdin], [], [], min(_LOOK, left))[0]:
                sys.stdin.readline()
                return True
    except KeyboardInterrupt:
        return True
    finally:
        console.print()
    return False
