"""A workspace with an admin, a CSM and their mailboxes, on each database in turn; mails written straight into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from crm import schema
from crm.alerts.alert import Alert, list_alerts
from crm.alerts.raising import raise_alerts
from crm.alerts.rules import Rules
from crm.customers import Customer, get_customer, save_contact, save_customer
from crm.database import Database
from crm.health.assess import assess
from crm.health.policy import policy_of
from crm.health.report import Health
from crm.identity import Principal, create_workspace
from tests.house import MovableClock

AT = datetime(2026, 6, 15, 12, tzinfo=UTC)  # a Monday, 14:00 in Madrid


@dataclass(frozen=True, kw_only=True)
class World:
    database: Database
    clock: MovableClock
    ana: Principal  # admin
    luis: Principal
    acme: Customer

    @property
    def workspace(self) -> int:
        return self.ana.workspace_id

    def customer(self, name: str, *, owner: str = "", status: str = "active") -> Customer:
        domain = f"{name.lower()}.example"
        with self.database.write() as session:
            made = save_customer(
                session, self.workspace, name=name, aliases=[], domains=[domain], arr=None, plan="", status=status,
                renewal_date=None, segment="", owner=owner, language="",
            )  # fmt: skip
            save_contact(session, made, self.workspace, name="Maria", email=f"maria@{domain}", role="Champion")
            return get_customer(session, self.workspace, made.id)

    def mail(
        self,
        id: str,
        days_ago: float,
        *,
        to: Customer | None = None,
        ours: bool = False,
        thread: str = "t",
        text: str = "Hello.",
        tone: str = "",
        words: Sequence[tuple[str, bool, bool]] = (),
        of: Principal | None = None,
    ) -> None:
        """One mail, `days_ago` before now; `words` are (term, negated, conditional)."""
        customer, whose = to or self.acme, of or self.ana
        domain = customer.domains[0]
        marks = [
            schema.MailKeyword(
                term=term, form=term, start=0, end=1, negated=negated, hypothetical=conditional, sentence="SECRET WORDS"
            )
            for term, negated, conditional in words
        ]
        with self.database.write() as session:
            box = session.scalars(select(schema.Mailbox).where(schema.Mailbox.user_id == whose.user_id)).one()
            session.add(
                schema.Mail(
                    id=id, workspace_id=self.workspace, sent_at=self.clock() - timedelta(days=days_ago), has_body=True,
                    direction="outbound" if ours else "inbound", subject=f"Subject of {id}",
                    sender_email=whose.email if ours else f"maria@{domain}", tone=tone, tone_confidence=1.0,
                    text=text, new_text=text, keywords=marks,
                    links=[schema.Link(customer_id=customer.id, rule="domain", detail=domain)],
                )
            )  # fmt: skip
            session.flush()
            session.add(
                schema.Message(mailbox_id=box.id, gmail_id=id, gmail_thread_id=thread, mail_id=id, status="stored")
            )

    def forget(self, id: str) -> None:
        """The mail is binned in Gmail."""
        with self.database.write() as session:
            for copy in session.scalars(select(schema.Message).where(schema.Message.mail_id == id)):
                copy.status = "deleted"

    def rules(self, rules: Rules) -> None:
        with self.database.write() as session:
            session.merge(schema.AlertSettings(workspace_id=self.workspace, rules=rules.as_json()))

    def raised(self, *, score: float | None = None, previous: float | None = None) -> list[str]:
        """Raise now; the kinds of the new alerts. A `score` takes the place of the measured one."""
        with self.database.write() as session:
            customer = get_customer(session, self.workspace, self.acme.id)
            policy = policy_of(session, self.workspace)
            health = assess(session, self.workspace, customer, self.clock(), policy=policy)
            health = self._scored(health, score, previous)
            ids = raise_alerts(session, self.workspace, customer, health, self.clock(), policy.calendar)
            return [session.get_one(schema.Alert, held).kind for held in ids]

    def alerts(self, *, everything: bool = True) -> tuple[Alert, ...]:
        """Oldest first."""
        with self.database.read() as session:
            found = list_alerts(session, self.workspace, self.clock(), everything=everything)
        return found[::-1]

    def states(self) -> list[tuple[str, str]]:
        return [(held.kind, held.state(self.clock())) for held in self.alerts()]

    def _scored(self, health: Health, score: float | None, previous: float | None) -> Health:
        return replace(health, score=score, previous=previous)


@pytest.fixture
def world(database: Database) -> World:
    clock = MovableClock(AT)
    with database.write() as session:
        people = [
            create_workspace(session, clock, name="Leal", user_email=f"{name}@leal.example", timezone="Europe/Madrid")
            for name in ("ana", "luis")
        ]
        for who in people:
            session.add(
                schema.Mailbox(
                    workspace_id=who.workspace_id, user_id=who.user_id, email=who.email, created_at=AT,
                    sealed_token="sealed", backfill_done_at=AT,
                )
            )  # fmt: skip
    ana, luis = people
    unowned = World(database=database, clock=clock, ana=ana, luis=luis, acme=None)  # type: ignore[arg-type]
    return replace(unowned, acme=unowned.customer("Acme"))
