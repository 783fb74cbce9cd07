"""`python -m sandbox scenario`: write the demo mailbox and its tables into a folder."""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from sandbox.scenario.builder import build
from sandbox.scenario.schedule import anchor_instant
from sandbox.scenario.story import StoryError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write, replaced when there")
    parser.add_argument(
        "--at",
        metavar="ISO-DATE",
        help="day or instant the story is told from, Europe/Madrid (default: now; a day alone means its 18:00)",
    )


def run(args: argparse.Namespace) -> int:
    """Write the scenario and print what was written as JSON; 2 with one sentence on stderr when that fails."""
    try:
        anchor = anchor_instant(args.at, datetime.now(UTC))
    except ValueError:
        return _refuse(f"--at {args.at!r} is not an ISO date such as 2026-11-03 or 2026-11-03T10:00.")
    try:
        print(json.dumps(build(args.out, anchor), indent=2))
    except StoryError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{error.filename or args.out} cannot be written: {error.strerror}.")
    return 0


def _refuse(sentence: str) -> int:
    print(f"sandbox scenario: {sentence}", file=sys.stderr)
    return 2
