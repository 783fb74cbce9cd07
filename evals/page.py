"""The results as one HTML page for a person: nothing loaded from elsewhere, everything from mail or model escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape

from agent.answer import Citation
from evals.last_run import Change
from evals.result import CaseResult, Exchange, SuiteResult
from evals.table import told

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1b1f24;background:#fff}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #d8dee4}
details{border:1px solid #d8dee4;border-radius:6px;margin:.4rem 0;padding:.4rem .8rem}summary{cursor:pointer}
.ok{color:#1a7f37}.no{color:#cf222e}.dim{color:#57606a;font-size:.85em}pre{white-space:pre-wrap;font:inherit;margin:.3rem 0}
blockquote{margin:.2rem 0;padding-left:.8rem;border-left:3px solid #d8dee4}
"""


def page(results: Sequence[SuiteResult], changes: Mapping[str, Change], at: datetime) -> str:
    """A summary, then every case with its answers, failed ones first and open. `at` is an aware instant."""
    body = "".join(_suite(result) for result in results)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>LealUp evals</title>'
        f"<style>{_STYLE}</style></head><body><h1>Evals</h1><p class=dim>{at:%Y-%m-%d %H:%M %Z}</p>"
        f"{_summary(results, changes)}{body}</body></html>"
    )


def _summary(results: Sequence[SuiteResult], changes: Mapping[str, Change]) -> str:
    rows = "".join(
        f"<tr><td>{_mark(result.met)} {escape(result.name)}<td>{escape(result.model)}<td>{len(result.cases)}<td>{result.passed}"
        f"<td>{result.score:.1%}<td>{result.threshold:.1%}<td>{told(changes[result.name])}<td>{result.seconds:.1f}"
        for result in results
    )
    head = "".join(
        f"<th>{name}" for name in ("suite", "model", "cases", "passed", "score", "threshold", "last run", "seconds")
    )
    return f"<table><tr>{head}{rows}</table>"


def _suite(result: SuiteResult) -> str:
    ordered = sorted(result.cases, key=lambda case: case.passed)
    return f"<h2>{escape(result.name)}</h2>" + "".join(map(_case, ordered))


def _case(case: CaseResult) -> str:
    reasons = "".join(f"<li class=no>{escape(reason)}" for reason in case.reasons)
    return (
        f"<details{'' if case.passed else ' open'}><summary>{_mark(case.passed)} <b>{escape(case.id)}</b> "
        f"<span class=dim>{escape(case.kind)} · {escape(case.language)} · {case.seconds:.2f} s</span></summary>"
        f"<ul>{reasons}</ul>{''.join(map(_exchange, case.exchanges))}</details>"
    )


def _exchange(exchange: Exchange) -> str:
    question = f"<p><b>{escape(exchange.question)}</b></p>"
    answer = exchange.answer
    if answer is None:
        return f"{question}<p class=no>{escape(exchange.error)}</p>"
    tools = ", ".join(answer.tools) or "no tool"
    return (
        f"{question}<pre>{escape(answer.answer)}</pre>{''.join(map(_citation, answer.citations))}"
        f"<p class=dim>{escape(tools)} · {escape(answer.model)} · {answer.seconds:.2f} s · trace {escape(answer.trace_id)}</p>"
    )


def _citation(citation: Citation) -> str:
    where = f"[{citation.n}] {citation.customer} · {citation.date:%Y-%m-%d} · {citation.sender}"
    return f"<blockquote>{_mark(citation.verified)} {escape(citation.quote)}<br><span class=dim>{escape(where)}</span></blockquote>"


def _mark(is_good: bool) -> str:
    return "<span class=ok>✓</span>" if is_good else "<span class=no>✗</span>"
