"""What a customer and a contact must be, whoever writes them: a CSV file, a form, a command."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from crm.customers import Contact, Customer
from crm.errors import InputError
from crm.folding import fold

STATUSES = ("active", "trial", "paused", "churned")
ROLES = ("Champion", "Stakeholder", "Billing", "Technical")


def _words(value: object) -> list[str]:
    parts = value if isinstance(value, list | tuple) else [value]
    return [word.strip() for part in parts for word in re.split(r"[;|]", str(part or "")) if word.strip()]


def _blank_is_none(value: object) -> object:
    return None if value is None or not str(value).strip() else value


def _text(value: object) -> str:
    return str(value or "").strip()


def _findable(name: str) -> str:
    if not fold(name):
        raise ValueError("a name needs a letter, a digit or a sign")
    return name


Row = TypeVar("Row", bound=BaseModel)
Words = Annotated[list[str], BeforeValidator(_words)]
Text = Annotated[str, BeforeValidator(_text)]
Domain = Annotated[str, Field(pattern=r"(?i)^@?([\w-]+\.)+[\w-]{2,}$")]
EMAIL = r"^[^@\s,;<>]+@([\w-]+\.)+[\w-]{2,}$"


class CustomerRow(BaseModel):
    """Every column of a customer, as `save_customer` takes it."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    name: Annotated[Text, AfterValidator(_findable)] = Field(min_length=1)
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


class PersonRow(BaseModel):
    """A contact of a customer that is already known."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    name: Text = Field(min_length=1)
    email: Annotated[str, BeforeValidator(_text)] = Field(pattern=EMAIL)
    role: Text = ""


class ContactRow(PersonRow):
    """A contact with the name, an alias or a domain of its customer."""

    customer: Text = Field(min_length=1)


CUSTOMER_COLUMNS = tuple(CustomerRow.model_fields)
CONTACT_COLUMNS = ("customer", "name", "email", "role")
PERSON_COLUMNS = tuple(PersonRow.model_fields)


def customer_values(customer: Customer) -> dict[str, Any]:
    """The columns of a stored customer; lists stay lists."""
    return {name: getattr(customer, name) for name in CUSTOMER_COLUMNS}


def contact_values(contact: Contact) -> dict[str, Any]:
    return {name: getattr(contact, name) for name in PERSON_COLUMNS}


def checked(row: type[Row], values: Mapping[str, Any]) -> Row:
    """The values as a row. Raises `InputError` with the first thing that is wrong."""
    try:
        return row.model_validate(values)
    except ValidationError as error:
        raise InputError("row", sentence=f"{reason(error)}.") from None


def reason(error: ValidationError) -> str:
    """What is wrong first, as "column: why"."""
    first = error.errors()[0]
    return f"{first['loc'][0]}: {first['msg']}"
