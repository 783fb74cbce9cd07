"""CSV files of customers and contacts: good rows go in, bad ones are reported by line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from sqlalchemy.orm import Session

from crm.customers import find_customer, save_contact, save_customer
from crm.domains import canonical_domain
from crm.errors import InputError, LealUpError
from crm.folding import fold
from crm.generic_domains import is_generic


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


def _words(value: object) -> list[str]:
    return [part.strip() for part in re.split(r"[;|]", str(value or "")) if part.strip()]


def _blank_is_none(value: object) -> object:
    return None if value is None or not str(value).strip() else value


def _text(value: object) -> str:
    return str(value or "").strip()


Words = Annotated[list[str], BeforeValidator(_words)]
Text = Annotated[str, BeforeValidator(_text)]
Domain = Annotated[str, Field(pattern=r"(?i)^@?([\w-]+\.)+[\w-]{2,}$")]
EMAIL = r"^[^@\s,;<>]+@([\w-]+\.)+[\w-]{2,}$"


class _CustomerRow(BaseModel):
    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    name: Text = Field(min_length=1)
    aliases: Words = []
    domains: Annotated[list[Domain], BeforeValidator(_words)] = []
    arr: Annotated[float | None, BeforeValidator(_blank_is_none)] = Field(default=None, ge=0, allow_inf_nan=False)
    plan: Text = ""
    status: Annotated[
        Literal["active", "trial", "paused", "churned"],
        BeforeValidator(lambda value: _text(value).lower() or "active"),
    ] = "active"
    renewal_date: Annotated[date | None, BeforeValidator(_blank_is_none)] = None
    segment: Text = ""
    owner: Text = ""
    language: Text = ""


class _ContactRow(BaseModel):
    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    customer: Text = Field(min_length=1)
    name: Text = Field(min_length=1)
    email: Annotated[str, BeforeValidator(_text)] = Field(pattern=EMAIL)
    role: Text = ""


def import_customers(session: Session, workspace_id: int, path: Path) -> ImportReport:
    """Columns: name, aliases(;), domains(;), arr, plan, status, renewal_date (ISO 8601), segment, owner, language."""

    def add(row: dict[str, str], line: int, report: ImportReport) -> None:
        parsed = _CustomerRow.model_validate(row)
        with session.begin_nested():
            save_customer(session, workspace_id, **parsed.model_dump())
        for domain in filter(is_generic, parsed.domains):
            report.warnings.append(
                LineProblem(
                    line=line,
                    reason=f"{canonical_domain(domain)} is a generic domain: mail matches by contact address only",
                )
            )

    return import_rows(path, "name", add)


def import_contacts(session: Session, workspace_id: int, path: Path) -> ImportReport:
    """Columns: customer (name, alias or domain), name, email, role."""

    def add(row: dict[str, str], line: int, report: ImportReport) -> None:
        parsed = _ContactRow.model_validate(row)
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
                add({key: value for key, value in row.items() if key}, line, report)
                report.imported += 1
            except ValidationError as error:
                first = error.errors()[0]
                report.rejected.append(LineProblem(line=line, reason=f"{first['loc'][0]}: {first['msg']}"))
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
