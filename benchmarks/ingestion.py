"""What a backfill costs, beside others; how much of Google's quota it uses; what an idle poll costs.

    python -m benchmarks.ingestion compare --mails 600       ours, LangChain's natural pipeline and lieer on one local Gmail
    python -m benchmarks.ingestion quota --mails 1500        one backfill against Google's limit, over minutes
    python -m benchmarks.ingestion idle --sizes 1000 10000 100000

Requests and quota units are those the local Gmail counted. `benchmarks.sides` says what the others need to be installed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert, update

from benchmarks.mailbox import CSM, write
from benchmarks.sides import Run, house
from crm import schema
from wiring.app import App

LIMIT = 6_000  # units a minute and user of a new project
_ENOUGH = 0.95  # of the budget
_FLAT = 3.0  # an idle poll at the largest size may take so many times as long as at the smallest


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """What the local Gmail counted: HTTP requests, calls in them, units, refusals by rate, and (instant, units) each."""

    requests: int
    calls: int
    units: int
    refused: int
    spends: tuple[tuple[float, int], ...]


def traffic(url: str) -> Traffic:
    """Everything since the last call of this; then the log is empty."""
    entries = httpx.get(f"{url}/sandbox/log", timeout=60).json()["requests"]
    httpx.delete(f"{url}/sandbox/log", timeout=60)
    calls = [entry for entry in entries if entry["user"]]
    return Traffic(
        requests=sum(entry["method"] == "batch" or not entry["in_batch"] for entry in entries),
        calls=len(calls),
        units=sum(entry["units"] for entry in calls),
        refused=sum(entry["status"] in (403, 429) for entry in entries),
        spends=tuple((entry["at"], entry["units"]) for entry in calls if entry["units"]),
    )


@contextmanager
def local_gmail(mails: Path | None, *options: str) -> Iterator[str]:
    """`python -m sandbox gmail` with these mails; yields its address."""
    mailbox = CSM if mails is None else f"{CSM}={mails}"
    command = [sys.executable, "-m", "sandbox", "gmail", "--mailbox", mailbox, "--auto-consent", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().split()[-1]
        finally:
            server.terminate()


def side(name: str, url: str, folder: Path, *more: int) -> Run:
    """One side in a process of its own."""
    folder.mkdir()
    command = [sys.executable, "-m", "benchmarks.sides", name, url, str(folder), *map(str, more)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return Run(note=f"failed: {done.stderr.strip().splitlines()[-1]}")
    return Run(**json.loads(done.stdout.splitlines()[-1]))


def compare(count: int, work: Path, names: Sequence[str]) -> bool:
    """Each side once on the same mails; ratios are to ours (fetching alone: to ours fetching alone)."""
    results: dict[str, tuple[Run, Traffic]] = {}
    with local_gmail(write(work / "mails", count, now=datetime.now(UTC))) as url:
        for name in names:
            traffic(url)
            results[name] = side(name, url, work / name), traffic(url)
    print(f"{count} mails, {_load()}\n")
    print(
        "| side | mails | wall s | CPU s | HTTP requests | units | peak MB | wall, times ours |\n|---|---|---|---|---|---|---|---|"
    )
    for name, (run, seen) in results.items():
        if run.note:
            print(f"| {name} | {run.note} | | | | | | |")
            continue
        base = results.get("ours-fetching" if name in ("ours-fetching", "lieer") else "ours", (run, seen))[0]
        ratio = run.seconds / base.seconds if base.seconds else 0.0
        print(
            f"| {name} | {run.mails} | {run.seconds:.1f} | {run.cpu:.1f} | {seen.requests} | {seen.units} | "
            f"{run.peak_mb:.0f} | {ratio:.2f} |"
        )
    return all(not run.note or run.note.startswith("skipped") for run, _ in results.values())


def quota(count: int, work: Path, limit: int) -> bool:
    """One backfill whose budget is all of Google's: the share it uses once it is under way, and refusals."""
    with local_gmail(write(work / "mails", count, now=datetime.now(UTC)), "--units-per-minute", str(limit)) as url:
        run, seen = side("ours", url, work / "ours", limit), traffic(url)
    if run.note:
        print(run.note)
        return False
    gets = [at for at, units in seen.spends if units > 10]
    begin, end = gets[0], gets[-1]
    inside = sum(units for at, units in seen.spends if begin <= at < end)
    minutes = (end - begin) / 60
    share = inside / (limit * minutes)
    worst = max(sum(units for at, units in seen.spends if start <= at < start + 60) for start in gets)
    print(f"{run.mails} mails, limit {limit} units a minute, {_load()}\n")
    print(
        "| minutes of fetching | units | share of the budget | most units in any minute | refusals (429, 403) | peak MB |"
    )
    print("|---|---|---|---|---|---|")
    print(f"| {minutes:.1f} | {inside} | {share:.1%} | {worst} | {seen.refused} | {run.peak_mb:.0f} |")
    return share >= _ENOUGH and not seen.refused


