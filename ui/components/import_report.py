"""What became of a CSV file: how many rows went in, and which did not, by line."""

from __future__ import annotations

import streamlit as st

from crm.csv_import import ImportReport, LineProblem
from ui import inert


def show(what: str, report: ImportReport) -> None:
    """`what` is the plural of a row: customers, contacts, figures."""
    st.success(f"{report.imported} {what} imported.", icon=":material/check:")
    problems = [*_lines("Not imported", report.rejected), *_lines("Imported, but", report.warnings)]
    if problems:
        st.html(f'<ul class="lu-reasons">{"".join(f"<li>{inert.html(text)}</li>" for text in problems)}</ul>')


def _lines(kind: str, problems: list[LineProblem]) -> list[str]:
    return [f"{kind} · line {problem.line}: {problem.reason}" for problem in problems]
