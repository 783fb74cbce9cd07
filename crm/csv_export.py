"""Customers and contacts as CSV that comes back the same through `crm.csv_import`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from crm.csv_cells import neutral
from crm.customers import Customer
from crm.record_rows import CONTACT_COLUMNS, CUSTOMER_COLUMNS

BOM = "\ufeff"  # without it Excel takes UTF-8 for Windows-1252


def customers_csv(customers: Iterable[Customer]) -> bytes:
    """The columns that `import_customers` reads; lists are joined by a semicolon."""
    return _file(CUSTOMER_COLUMNS, ([_cell(getattr(held, name)) for name in CUSTOMER_COLUMNS] for held in customers))


def contacts_csv(customers: Iterable[Customer]) -> bytes:
    """The columns that `import_contacts` reads, for all contacts of these customers."""
    return _file(
        CONTACT_COLUMNS,
        ([_cell(getattr(person, name)) for name in CONTACT_COLUMNS] for held in customers for person in held.contacts),
    )


def _file(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    held = io.StringIO(newline="")
    writer = csv.writer(held)
    writer.writerow(columns)
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return (BOM + held.getvalue()).encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return ";".join(value) if isinstance(value, tuple) else str(value)
