"""Votes: one for each person and answer, readable by their owner and the admin, gone with the answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import delete, select

from crm import answers, schema
from crm.database import Database
from crm.errors import InputError, NotFound
from crm.feedback import my_votes, vote, votes_of, withdraw
from crm.identity import Principal, create_workspace
from tests.house import NOW

SAID: dict[str, Any] = {
    "answer": "They renew [1].", "language": "en", "not_found": False, "scope": {"customers": ["Globex"]},
    "citations": [{"n": 1, "message_id": "m1"}], "tools": ["search_mail"], "model": "openai:x", "mode": "model",
    "usage": {"input": 900, "output": 40, "calls": 2, "estimated": False}, "trace_id": "0" * 16, "thread": "t",
}  # fmt: skip


@pytest.fixture
def people(database: Database) -> tuple[Principal, Principal]:
    """The admin of a workspace and a CSM, who got one answer."""

    def join(email: str) -> Principal:
        with database.write() as session:
            return create_workspace(session, lambda: NOW, name="W", user_email=email, timezone="Europe/Madrid")

    ana, luis = join("ana@w.example"), join("luis@w.example")
    with database.write() as session:
        kept = answers.Kept(id="a1", thread="t", question="Do they renew?", said=SAID, asked_at=NOW)
        answers.keep(session, luis, kept, ())
    return ana, luis


def test_a_vote_can_be_changed_and_keeps_its_comment(database: Database, people: tuple[Principal, Principal]) -> None:
    _, luis = people
    for verdict, comment in (("down", "Wrong mail."), ("up", None)):
        with database.write() as session:
            vote(session, lambda: NOW, luis, "a1", verdict, face="web", comment=comment)  # type: ignore[arg-type]
    with database.read() as session:
        assert my_votes(session, luis, ["a1", "a2"]) == {"a1": ("up", "Wrong mail.")}
        (held,) = votes_of(session, luis)
    line = json.loads(json.dumps(held.as_json()))
    assert (line["question"], line["verdict"], line["user"]) == ("Do they renew?", "up", "luis@w.example")
    assert line["answer"] == "They renew [1]." and line["scope"] == {"customers": ["Globex"]}
    assert line["citations"] == SAID["citations"] and line["model"] == "openai:x" and line["trace_id"] == "0" * 16


def test_votes_are_their_owners_and_the_admins(database: Database, people: tuple[Principal, Principal]) -> None:
    ana, luis = people
    with database.write() as session, pytest.raises(NotFound):
        vote(session, lambda: NOW, ana, "a1", "down", face="web")  # an answer is only its reader's to vote on
    with database.write() as session:
        vote(session, lambda: NOW, luis, "a1", "down", face="slack")
        elsewhere = create_workspace(session, lambda: NOW, name="O", user_email="eve@o.example", timezone="UTC")
    with database.read() as session:
        assert len(votes_of(session, ana)) == len(votes_of(session, luis)) == 1
        assert votes_of(session, elsewhere) == ()
        assert votes_of(session, ana, verdict="up") == ()


def test_a_vote_is_taken_back_and_goes_with_its_answer(database: Database, people: tuple[Principal, Principal]) -> None:
    _, luis = people
    with database.write() as session:
        vote(session, lambda: NOW, luis, "a1", "up", face="web")
        withdraw(session, luis, "a1")
        withdraw(session, luis, "a1")
        assert votes_of(session, luis) == ()
        vote(session, lambda: NOW, luis, "a1", "up", face="web")
        session.execute(delete(schema.StoredAnswer))
    with database.read() as session:
        assert session.scalars(select(schema.Feedback)).all() == []


def test_a_comment_has_an_end(database: Database, people: tuple[Principal, Principal]) -> None:
    with database.write() as session, pytest.raises(InputError):
        vote(session, lambda: NOW, people[1], "a1", "up", face="web", comment="x" * 2001)
