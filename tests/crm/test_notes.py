"""Notes on customers: who may change them, and what happens when what they hang on goes away."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import delete, insert, select

from crm import schema
from crm.customers import remove_customer, save_customer
from crm.database import Database
from crm.errors import InputError, NotAllowed, NotFound, UnknownCustomer
from crm.identity import Principal, create_workspace
from crm.notes import LONGEST, Note, add_note, edit_note, notes_of, remove_note
from tests.house import MovableClock


@pytest.fixture
def me(database: Database, clock: MovableClock) -> Principal:
    with database.write() as session:
        return create_workspace(session, clock, name="LealUp", user_email="vera@lealup.example", timezone="UTC")


@pytest.fixture
def colleague(database: Database, clock: MovableClock, me: Principal) -> Principal:
    with database.write() as session:
        return create_workspace(session, clock, name="LealUp", user_email="rui@lealup.example", timezone="UTC")


@pytest.fixture
def globex(database: Database, me: Principal) -> int:
    return _customer(database, me, "Globex")


def _customer(database: Database, me: Principal, name: str) -> int:
    with database.write() as session:
        return save_customer(
            session, me.workspace_id, name=name, aliases=[], domains=[], arr=None, plan="", status="active",
            renewal_date=None, segment="", owner="", language="",
        ).id  # fmt: skip


def _mail(database: Database, me: Principal, clock: MovableClock, customer_id: int) -> str:
    with database.write() as session:
        box = schema.Mailbox(workspace_id=me.workspace_id, user_id=me.user_id, email=me.email, created_at=clock())
        session.add(box)
        session.flush()
        session.execute(
            insert(schema.Mail).values(
                id="m1", workspace_id=me.workspace_id, sent_at=clock(), has_body=True, direction="inbound"
            )
        )
        session.execute(
            insert(schema.Message).values(
                mailbox_id=box.id, gmail_id="g1", gmail_thread_id="t1", mail_id="m1", status="stored"
            )
        )
        session.execute(insert(schema.Link).values(mail_id="m1", customer_id=customer_id, rule="domain", detail=""))
    return "m1"


def _add(
    database: Database, clock: MovableClock, me: Principal, customer_id: int, text: str, mail_id: str = ""
) -> Note:
    with database.write() as session:
        return add_note(session, clock, me, customer_id, text, mail_id=mail_id)


def _texts(database: Database, me: Principal, customer_id: int, **period: object) -> list[str]:
    with database.read() as session:
        return [note.text for note in notes_of(session, me.workspace_id, customer_id, **period)]  # type: ignore[arg-type]


def test_newest_first_within_a_period(database: Database, clock: MovableClock, me: Principal, globex: int) -> None:
    first = _add(database, clock, me, globex, "  One\n two ")
    clock.advance(days=1)
    second = _add(database, clock, me, globex, "Three")

    assert (first.text, first.author, first.edited_at, first.mail_id) == ("One\n two", "Vera", None, None)
    assert _texts(database, me, globex) == ["Three", "One\n two"]
    assert _texts(database, me, globex, until=second.created_at) == ["One\n two"]
    assert _texts(database, me, globex, since=second.created_at) == ["Three"]


def test_only_the_author_or_an_admin_changes_a_note(
    database: Database, clock: MovableClock, me: Principal, colleague: Principal, globex: int
) -> None:
    assert (me.role, colleague.role) == ("admin", "csm")
    mine, theirs = _add(database, clock, me, globex, "Mine"), _add(database, clock, colleague, globex, "Theirs")
    for change in (edit_note, remove_note):
        with pytest.raises(NotAllowed), database.write() as session:
            change(session, clock, colleague, mine.id, *(["x"] if change is edit_note else []))
    with database.write() as session:
        edited = edit_note(session, clock, me, theirs.id, "Corrected")
        remove_note(session, clock, me, mine.id)
    assert (edited.author, edited.edited_at) == ("Rui", clock())
    assert _texts(database, me, globex) == ["Corrected"]
    with database.read() as session:
        events = session.execute(select(schema.AuditEvent.action, schema.AuditEvent.user_id)).all()
    assert [tuple(held) for held in events if held[0].startswith("note.")] == [
        ("note.add", me.user_id), ("note.add", colleague.user_id), ("note.edit", me.user_id), ("note.remove", me.user_id),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", " \n ", "x" * (LONGEST + 1)])
def test_no_text_and_too_much_text_are_refused(
    database: Database, clock: MovableClock, me: Principal, globex: int, text: str
) -> None:
    with pytest.raises(InputError):
        _add(database, clock, me, globex, text)
    assert len(_add(database, clock, me, globex, "é" * LONGEST).text) == LONGEST


def test_a_note_at_a_mail_outlives_the_mail(
    database: Database, clock: MovableClock, me: Principal, globex: int
) -> None:
    mail_id = _mail(database, me, clock, globex)
    assert _add(database, clock, me, globex, "About it", "g1").mail_id == mail_id
    with database.write() as session:
        for table in (schema.Link, schema.Message):
            session.execute(delete(table))
        session.execute(delete(schema.Mail))
    with database.read() as session:
        (note,) = notes_of(session, me.workspace_id, globex)
    assert (note.text, note.mail_id) == ("About it", None)


def test_the_mail_must_be_the_customers(database: Database, clock: MovableClock, me: Principal, globex: int) -> None:
    _mail(database, me, clock, globex)
    with pytest.raises(InputError) as refused:
        _add(database, clock, me, _customer(database, me, "Initech"), "x", "m1")
    assert refused.value.sentence == "That mail is not on the timeline of Initech."
    with pytest.raises(NotFound):
        _add(database, clock, me, globex, "x", "nothing")


def test_another_workspace_sees_and_touches_nothing(
    database: Database, clock: MovableClock, me: Principal, globex: int
) -> None:
    note = _add(database, clock, me, globex, "Ours")
    with database.write() as session:
        stranger = create_workspace(session, clock, name="Other", user_email="eve@other.example", timezone="UTC")
    assert _texts(database, stranger, globex) == []
    with pytest.raises(UnknownCustomer):
        _add(database, clock, stranger, globex, "x")
    with pytest.raises(NotFound), database.write() as session:
        remove_note(session, clock, replace(stranger, role="admin"), note.id)


def test_notes_go_with_their_customer(database: Database, clock: MovableClock, me: Principal, globex: int) -> None:
    _add(database, clock, me, globex, "Gone soon")
    with database.write() as session:
        remove_customer(session, me.workspace_id, "Globex")
    with database.read() as session:
        assert session.scalars(select(schema.Note)).all() == []
