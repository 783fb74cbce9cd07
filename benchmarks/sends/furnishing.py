"""A workspace whose CSM may send, and mails of a customer for them to answer."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

import httpx
from sqlalchemy import select

from benchmarks.mailbox import CSM
from crm import schema
from crm.customers import save_customer
from crm.identity import create_workspace
from wiring.app import App
from wiring.furnishing import connect

COLLEAGUE = "luis@lealup.example"
_MAILS = 20
_SENDER = "ana@globex.example"


def furnish(app: App) -> tuple[str, ...]:
    """The ids of mails that wait for a reply, as a sync would have stored them."""
    with app.database.write() as session:
        for email in (CSM, COLLEAGUE):
            principal = create_workspace(session, app.clock, name="Races", user_email=email, timezone="UTC")
        customer = save_customer(
            session, principal.workspace_id, name="Globex", aliases=[], domains=["globex.example"], arr=None, plan="",
            status="active", renewal_date=None, segment="", owner=CSM, language="en",
        )  # fmt: skip
        customer_id = customer.id
    connect(app, app.principal(CSM))
    with app.database.write() as session:
        mailbox = session.scalars(select(schema.Mailbox)).one()
        made = [_mail(app, mailbox, customer_id, number) for number in range(_MAILS)]
        session.add_all(made)
    return tuple(mail.id for mail in made)


def _mail(app: App, mailbox: schema.Mailbox, customer_id: int, number: int) -> schema.Mail:
    subject, sent_at = f"Renewal {number}", app.clock() - timedelta(days=1, minutes=number)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"Ana Bell <{_SENDER}>", CSM, subject
    message["Date"], message["Message-ID"] = format_datetime(sent_at), f"<asked{number}@globex.example>"
    message.set_content("Can we renew as last year?\n")
    held = _delivered(app, message.as_bytes())
    return schema.Mail(
        id=f"{number + 1:016x}",
        workspace_id=mailbox.workspace_id,
        rfc_message_id=str(message["Message-ID"]),
        sent_at=sent_at,
        direction="inbound",
        sender_name="Ana Bell",
        sender_email=_SENDER,
        subject=subject,
        has_body=True,
        text="Can we renew as last year?",
        new_text="Can we renew as last year?",
        participants=[
            schema.Participant(kind="from", name="Ana Bell", email=_SENDER),
            schema.Participant(kind="to", email=CSM),
        ],
        links=[schema.Link(customer_id=customer_id, rule="domain", detail="globex.example")],
        copies=[
            schema.Message(
                mailbox_id=mailbox.id, gmail_id=held["id"], gmail_thread_id=held["threadId"], status="stored"
            )
        ],
    )


def _delivered(app: App, raw: bytes) -> dict[str, Any]:
    answer = httpx.post(
        f"{app.settings.google_url}/sandbox/deliver", params={"mailbox": CSM}, content=raw, timeout=10
    ).raise_for_status()
    held: dict[str, Any] = answer.json()["delivered"][0]
    return held
