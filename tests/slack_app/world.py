"""A workspace with two CSMs and two customers; a Gmail that only sends; a scripted assistant."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from threading import Event
from typing import Any

from google.oauth2.credentials import Credentials
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from agent.answer import Answer, Citation
from crm import answers, schema
from crm.customers import save_contact, save_customer
from crm.database import Database
from crm.errors import GoogleUnavailable
from crm.identity import Principal, create_workspace
from gmail.oauth import READONLY, SEND
from gmail.quota import TokenBucket
from gmail.service import build_service
from outbox import drafts
from outbox.sender import Sender
from slack_app.deps import Deps
from tests.house import MovableClock

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
REPLY = "Hola María:\n\n¡Muchas gracias por tus comentarios! ¿Nos referirías a <alguien> & compañía?\n\nAna\n"
BASE_URL = "https://lealup.example"


@dataclass(kw_only=True)
class Gmail:
    """The sending half of Gmail, over HTTP; `status` is what it answers."""

    sent: list[bytes] = field(default_factory=list)
    status: int = 200

    def app(self) -> Starlette:
        async def send(request: Request) -> Response:
            if self.status != 200:
                return JSONResponse({"error": {"code": self.status, "message": "refused"}}, self.status)
            self.sent.append(base64.urlsafe_b64decode((await request.json())["raw"]))
            return JSONResponse({"id": f"gm{len(self.sent)}", "threadId": "t1"})

        return Starlette(routes=[Route("/gmail/v1/users/me/messages/send", send, methods=["POST"])])


@dataclass(kw_only=True)
class ScriptedAssistant:
    """Drafts a reply when asked to write, answers with a citation otherwise; `failure` is raised instead."""

    database: Database
    clock: Callable[[], datetime]
    failure: Exception | None = None
    not_found: bool = False
    text: str = "María pidió un descuento del 10 % <!channel> [1]."
    asked: list[tuple[str, str]] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)

    def ask(self, principal: Principal, question: str) -> Answer:
        self.asked.append((principal.email, question))
        if self.failure is not None:
            raise self.failure
        draft_id = None
        if question.startswith("Write"):
            with self.database.write() as session:
                draft_id = drafts.create_reply(session, self.clock, principal, mail_id="mail-1", text=REPLY).id
        answer = Answer(
            answer=self.text, language="es", model="offline", mode="extractive", not_found=self.not_found,
            scope={"customers": ["Acme Robotics"], "people": [], "since": "2026-08-22T00:00:00+00:00",
                   "until": "2026-11-20T00:00:00+00:00", "searched": 1},
            citations=(citation(),), tools=("search",), draft_id=draft_id, removed=0, thread="thread-1",
            trace_id="0123456789abcdef", seconds=0.1, id=f"answer-{len(self.asked)}",
        )  # fmt: skip
        kept = answers.Kept(id=answer.id, thread=answer.thread, question=question, said=answer.as_json(), asked_at=NOW)
        with self.database.write() as session:
            answers.keep(session, principal, kept, ["mail-1"])
        return answer

    def reword(self, principal: Principal, draft_id: str, *, sha256: str, how: str) -> drafts.Draft:
        if self.failure is not None:
            raise self.failure
        with self.database.write() as session:
            return drafts.edit(
                session, self.clock, principal, draft_id, sha256=sha256, text=f"Worded anew: {how}", how=how,
                by_assistant=True,
            )  # fmt: skip

    def settle(self, principal: Principal, thread: str) -> str | None:
        self.settled.append(thread)
        return None


def citation(n: int = 1, quote: str = "un descuento del 10 %") -> Citation:
    return Citation(
        n=n, message_id="mail-1", gmail_id="18f", customer="Acme Robotics", date=NOW, sender="María López",
        quote=quote, verified=True, url="https://mail.google.com/mail/u/?authuser=ana@lealup.example#all/18f",
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class World:
    database: Database
    gmail: Gmail
    assistant: ScriptedAssistant
    ana: Principal
    luis: Principal
    deps: Deps
    clock: MovableClock
    moving: Event  # cleared: whoever waits for a moment goes on waiting

    @property
    def sender(self) -> Sender:
        """What a worker has."""
        assert isinstance(self.deps.sender, Sender)
        return self.deps.sender

    def set_reply_to(self, email: str) -> None:
        """The mail that is answered asks for replies elsewhere."""
        with self.database.write() as session:
            session.add(schema.Participant(mail_id="mail-1", kind="reply_to", name="", email=email))

    def block(self) -> None:
        """55,500 turns out to be what another customer pays, and its record was read for the draft."""
        with self.database.write() as session:
            draft = session.query(schema.Draft).one()
            foods = session.query(schema.Customer).filter_by(name="Acme Foods").one()
            foods.arr = 55_500.0
            draft.sources = [f"customer:{foods.id}"]

    def draft(self) -> schema.Draft:
        """The only draft, as stored."""
        with self.database.read() as session:
            return session.query(schema.Draft).one()

    def link(self, slack_user: str, principal: Principal) -> None:
        with self.database.write() as session:
            session.add(schema.SlackLink(team_id="T0001", slack_user_id=slack_user, user_id=principal.user_id))

    def set_mailbox(self, **values: Any) -> None:
        with self.database.write() as session:
            row = session.query(schema.Mailbox).filter_by(email=self.ana.email).one()
            for name, value in values.items():
                setattr(row, name, value)


def build_world(database: Database, gmail: Gmail, gmail_url: str) -> World:
    """Waiting moves the world's clock instead; while its `moving` is cleared, it waits for that."""
    clock, moving = MovableClock(NOW), Event()
    moving.set()

    def wait(seconds: float) -> None:
        moving.wait(timeout=10)
        clock.advance(seconds=seconds)

    with database.write() as session:
        ana = create_workspace(session, clock, name="W", user_email="ana@lealup.example", timezone="Europe/Madrid")
        luis = create_workspace(session, clock, name="W", user_email="luis@lealup.example", timezone="Europe/Madrid")
        for name, domain in (("Acme Robotics", "acme.example"), ("Acme Foods", "acmefoods.example")):
            customer = save_customer(
                session, ana.workspace_id, name=name, aliases=[], domains=[domain], arr=84000.0,
                plan="Enterprise", status="active", renewal_date=date(2026, 12, 22), segment="",
                owner="Ana", language="es",
            )  # fmt: skip
            save_contact(session, customer, ana.workspace_id, name="María", email=f"m@{domain}", role="Champion")
            if name == "Acme Robotics":
                _mail(session, ana, customer.id)
    credentials: Any = Credentials(token="t")  # type: ignore[no-untyped-call]
    assistant = ScriptedAssistant(database=database, clock=clock)
    sender = Sender(
        database, clock,
        service=lambda mailbox: build_service(credentials, gmail_url), gateway=_no_gateway,
        bucket=lambda _: TokenBucket(1_000_000),
    )  # fmt: skip
    deps = Deps(assistant=assistant, sender=sender, database=database, clock=clock, base_url=BASE_URL, wait=wait)
    return World(
        database=database, gmail=gmail, assistant=assistant, ana=ana, luis=luis, deps=deps, clock=clock, moving=moving
    )


