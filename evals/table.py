"""The results on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from evals.last_run import Change
from evals.result import SuiteResult


def show(console: Console, results: Sequence[SuiteResult], changes: Mapping[str, Change]) -> None:
    """One row a suite, then each failed case with its reasons and trace ids."""
    table = Table("suite", "model", "cases", "passed", "score", "threshold", "last run", "seconds")
    for result in results:
        table.add_row(
            f"[{'green' if result.met else 'red'}]{result.name}[/]",
            escape(result.model),
            str(len(result.cases)),
            str(result.passed),
            f"{result.score:.1%}",
            f"{result.threshold:.1%}",
            told(changes[result.name]),
            f"{result.seconds:.1f}",
        )
    console.print(table)
    for result in results:
        for case in result.cases:
            if not case.passed:
                traces = " ".join(exchange.answer.trace_id for exchange in case.exchanges if exchange.answer)
                reasons = escape("; ".join(case.reasons))
                console.print(f"[red]✗[/] {result.name}/{case.id}: {reasons} [dim]{traces}[/]", soft_wrap=True)
        newly = changes[result.name].broken
        if newly:
            console.print(f"[red]Passed in the last run and fail now:[/] {', '.join(newly)}", soft_wrap=True)


def told(change: Change) -> str:
    """ "91.0 %, +2 -1": the former score, cases that pass now and cases that fail now."""
    if change.before is None:
        return "none"
    return f"{change.before:.1%}, +{len(change.fixed)} -{len(change.broken)}"
