"""The health of stored customers at any instant: what was on their timeline by then, and nothing later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from crm import schema
from crm.association import Directory, associate
from crm.customers import Customer, get_customer, list_customers
from crm.health import wording
from crm.health.engagement import engagement
from crm.health.report import Dimension, Health, Responses, Side, Waiting
from crm.health.score import band, drop, last_five_negative, mover, score, silence, weigh
from crm.health.sentiment import sentiment
from crm.health.touches import Touch, in_order
from crm.health.turns import Turn, timing, turns
from crm.health.wording import Language, say
from crm.mails import MailFilter, StoredMail, list_mails

WINDOW = timedelta(days=90)
WEEK = timedelta(days=7)


def assess(
    session: Session,
    workspace_id: int,
    customer: Customer,
    at: datetime,
    zone: ZoneInfo,
    *,
    language: Language = "en",
) -> Health:
    """The customer's health at `at` (aware), from the human mail of 90 days; `zone` is the workspace's.

    Of mail on several timelines, an inbound one counts for the customer whose people wrote it. The same mails
    and the same instant always give the same answer, so any past day can be assessed again.
    """
    start = at - WINDOW - WEEK  # a week more, for the score of seven days ago
    mine = MailFilter(customer_ids=[customer.id], since=start, until=at, human_only=True)
    mails = list_mails(session, workspace_id, mine)
    before = MailFilter(customer_ids=[customer.id], until=start, direction="inbound", human_only=True)
    last = list_mails(session, workspace_id, before, newest_first=True, limit=1)
    earlier = next(iter(_touches(last, customer)), None)
    return health_of(_touches(mails, customer), customer, at, zone, earlier=earlier, language=language)


def assess_all(
    session: Session, workspace_id: int, at: datetime, zone: ZoneInfo, *, language: Language = "en"
) -> tuple[Health, ...]:
    """The health of every customer of the workspace, by name."""
    return tuple(
        assess(session, workspace_id, customer, at, zone, language=language)
        for customer in list_customers(session, workspace_id)
    )


def snapshot(session: Session, workspace_id: int, health: Health) -> None:
    """Keep the day's values, replacing those kept before.

    Raises `UnknownCustomer` for a customer of another workspace.
    """
    customer = get_customer(session, workspace_id, health.customer_id)
    values = {held.name: held.value for held in health.dimensions}
    row = schema.HealthSnapshot(
        customer_id=customer.id,
        day=health.day,
        score=health.score,
        engagement=values["engagement"],
        sentiment=values["sentiment"],
    )
    session.merge(row)
    session.flush()


def health_of(
    touches: Iterable[Touch],
    customer: Customer,
    at: datetime,
    zone: ZoneInfo,
    *,
    earlier: Touch | None = None,
    language: Language = "en",
) -> Health:
    """`assess` over mails already read, in any order; `earlier` is the customer's last mail before them."""
    known = in_order(touch for touch in touches if touch.sent_at < at)
    window = _window(known, at)
    dimensions = _dimensions(window, customer, at, zone, language)
    past = _dimensions(_window(known, at - WEEK), customer, at - WEEK, zone, language)
    now, previous = score(dimensions), score(past)
    cause = mover(dimensions, past, previous or 0.0, down=(now or 0.0) < (previous or 0.0))
    flags = (
        drop(now, previous, cause, language=language),
        last_five_negative(window, customer=customer.name, language=language),
        silence(known, earlier, at, customer=customer.name, language=language),
    )
    sides: tuple[Side, ...] = ("customer", "us")
    return Health(
        customer=customer.name,
        customer_id=customer.id,
        day=at.astimezone(zone).date(),
        score=now,
        band=band(now),
        previous=previous,
        summary=_summary(customer, now, previous, dimensions, cause.name, language),
        dimensions=dimensions,
        flags=tuple(flag for flag in flags if flag),
        responses=tuple(_responses(turns(window), side, customer, at, zone, language) for side in sides),
    )


def _window(touches: Sequence[Touch], at: datetime) -> tuple[Touch, ...]:
    return tuple(touch for touch in touches if at - WINDOW <= touch.sent_at < at)


def _dimensions(
    touches: Sequence[Touch], customer: Customer, at: datetime, zone: ZoneInfo, language: Language
) -> tuple[Dimension, ...]:
    name, champion = customer.name, customer.champion
    return weigh(
        (
            engagement(touches, at, zone, customer=name, champion=champion, language=language),
            sentiment(touches, at, customer=name, language=language),
        )
    )


def _responses(
    found: Sequence[Turn], side: Side, customer: Customer, at: datetime, zone: ZoneInfo, language: Language
) -> Responses:
    measured = timing((turn for turn in found if turn.answering == side), at, zone)
    key = "reply" if side == "customer" else "our_reply"
    if measured.median is None:
        text = say(language, f"{key}_none", customer=customer.name)
    else:
        spent = wording.hours(measured.median, language)
        text = say(language, key, customer=customer.name, hours=spent, n=measured.n)
    waiting = tuple(
        Waiting(
            mail_id=turn.first.id,
            since=turn.first.sent_at,
            explanation=say(
                language,
                f"waiting_{side}",
                customer=customer.name,
                time=wording.span(at - turn.first.sent_at),
            ),
        )
        for turn in found
        if turn.answering == side and turn.answer is None
    )
    return Responses(
        side=side,
        n=measured.n,
        median_hours=measured.median,
        p90_hours=measured.p90,
        explanation=text,
        waiting=waiting,
    )


def _summary(
    customer: Customer,
    now: float | None,
    previous: float | None,
    dimensions: Sequence[Dimension],
    cause: str,
    language: Language,
) -> str:
    if now is None:
        return say(language, "no_score", customer=customer.name, reason=dimensions[0].parts[0].explanation)
    named = wording.band_name(band(now), language)
    stands = say(language, "score", customer=customer.name, score=wording.number(now, language), band=named)
    if previous is None:
        return stands
    if now == previous:
        return f"{stands} {say(language, 'same')}"
    points = wording.number(abs(now - previous), language)
    moved = say(language, "up" if now > previous else "down", points=points, part=wording.part_name(cause, language))
    return f"{stands} {moved}"


def _touches(mails: Iterable[StoredMail], customer: Customer) -> tuple[Touch, ...]:
    people = Directory(
        domains=dict.fromkeys(customer.domains, customer.id),
        contacts={contact.email: (customer.id,) for contact in customer.contacts},
    )
    return tuple(
        _touch(mail)
        for mail in mails
        if mail.direction == "outbound" or not mail.shared or associate([mail.sender.email], people)
    )


def _touch(mail: StoredMail) -> Touch:
    # Gmail numbers threads per mailbox; the message ids connect what two mailboxes hold of one conversation.
    ids = {mail.rfc_message_id, *mail.references} - {""}
    return Touch(
        id=mail.id,
        sent_at=mail.sent_at,
        side="customer" if mail.direction == "inbound" else "us",
        sender=mail.sender.email,
        threads=frozenset({f"{mail.mailbox}/{mail.gmail_thread_id}", *ids}),
        tone=mail.tone,
        confidence=mail.tone_confidence,
        terms=frozenset(mark.term for mark in mail.keywords if not mark.negated),
    )
