"""What the tests of drafts and sending do again and again: receive a mail, draft, approve, look into Sent."""

from __future__ import annotations

import base64
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import httpx
from sqlalchemy import select, update

from crm import schema
from crm.identity import Principal
from crm.mails import StoredMail
from outbox import drafts
from outbox.approvals import UNDO, approve
from outbox.drafts import Draft, create_reply
from tests.house import CSM, House, letter


def received(house: House, **mail: Any) -> StoredMail:
    """A mail that arrived and was synced; the newest on its customer's timeline."""
    customer = mail.pop("customer", "Globex")
    house.mail(letter(**{"subject": "Renewal", "text": "Can you send the new price?", **mail}))
    house.sync()
    return house.timeline(customer)[-1]


def drafted(house: House, mail: StoredMail, text: str = "Dear Maria,\n\nhere it is.\n\nVera") -> Draft:
    with house.app.database.write() as session:
        return create_reply(session, house.clock, house.me, mail_id=mail.id, text=text)


def approved(house: House, draft: Draft) -> Draft:
    """Approved, and the time to undo is over."""
    waiting = approved_just_now(house, draft)
    house.clock.advance(seconds=UNDO.total_seconds())
    return waiting


def approved_just_now(house: House, draft: Draft, *, send_at: datetime | None = None) -> Draft:
    with house.app.database.write() as session:
        return approve(
            session, house.clock, house.me, draft.id, sha256=draft.sha256, warned=draft.warned, face="web",
            send_at=send_at,
        )  # fmt: skip


def told(draft: Draft) -> tuple[str, ...]:
    """The sentences of its warnings."""
    return tuple(warning.sentence for warning in draft.warnings)


def sent(house: House, draft: Draft) -> Draft:
    return house.app.sender.send(house.me, draft.id, sha256=draft.sha256)


def stored(house: House, draft: Draft, principal: Principal | None = None) -> Draft:
    with house.app.database.read() as session:
        return drafts.get(session, principal or house.me, draft.id)


def tamper(house: House, draft: Draft, **values: Any) -> None:
    """Change the stored row behind the product's back."""
    with house.app.database.write() as session:
        session.execute(update(schema.Draft).where(schema.Draft.id == draft.id).values(**values))


def approvals(house: House) -> int:
    with house.app.database.read() as session:
        return len(session.scalars(select(schema.Approval)).all())


def in_sent(house: House, email: str = CSM) -> list[bytes]:
    """The bytes of every mail in Sent, as the local Gmail holds them."""
    return [base64.b64decode(message["raw"]) for message in messages(house, email) if "SENT" in message["labelIds"]]


def messages(house: House, email: str = CSM) -> list[dict[str, Any]]:
    state = httpx.get(f"{house.url}/sandbox/state").json()
    found: list[dict[str, Any]] = state["mailboxes"][email]["messages"]
    return found


def decoded(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)
