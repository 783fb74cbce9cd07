"""Short ways to write down mails and customers in a test."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from crm.customers import Contact, Customer
from crm.health.calendar import Calendar
from crm.health.report import Side
from crm.health.touches import Touch

UTC_ZONE = ZoneInfo("UTC")
MADRID = ZoneInfo("Europe/Madrid")
UTC_DAYS = Calendar(zone=UTC_ZONE)
AT = datetime(2026, 6, 15, 12, tzinfo=UTC)  # a Monday
MARIA = Contact(id=1, customer_id=1, customer="Acme", name="Maria", email="maria@acme.example", role="Champion")
ACME = Customer(
    id=1, name="Acme", aliases=(), domains=("acme.example",), arr=None, plan="", status="active",
    renewal_date=None, segment="", owner="", language="en", contacts=(MARIA,),
)  # fmt: skip


def utc(text: str) -> datetime:
    """An instant of 2026: utc("06-12 10:30")."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def touch(
    id: str,
    sent_at: datetime,
    side: Side = "customer",
    *,
    thread: str = "t",
    sender: str = "maria@acme.example",
    tone: str = "",
    confidence: float = 1.0,
    terms: tuple[str, ...] = (),
) -> Touch:
    return Touch(
        id=id, sent_at=sent_at, side=side, sender=sender if side == "customer" else "csm@leal.example",
        threads=frozenset({thread}), tone=tone, confidence=confidence, terms=frozenset(terms),
    )  # fmt: skip


def days_before(days: float, at: datetime = AT) -> datetime:
    return at - timedelta(days=days)
