"""CSV files of customers and contacts: good rows go in, bad ones are reported by line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy.orm import Session

from crm.csv_cells import taken_back
from crm.customers import find_customer, save_contact, save_customer
from crm.errors import InputError, LealUpError
from crm.folding import fold
from crm.generic_domains import generic_warnings
from crm.record_rows import ContactRow, CustomerRow, reason


@dataclass(frozen=True, kw_only=True)
class LineProblem:
    """`line` counts from 1 and includes the header, as an editor shows it."""

    line: int
    reason: str


@dataclass(kw_only=True)
class ImportReport:
    imported: int = 0
    rejected: list[LineProblem] = field(default_factory=list)
    warnings: list[LineProblem] = field(default_factory=list)


def import_customers(session: Session, workspace_id: int, path: Path) -> ImportReport:
    """Columns: name, aliases(;), domains(;), arr, plan, status, renewal_date (ISO 8601), segment, owner, language."""

    def add(row: dict[str, str], line: int, report: ImportReport) -> None:
        parsed = CustomerRow.model_validate(row)
        with session.begin_nested():
            save_customer(session, workspace_id, **parsed.model_dump())
        report.warnings += [LineProblem(line=line, reason=text) for text in generic_warnings(parsed.domains)]

    return import_rows(path, "name", add)


def import_contacts(session: Session, workspace_id: int, path: Path) -> ImportReport:
    """Columns: customer (name, alias or domain), name, email, role."""

    def add(row: dict[str, str], line: int, report: ImportReport) -> None:
        parsed = ContactRow.model_validate(row)
        customer = find_customer(session, workspace_id, parsed.customer)
        with session.begin_nested():
            save_contact(session, customer, workspace_id, name=parsed.name, email=parsed.email, role=parsed.role)

    return import_rows(path, "customer", add)


def import_rows(path: Path, required: str, add: Callable[[dict[str, str], int, ImportReport], None]) -> ImportReport:
    """`add` every row (column names folded, its line, the report so far); a row that it refuses is reported by line.

    Raises `InputError` when the file can't be read or has no `required` column.
    """
    reader = csv.DictReader(io.StringIO(_read(path), newline=""), delimiter=_delimiter(_read(path)))
    reader.fieldnames = [fold(name or "") for name in reader.fieldnames or []]
    if required not in reader.fieldnames:
        raise InputError(sentence=f"{path.name} has no column “{required}”.", next_step="See docs/customers.md.")
    report = ImportReport()
    try:
        for row in reader:
            line = reader.line_num
            try:
                add({key: taken_back(value) for key, value in row.items() if key}, line, report)
                report.imported += 1
            except ValidationError as error:
                report.rejected.append(LineProblem(line=line, reason=reason(error)))
            except LealUpError as error:
                report.rejected.append(LineProblem(line=line, reason=error.sentence))
    except csv.Error:
        report.rejected.append(LineProblem(line=reader.line_num + 1, reason="not readable as CSV"))
    return report


def _read(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError:
        raise InputError(str(path), sentence=f"The file {path.name} can't be read.") from None
    for encoding in ("utf-8-sig", "cp1252"):  # Excel writes either
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(str(path), sentence=f"The file {path.name} is not a text file.")


def _delimiter(text: str) -> str:
    """Comma, semicolon (Excel in ES and PT, where the comma is the decimal point; lists then use |) or tab."""
    head = text.partition("\n")[0]
    return max(",;\t", key=head.count)
