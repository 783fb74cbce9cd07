"""Exported files: what a spreadsheet makes of them, and what memory they take."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from crm.csv_cells import neutral
from crm.timeline.export import COLUMNS, write
from crm.timeline.filter import Filter
from crm.timeline.item import Item
from crm.timeline.page import read_all
from tests.crm.timeline.conftest import AT, Stock

MADRID = ZoneInfo("Europe/Madrid")


@pytest.mark.parametrize(
    "value", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\N{NO-BREAK SPACE}=1"]
)
def test_a_formula_is_text(value: str) -> None:
    assert neutral(value) == f"'{value}"


@pytest.mark.parametrize("value", ["", "1-1", "a=b", "'quoted'", "ñ"])
def test_other_text_stays(value: str) -> None:
    assert neutral(value) == value


def test_a_mail_and_another_entry_have_the_same_columns(stock: Stock) -> None:
    with stock.database.write() as session:
        stock.mail(
            session, "one", subject='=HYPERLINK("x")', text="Año, \"nuevo\"\nline", words=["cancel"], files=["a.pdf", "b.pdf"]
        )  # fmt: skip
    with stock.database.read() as session:
        mail = list(read_all(session, stock.workspace, stock.acme, Filter()))
    note = Item(kind="note", at=AT, id="1", text="@all call", author="ana@leal.example", mail_ids=("one",))
    stream = io.StringIO(newline="")
    assert write([note, *mail], stream, "csv", MADRID) == 2
    first, second = csv.DictReader(io.StringIO(stream.getvalue(), newline=""))
    assert set(first) == set(second) == set(COLUMNS)
    assert (first["date"], first["text"], first["author"], first["mails"]) == (
        "2026-06-15 14:00", "'@all call", "ana@leal.example", "one",
    )  # fmt: skip
    assert second["subject"] == '\'=HYPERLINK("x")' and second["attachments"] == "a.pdf; b.pdf"
    stream = io.StringIO()
    write([note, *mail], stream, "json", MADRID)
    assert [held["kind"] for held in json.loads(stream.getvalue())] == ["note", "mail"]
    empty = io.StringIO()
    assert write([], empty, "json", MADRID) == 0 and json.loads(empty.getvalue()) == []


def test_memory_holds_a_page_whatever_the_length(stock: Stock) -> None:
    with stock.database.write() as session:
        for n in range(400):
            stock.mail(session, f"m{n:04}", minutes=n, text="word " * 50, indexed=False)

    class Nowhere(io.StringIO):
        def write(self, text: str, /) -> int:
            return len(text)

    def peak(newest: int) -> int:
        chosen = Filter(since=AT - timedelta(minutes=newest - 1))
        with stock.database.read() as session:
            tracemalloc.start()
            count = write(read_all(session, stock.workspace, stock.acme, chosen, size=20), Nowhere(), "csv", MADRID)
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert count == newest
        return most

    peak(40)  # compiles the statements
    assert peak(400) < 2 * peak(40)
