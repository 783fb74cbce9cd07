"""Races, crashes and attacks on one send: python -m benchmarks.sending [--runs N] [--seed N] [--database URL].

Each run stores one draft, disturbs its sending in one way (see `benchmarks.sends.kinds`) with two processes over the same
store and a local Gmail, lets two minutes pass and reconciles as the next sync does. At the end Gmail's Sent mail is the
judge: a draft that a human approved lies there once, or not at all where the product says so; one that nobody approved never
does. `--database` names an empty database and may be repeated; SQLite in a temporary folder by default.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy.engine import make_url

from benchmarks.sends.kinds import KINDS, Kind
from benchmarks.sends.tally import Outcome, Result, race
from benchmarks.sends.world import built_world

_HEAD = "| what happens | database | runs | in Sent once | of these found by looking | not sent, back to its human | shown as uncertain, not sent | twice | unapproved |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.sending", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="for each database")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", action="append", default=[], help="an empty database's URL, or `sqlite`")
    parser.add_argument("--minutes", type=float, default=1e6, help="for each database; then those done are judged")
    parser.add_argument("--only", default="", help="kinds whose name holds this")
    chosen = parser.parse_args()
    kinds = tuple(kind for kind in KINDS if chosen.only in kind.name)
    if not kinds:
        parser.error(f"no kind is called “{chosen.only}”")
    results: dict[str, Result] = {}
    for url in chosen.database or ["sqlite"]:
        with tempfile.TemporaryDirectory(prefix="lealup-sends-") as home:
            started = time.perf_counter()

            def more(until: float = started + 60 * chosen.minutes) -> bool:
                print(".", end="", file=sys.stderr, flush=True)
                return time.perf_counter() < until

            with built_world(Path(home), "" if url == "sqlite" else url) as world:
                name = "sqlite" if url == "sqlite" else make_url(url).get_backend_name()
                results[name] = race(world, chosen.runs, seed=chosen.seed, kinds=kinds, more=more)
            print(
                f"\n{name}: {len(results[name].outcomes)} runs in {time.perf_counter() - started:.0f} s",
                file=sys.stderr,
            )
    print(table(results, kinds))
    faults = [f"{name}: {fault}" for name, result in results.items() for fault in result.faults]
    print("\n".join(faults) or "\nNothing was sent twice, unapproved, changed, or unnoticed.")
    sys.exit(1 if faults else 0)


def table(results: dict[str, Result], kinds: tuple[Kind, ...] = KINDS) -> str:
    """One line for each kind and database, and one for all."""
    lines = [_HEAD, "|---" * _HEAD.count(" |") + "|"]
    for kind in kinds:
        lines += [_line(kind.name, name, result.of(kind)) for name, result in results.items()]
    lines += [_line("**all**", name, result.outcomes) for name, result in results.items()]
    return "\n".join(lines)


def _line(what: str, database: str, runs: tuple[Outcome, ...]) -> str:
    once = [run for run in runs if len(run.mails) == 1]
    cells = (
        len(runs),
        len(once),
        sum(run.found for run in once),
        sum(not run.mails and run.status != "uncertain" for run in runs),
        sum(not run.mails and run.status == "uncertain" for run in runs),
        sum(len(run.mails) > 1 for run in runs),
        sum(bool(run.mails) and not run.kind.approved for run in runs),
    )
    return f"| {what} | {database} | {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    main()
