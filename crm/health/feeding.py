"""Dimensions measured elsewhere (usage, support, …): fed by CSV or over the API, and counted like those from mail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import schema
from crm.csv_import import ImportReport, import_rows
from crm.customers import Customer, list_customers, pick_customer
from crm.errors import InputError
from crm.health.policy import MEASURED, dimension_name
from crm.health.report import Dimension, Part
from crm.health.wording import Language, number, say
from crm.health.wording import dimension_name as spoken

_OLDEST = timedelta(days=3653)
KEPT = timedelta(days=90)  # a figure older than that says nothing about today


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A dimension's value (0–100) on a day, and where it came from."""

    dimension: str
    day: date
    value: float
    source: str


class Row(BaseModel):
    """What a CSV row or an element of the API's list must be."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    customer: str = Field(min_length=1, max_length=200)
    dimension: Annotated[str, BeforeValidator(lambda value: str(value or "").strip().lower())]
    value: float = Field(ge=0, le=100, allow_inf_nan=False)
    day: Annotated[date | None, BeforeValidator(lambda value: value or None)] = None


def import_figures(session: Session, workspace_id: int, path: Path, *, now: datetime, today: date) -> ImportReport:
    """Columns: customer (name, alias or domain), dimension, value (0–100), day (ISO 8601, today when empty)."""

    customers = list_customers(session, workspace_id)

    def add(row: dict[str, str], line: int, report: ImportReport) -> None:
        feed(session, customers, Row.model_validate(row), source="csv", now=now, today=today)

    return import_rows(path, "dimension", add)


def feed(
    session: Session,
    customers: Sequence[Customer],
    row: Row,
    *,
    source: Literal["csv", "api"],
    now: datetime,
    today: date,
) -> None:
    """Keep one figure of one of these customers, replacing that of its day. Raises `UnknownCustomer`, `AmbiguousCustomer`, `InputError`."""
    if dimension_name(row.dimension) in MEASURED:
        raise InputError(
            row.dimension, sentence=f"{row.dimension.capitalize()} is measured from mail and can't be fed."
        )
    day = row.day or today
    if day > today:
        raise InputError(str(day), sentence=f"{day.isoformat()} lies in the future.")
    if day < today - _OLDEST:
        raise InputError(str(day), sentence=f"{day.isoformat()} is too long ago.", next_step="Feed the last ten years.")
    customer = pick_customer(customers, row.customer)
    key = (customer.id, row.dimension, day)
    held = session.get(schema.DimensionValue, key)
    if held is None:
        held = schema.DimensionValue(customer_id=customer.id, dimension=row.dimension, day=day)
        session.add(held)
    held.value, held.source, held.fed_at = row.value, source, now
    session.flush()


def figures_of(session: Session, customer_id: int) -> tuple[Figure, ...]:
    """Everything fed for a customer, oldest first."""
    held = schema.DimensionValue
    rows = session.scalars(select(held).where(held.customer_id == customer_id).order_by(held.day, held.dimension))
    return tuple(Figure(dimension=row.dimension, day=row.day, value=row.value, source=row.source) for row in rows)


def fed_names(session: Session, workspace_id: int) -> tuple[str, ...]:
    """The dimensions that were ever fed for a customer of the workspace, by name."""
    held, customer = schema.DimensionValue, schema.Customer
    query = select(held.dimension).join(customer, customer.id == held.customer_id).distinct()
    return tuple(session.scalars(query.where(customer.workspace_id == workspace_id).order_by(held.dimension)))


def fed_dimensions(figures: Iterable[Figure], day: date, language: Language) -> tuple[Dimension, ...]:
    """The newest figure of every dimension by `day`, by name; one without a figure in 90 days is left out."""
    newest = {held.dimension: held for held in figures if day - KEPT <= held.day <= day}
    return tuple(_dimension(newest[name], language) for name in sorted(newest))


def _dimension(figure: Figure, language: Language) -> Dimension:
    text = say(
        language, "fed", what=spoken(figure.dimension, language), value=number(figure.value, language),
        day=figure.day.isoformat(), source=figure.source.upper(),
    )  # fmt: skip
    part = Part(name=figure.dimension, value=figure.value, weight=1.0, explanation=text, mail_ids=())
    return Dimension(name=figure.dimension, value=figure.value, weight=0.0, parts=(part,))