def _no_gateway(mailbox: schema.Mailbox) -> Any:
    raise GoogleUnavailable("no reading here")


def _mail(session: Any, ana: Principal, customer_id: int) -> None:
    mailbox = schema.Mailbox(
        workspace_id=ana.workspace_id, user_id=ana.user_id, email=ana.email, aliases=[],
        scopes=[READONLY, SEND], sealed_token="sealed", created_at=NOW,
    )  # fmt: skip
    session.add(mailbox)
    session.add(
        schema.Mail(
            id="mail-1", workspace_id=ana.workspace_id, rfc_message_id="<m1@acme.example>", references=[],
            sent_at=NOW - timedelta(days=2), direction="inbound", sender_name="María López",
            sender_email="m@acme.example", subject="Renovación", has_body=True, text="un descuento del 10 %",
            new_text="un descuento del 10 %", tone_sentences=[],
            participants=[
                schema.Participant(kind="from", name="María López", email="m@acme.example"),
                schema.Participant(kind="to", name="Ana", email=ana.email),
            ],
            links=[schema.Link(customer_id=customer_id, rule="domain", detail="acme.example")],
        )
    )  # fmt: skip
    session.flush()
    session.add(
        schema.Message(
            mailbox_id=mailbox.id, gmail_id="18f", gmail_thread_id="t1", mail_id="mail-1", label_ids=[],
            status="stored",
        )
    )  # fmt: skip
