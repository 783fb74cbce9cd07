"""Runs suites on the scenario, shows and stores what came out."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from crm.clock import system_clock
from crm.errors import InputError
from crm.settings import Settings, load_settings
from evals import last_run
from evals.catalogue import SUITES
from evals.house import House, built_house
from evals.page import page
from evals.result import SuiteResult
from evals.suite import Suite
from evals.table import show
from ingestion.sync import Progress


def run_suites(suites: tuple[str, ...], *, model: str | None, json_file: Path | None, html_file: Path | None) -> bool:
    """Run the named suites, all without a name, and print a table; True when every threshold is met.

    `model` replaces the configured one (`offline` without a key). The house is built once for all suites. Raises, before
    anything is run, `InputError` for an unknown suite or model or a file that cannot be written, `SettingError` for a
    wrong setting.
    """
    chosen = _chosen(suites)
    settings = _with_model(load_settings(), model)
    for path in filter(None, (json_file, html_file)):
        _write(path, "")
    with _bars() as bars, _house(settings, bars) as house:
        results = [_run(suite, house, bars) for suite in chosen]
    former = last_run.load(Path.cwd())
    changes = {result.name: last_run.compare(result, former) for result in results}
    show(Console(), results, changes)
    if json_file:
        _write(json_file, _as_json(results))
    if html_file:
        _write(html_file, page(results, changes, system_clock()))
    _remember(results)
    return all(result.met for result in results)


def _chosen(names: Sequence[str]) -> tuple[Suite, ...]:
    known = {suite.name: suite for suite in SUITES}
    for name in names:
        if name not in known:
            raise InputError(name, sentence=f"There is no suite {name}.", next_step=f"There are {', '.join(known)}.")
    return tuple(known[name] for name in names or known)


def _with_model(settings: Settings, model: str | None) -> Settings:
    chosen = model or settings.chosen_model
    if chosen != "offline" and not chosen.startswith("openai:"):
        raise InputError(chosen, sentence="The model must be `offline` or `openai:<name>`.", next_step="")
    return settings.model_copy(update={"model": chosen})


@contextmanager
def _bars() -> Iterator[Bars]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True)) as bars:
        yield bars


@contextmanager
def _house(settings: Settings, bars: Bars) -> Iterator[House]:
    task = bars.add_task("Building the scenario", total=None)

    def progress(now: Progress) -> None:
        bars.update(task, description=f"Scenario: {now.phase}", completed=now.done, total=now.total or None)

    with built_house(settings, progress) as house:
        yield house


def _run(suite: Suite, house: House, bars: Bars) -> SuiteResult:
    task = bars.add_task(suite.name, total=suite.size())
    started = time.monotonic()
    results = suite.run(house, lambda _: bars.advance(task))
    return SuiteResult(
        name=suite.name,
        model=suite.model or house.app.settings.chosen_model,
        threshold=suite.threshold,
        cases=tuple(results),
        seconds=time.monotonic() - started,
    )


def _as_json(results: Sequence[SuiteResult]) -> str:
    content = {"at": system_clock().isoformat(), "suites": [result.as_json() for result in results]}
    return json.dumps(content, indent=1, ensure_ascii=False)


def _remember(results: Sequence[SuiteResult]) -> None:
    try:
        last_run.save(Path.cwd(), results)
    except OSError:
        Console(stderr=True).print(f"{last_run.FILE} cannot be written: the next run has nothing to compare with.")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError:
        raise InputError(
            str(path), sentence=f"{path.name} cannot be written.", next_step="Name another file."
        ) from None
