"""Health of customers stored in a database."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from crm import schema
from crm.clock import fixed_clock
from crm.customers import Customer, get_customer, save_contact, save_customer
from crm.database import Database
from crm.health.assess import assess, assess_all
from crm.health.policy import Policy
from crm.health.report import Health
from crm.health.wording import Language
from crm.identity import Principal, create_workspace
from tests.crm.health.builders import AT, UTC_DAYS, days_before, utc

UTC_POLICY = Policy(calendar=UTC_DAYS)


@dataclass(frozen=True, kw_only=True)
class World:
    session: Session
    principal: Principal
    mailbox: schema.Mailbox

    @property
    def workspace(self) -> int:
        return self.principal.workspace_id

    def customer(self, name: str = "Acme") -> Customer:
        domain = f"{name.lower()}.example"
        made = save_customer(
            self.session, self.workspace, name=name, aliases=[], domains=[domain], arr=None, plan="",
            status="active", renewal_date=None, segment="", owner="", language="",
        )  # fmt: skip
        save_contact(self.session, made, self.workspace, name="Maria", email=f"maria@{domain}", role="Champion")
        return get_customer(self.session, self.workspace, made.id)

    def mail(
        self,
        id: str,
        sent_at: datetime,
        *customers: Customer,
        ours: bool = False,
        sender: str = "maria@acme.example",
        thread: str = "t",
        tone: str = "",
        term: str = "",
        negated: bool = False,
        automatic: bool = False,
        bulk: bool = False,
    ) -> None:
        word = schema.MailKeyword(
            term=term, form=term, start=0, end=len(term), negated=negated, hypothetical=False, sentence=term
        )
        self.session.add(
            schema.Mail(
                id=id, workspace_id=self.workspace, sent_at=sent_at, has_body=True,
                direction="outbound" if ours else "inbound",
                sender_email="ana@leal.example" if ours else sender, tone=tone, tone_confidence=1.0,
                automatic=automatic, bulk=bulk, keywords=[word] if term else [],
                links=[
                    schema.Link(customer_id=held.id, rule="domain", detail=held.domains[0])
                    for held in customers
                ],
            )
        )  # fmt: skip
        self.session.flush()
        self.session.add(
            schema.Message(
                mailbox_id=self.mailbox.id, gmail_id=id, gmail_thread_id=thread, mail_id=id, status="stored"
            )
        )  # fmt: skip
        self.session.flush()
        self.session.expire_all()

    def assess(self, customer: Customer, at: datetime = AT, language: Language = "en") -> Health:
        return assess(self.session, self.workspace, customer, at, policy=UTC_POLICY, language=language)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    database = Database(f"sqlite:///{tmp_path / 'health.db'}")
    database.migrate()
    with database.write() as session:
        who = create_workspace(
            session, fixed_clock(AT), name="Leal", user_email="ana@leal.example", timezone="Europe/Madrid"
        )
        mailbox = schema.Mailbox(workspace_id=who.workspace_id, user_id=who.user_id, email=who.email, created_at=AT)
        session.add(mailbox)
        session.flush()
        yield World(session=session, principal=who, mailbox=mailbox)
    database.close()


def _exchange(world: World, customer: Customer) -> None:
    """Three questions with answers 2, 2 and 6 business hours later; tones positive, neutral, positive."""
    days = (("05-25", "11:00", "positive"), ("06-08", "11:00", "neutral"), ("06-10", "15:00", "positive"))
    for n, (day, answered, tone) in enumerate(days):
        world.mail(f"q{n}", utc(f"{day} 09:00"), customer, ours=True, thread=f"{n}")
        world.mail(f"a{n}", utc(f"{day} {answered}"), customer, thread=f"{n}", tone=tone)


def test_a_whole_assessment(world: World) -> None:
    acme = world.customer()
    _exchange(world, acme)
    health = world.assess(acme)
    # frequency: 3 and 3 mails → 60; answered 3 of 3 → 100; median of 2, 2, 6 h → 100; last mail 4.9 days
    # ago → 80: engagement 340 / 4 = 85. Tone ages in days: 21.04, 7.04, 4.875 → w = 0.615, 0.850, 0.893;
    # sentiment 50 + 50 · (0.615 + 0.893) / 2.358 = 81.98. Score 85 · 0.75 + 81.98 · 0.25 = 63.75 + 20.50.
    engaged, feels = health.dimensions
    assert (engaged.value, engaged.weight) == (85.0, 0.75)
    assert feels.value == pytest.approx(81.98, abs=0.01)
    assert (health.score, health.band, health.flags) == (84.2, "healthy", ())
    assert health.day == date(2026, 6, 15)
    theirs, ours, champion, others = health.responses
    assert (champion.side, champion.n, others.n) == ("champion", 3, 0)
    assert (theirs.side, theirs.n, theirs.median_hours, theirs.p90_hours) == ("customer", 3, 2.0, 6.0)
    assert theirs.waiting == ()
    assert (ours.n, ours.median_hours, [held.mail_id for held in ours.waiting]) == (
        0,
        None,
        ["a0", "a1", "a2"],
    )
    assert ours.waiting[0].explanation == "Acme has been waiting 21 d for our answer."


def test_the_past_is_assessed_as_it_was(world: World) -> None:
    acme = world.customer()
    _exchange(world, acme)
    then = world.assess(acme, AT - timedelta(days=7))
    world.mail("late", days_before(0.1), acme, tone="negative", term="cancel")
    assert world.assess(acme, AT - timedelta(days=7)) == then
    assert then.score is not None
    assert world.assess(acme).previous == then.score


def test_a_customer_without_mail_has_no_score_and_says_so(world: World) -> None:
    health = world.assess(world.customer())
    assert (health.score, health.previous, health.band, health.flags) == (None, None, "unknown", ())
    assert [held.weight for held in health.dimensions] == [0.0, 0.0]
    assert health.summary == "Acme: no score yet. No mail with Acme in the last 90 days."


def test_a_customer_silent_for_longer_than_the_window_is_flagged(world: World) -> None:
    acme = world.customer()
    world.mail("old", days_before(120), acme)
    health = world.assess(acme, language="es")
    assert health.score is None
    assert [(flag.kind, flag.explanation, flag.mail_ids) for flag in health.flags] == [
        ("silence", "Ningún correo de Acme desde hace 120 días.", ("old",))
    ]


def test_machine_mail_and_negated_words_do_not_count(world: World) -> None:
    acme = world.customer()
    _exchange(world, acme)
    before = world.assess(acme)
    world.mail("away", days_before(1), acme, thread="0", tone="negative", term="cancel", automatic=True)
    world.mail("news", days_before(1), acme, thread="x", tone="negative", term="problem", bulk=True)
    assert world.assess(acme) == before
    world.mail("calm", days_before(1), acme, thread="y", tone="positive", term="cancel", negated=True)
    words = world.assess(acme).dimensions[1].parts[1]
    assert (words.value, words.mail_ids) == (0.0, ())
    world.mail("bad", days_before(0), acme, thread="z", tone="positive", term="cancel")
    world.mail("now", days_before(1 / 24), acme, thread="z", tone="positive", term="cancel")
    words = world.assess(acme).dimensions[1].parts[1]
    # A mail of the very instant is not yet there; the one of an hour ago takes off 20 · 0.5^(1/720) = 19.98.
    assert words.value == pytest.approx(-19.98, abs=0.01)
    assert words.mail_ids == ("now",)


def test_anger_turns_a_healthy_customer_around(world: World) -> None:
    acme = world.customer()
    _exchange(world, acme)
    for n in range(5):
        world.mail(f"bad{n}", days_before(3 - n / 2), acme, thread=f"bad{n}", tone="negative", term="terminate")
    health = world.assess(acme)
    assert health.score is not None and health.previous is not None and health.score < health.previous
    assert "last_five_negative" in [flag.kind for flag in health.flags]
    assert health.summary.endswith("mostly: the tone of their mail.")


def test_silence_brings_a_drop(world: World) -> None:
    acme = world.customer()
    _exchange(world, acme)
    # Asked 30 days after the last mail: frequency 60 → 20 and last touch 40 → 20 within the week before it.
    health = world.assess(acme, utc("07-10 16:00"))
    assert health.previous is not None and health.score is not None
    assert "last_touch" in {part.name for part in health.dimensions[0].parts if part.value == 20}
    assert health.score < health.previous
    assert health.summary.endswith("mostly: mail frequency.")


def test_mail_shared_by_two_customers_counts_for_the_one_that_wrote_it(world: World) -> None:
    acme, globex = world.customer("Acme"), world.customer("Globex")
    for n in range(3):
        world.mail(f"g{n}", days_before(n + 1), acme, globex, sender="joe@eu.globex.example", tone="negative")
        world.mail(f"o{n}", days_before(n + 1.5), acme, globex, ours=True)
    assert world.assess(acme).dimensions[1].value is None
    assert world.assess(globex).dimensions[1].value == 0.0


def test_assess_all_stays_in_its_workspace(world: World) -> None:
    world.customer("Globex")
    world.customer("Acme")
    other = create_workspace(
        world.session, fixed_clock(AT), name="Other", user_email="bo@other.example", timezone="UTC"
    )
    found = assess_all(world.session, world.workspace, AT)
    assert [health.customer for health in found] == ["Acme", "Globex"]
    assert assess_all(world.session, other.workspace_id, AT) == ()


def test_the_day_is_the_workspaces(world: World) -> None:
    acme = world.customer()
    late = datetime(2026, 6, 15, 22, 30, tzinfo=UTC)
    assert assess(world.session, world.workspace, acme, late).day == date(2026, 6, 16)


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_json_is_plain_in_every_language(world: World, language: Language) -> None:
    acme = world.customer()
    _exchange(world, acme)
    data = world.assess(acme, language=language).as_json()
    assert json.loads(json.dumps(data)) == data
    assert (data["customer"], data["day"], data["score"], data["band"]) == (
        "Acme",
        "2026-06-15",
        84.2,
        "healthy",
    )
    parts = [part for held in data["dimensions"] for part in held["parts"]]
    assert all(part["explanation"] for part in parts)
    assert data["responses"][1]["waiting"][0]["since"] == "2026-05-25T11:00:00+00:00"
    total = sum(held["value"] * held["weight"] for held in data["dimensions"])
    assert data["score"] == pytest.approx(total, abs=0.06)
