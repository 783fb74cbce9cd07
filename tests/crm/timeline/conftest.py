"""A store with two customers, to put mail on their timelines by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from crm import schema
from crm.clock import fixed_clock
from crm.customers import list_customers, save_customer
from crm.database import Database
from crm.identity import create_workspace
from crm.timeline import texts

AT = datetime(2026, 6, 15, 12, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Stock:
    database: Database
    workspace: int
    mailbox: int
    acme: int
    globex: int

    def mail(
        self,
        session: Session,
        id: str,
        *,
        minutes: int = 0,
        customers: Sequence[int] = (),
        sender: str = "maria@acme.example",
        to: Sequence[str] = ("ana@leal.example",),
        subject: str = "",
        text: str = "",
        direction: str = "inbound",
        tone: str = "",
        words: Sequence[str] = (),
        negated: Sequence[str] = (),
        files: Sequence[str] = (),
        automatic: bool = False,
        bulk: bool = False,
        status: str = "stored",
        indexed: bool = True,
    ) -> None:
        marks = [(term, False) for term in words] + [(term, True) for term in negated]
        mail = schema.Mail(
            id=id, workspace_id=self.workspace, sent_at=AT - timedelta(minutes=minutes), has_body=True,
            direction=direction, tone=tone, automatic=automatic, bulk=bulk, sender_name="María", sender_email=sender,
            subject=subject, new_text=text, snippet=text[:20],
            participants=[schema.Participant(kind="from", email=sender)]
            + [schema.Participant(kind="to", email=email) for email in to],
            attachments=[schema.MailAttachment(name=name, size=1, type="application/pdf") for name in files],
            keywords=[
                schema.MailKeyword(
                    term=term, form=term, start=0, end=1, negated=no, hypothetical=False, sentence=""
                )
                for term, no in marks
            ],
            links=[schema.Link(customer_id=held, rule="domain", detail="") for held in customers or (self.acme,)],
        )  # fmt: skip
        session.add(mail)
        session.flush()
        session.add(schema.Message(mailbox_id=self.mailbox, gmail_id=id, gmail_thread_id=id, mail_id=id, status=status))
        if indexed:
            texts.put(session, mail)
            mail.indexed_at = AT
        session.flush()


@pytest.fixture
def stock(database: Database) -> Iterator[Stock]:
    yield stocked(database)


def stocked(database: Database) -> Stock:
    with database.write() as session:
        me = create_workspace(
            session, fixed_clock(AT), name="LealUp", user_email="ana@leal.example", timezone="Europe/Madrid"
        )
        box = schema.Mailbox(workspace_id=me.workspace_id, user_id=me.user_id, email=me.email, created_at=AT)
        session.add(box)
        session.flush()
        for name in ("Acme", "Globex"):
            save_customer(
                session, me.workspace_id, name=name, aliases=[], domains=[f"{name.lower()}.example"], arr=None, plan="",
                status="active", renewal_date=None, segment="", owner="", language="",
            )  # fmt: skip
        acme, globex = (held.id for held in list_customers(session, me.workspace_id))
        mailbox = box.id
    return Stock(database=database, workspace=me.workspace_id, mailbox=mailbox, acme=acme, globex=globex)