def idle(sizes: Sequence[int], work: Path) -> bool:
    """A poll that finds nothing, at several sizes of the store, whose rows are written directly."""
    print(f"{_load()}\n\n| mails stored | HTTP requests | units | median ms of 7 | CPU ms |\n|---|---|---|---|---|")
    cpu: list[float] = []
    for size in sizes:
        with local_gmail(None) as url:
            app = house(url, work / f"idle-{size}")
            app.sync.run(1)
            _fill(app, size)
            app.sync.run(1)
            traffic(url)
            walls, cpus = zip(*(_timed(app) for _ in range(7)), strict=True)
            seen = traffic(url)
            app.close()
        cpu.append(statistics.median(cpus))
        print(
            f"| {size} | {seen.requests / 7:.0f} | {seen.units / 7:.0f} | {statistics.median(walls) * 1000:.0f} | "
            f"{cpu[-1] * 1000:.0f} |"
        )
    return cpu[-1] <= _FLAT * cpu[0]


def _timed(app: App) -> tuple[float, float]:
    """(wall, processor) seconds of one poll, as the worker makes it."""
    wall, cpu = time.perf_counter(), time.process_time()
    app.worker.sync_now(1)
    return time.perf_counter() - wall, time.process_time() - cpu


def _fill(app: App, size: int) -> None:
    """Stored and indexed mails of one customer, as a sync leaves their rows (without the indexes' own content)."""
    now = datetime.now(UTC)
    for begin in range(0, size, 1000):
        numbers = range(begin, min(begin + 1000, size))
        with app.database.write() as session:
            session.execute(insert(schema.Mail), [
                {"id": f"m{number:08}", "workspace_id": 1, "sent_at": now - timedelta(minutes=number), "text": "Text. " * 50,
                 "direction": "inbound", "subject": f"Mail {number}", "sender_email": "ana@customer0.example",
                 "has_body": True, "new_text": "Text. " * 50, "indexed_at": now, "references": [], "tone_sentences": []}
                for number in numbers
            ])  # fmt: skip
            session.execute(insert(schema.Message), [
                {"mailbox_id": 1, "gmail_id": f"g{number:08}", "gmail_thread_id": f"t{number // 3:08}",
                 "mail_id": f"m{number:08}", "label_ids": ["INBOX"], "status": "stored", "reason": ""}
                for number in numbers
            ])  # fmt: skip
            session.execute(insert(schema.Link), [
                {"mail_id": f"m{number:08}", "customer_id": 1, "rule": "domain", "detail": "customer0.example"}
                for number in numbers
            ])  # fmt: skip
    with app.database.write() as session:
        session.execute(update(schema.Mailbox).values(listed_total=size))


def _load() -> str:
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def main() -> None:
    """Run one measurement; exit code 1 where it is not met."""
    parser = argparse.ArgumentParser(description="What ingestion costs")
    commands = parser.add_subparsers(dest="command", required=True)
    comparing = commands.add_parser("compare")
    comparing.add_argument("--mails", type=int, default=600)
    comparing.add_argument("--sides", nargs="+", default=["ours", "langchain", "ours-fetching", "lieer"])
    limited = commands.add_parser("quota")
    limited.add_argument("--mails", type=int, default=1500)
    limited.add_argument("--limit", type=int, default=LIMIT)
    idling = commands.add_parser("idle")
    idling.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    arguments: Any = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        if arguments.command == "compare":
            met = compare(arguments.mails, Path(work), arguments.sides)
        elif arguments.command == "quota":
            met = quota(arguments.mails, Path(work), arguments.limit)
        else:
            met = idle(arguments.sizes, Path(work))
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
