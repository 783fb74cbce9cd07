"""customers.csv and contacts.csv, the two tables a workspace imports first (UTF-8, comma, header row)."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sandbox.scenario.people import CSM_ADDRESS
from sandbox.scenario.story import Customer, Story

_CUSTOMER_COLUMNS = (
    *("name", "aliases", "domains", "arr", "plan", "status"),
    *("renewal_date", "segment", "owner", "language"),
)
_CONTACT_COLUMNS = ("customer", "name", "email", "role")


def customers_csv(stories: Iterable[Story], today: date) -> str:
    """One row a customer; aliases and domains separated by semicolons, `arr` in EUR per year, ISO dates."""
    return _csv(_CUSTOMER_COLUMNS, [_customer_row(story.customer, today) for story in stories])


def contacts_csv(stories: Iterable[Story]) -> str:
    """One row a registered contact."""
    rows = [
        (story.customer.name, contact.name, contact.email, contact.role)
        for story in stories
        for contact in story.contacts
    ]
    return _csv(_CONTACT_COLUMNS, rows)


def _customer_row(customer: Customer, today: date) -> tuple[str, ...]:
    days = customer.renewal_in_days
    return (
        customer.name,
        ";".join(customer.aliases),
        ";".join(customer.domains),
        str(customer.arr),
        customer.plan,
        customer.status,
        "" if days is None else (today + timedelta(days=days)).isoformat(),
        customer.segment,
        CSM_ADDRESS,
        customer.language,
    )


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return buffer.getvalue()
