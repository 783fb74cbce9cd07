"""The same words find the same mails on both databases, whatever signs stand between them."""

from __future__ import annotations

import threading

import pytest

from crm.database import Database
from crm.index import lexical

MAILS = {
    "renewal": ("Renovação do contrato", "João Nunes joao@initech.example", "A renovação está atrasada: ficheiro.pdf"),
    "ticket": (
        "Ticket LU-4821",
        "Maria maria@eu.globex.example",
        "See https://status.globex.example/a-b?x=foo:bar v2.1",
    ),
    "plain": ("Hello", "Bo bo@partner.example", 'He said "never again" and snake_case at 10:30, € 1.200,50'),
}


@pytest.fixture
def filled(database: Database) -> Database:
    with database.write() as session:
        for mail_id, (subject, people, body) in MAILS.items():
            lexical.put(session, 1, mail_id, subject=subject, people=people, body=body)
        lexical.put(session, 2, "foreign", subject="Renovação", people="", body="Ticket LU-4821 Hello")
    return database


def _found(database: Database, query: str, limit: int = 10) -> list[str]:
    with database.read() as session:
        return list(lexical.search(session, 1, query, limit))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("renovação", ["renewal"]),
        ("RENOVACAO", ["renewal"]),
        ("atrasada ficheiro", ["renewal"]),
        ("joao", ["renewal"]),
        ("joao@initech.example", ["renewal", "ticket", "plain"]),
        ("initech", ["renewal"]),
        ("globex", ["ticket"]),
        ("LU-4821", ["ticket"]),
        ("4821", ["ticket"]),
        ("a-b", ["ticket", "renewal"]),
        ("foo:bar", ["ticket"]),
        ("v2.1", ["ticket", "plain"]),
        ('"never again"', ["plain"]),
        ("snake_case", ["plain"]),
        ("1.200,50", ["plain", "ticket"]),
        ("never AND again OR NOT ( * ^ :", ["plain"]),
        ("nowhere", []),
        ("", []),
        ("\"'&|!():*<->", []),
        ("%_", []),
        ("\x00 \ud800", []),
    ],
)
def test_queries_of_every_shape(filled: Database, query: str, expected: list[str]) -> None:
    found = _found(filled, query)
    assert set(expected[:1]) <= set(found) <= set(expected), found
    assert bool(found) == bool(expected)


def test_the_subject_counts_more_than_the_body(database: Database) -> None:
    with database.write() as session:
        lexical.put(session, 1, "body", subject="Hello", people="", body="the invoice is here")
        lexical.put(session, 1, "subject", subject="invoice", people="", body="hello it is here")
    assert _found(database, "invoice") == ["subject", "body"]
    with database.read() as session:
        scores = lexical.search(session, 1, "invoice", 10)
    assert scores["subject"] > scores["body"] > 0 or database.is_sqlite  # bm25 of a word that is everywhere is near 0


def test_another_workspace_is_not_searched(filled: Database) -> None:
    with filled.read() as session:
        assert set(lexical.search(session, 2, "hello renovação", 10)) == {"foreign"}
        assert lexical.containing(session, 2, "LU-4821") == {"foreign"}
        assert lexical.containing(session, 1, "LU-4821") == {"ticket"}
    assert "foreign" not in _found(filled, "hello renovação")


def test_words_that_stand_together(filled: Database) -> None:
    with filled.read() as session:
        assert lexical.containing(session, 1, "está atrasada") == {"renewal"}
        assert lexical.containing(session, 1, "atrasada está") == frozenset()
        assert lexical.containing(session, 1, "€ …") == frozenset()


def test_indexing_again_replaces_and_dropping_removes(filled: Database) -> None:
    with filled.write() as session:
        lexical.put(session, 1, "plain", subject="Changed", people="", body="entirely")
    assert (_found(filled, "hello"), _found(filled, "changed")) == ([], ["plain"])
    with filled.write() as session:
        lexical.drop(session, ["plain", "unknown"])
    assert _found(filled, "changed") == []


def test_the_limit_keeps_the_best(database: Database) -> None:
    with database.write() as session:
        for number in range(20):
            lexical.put(session, 1, f"m{number}", subject="", people="", body="noise " * 30 + "needle")
        lexical.put(session, 1, "best", subject="needle", people="needle", body="needle")
    assert _found(database, "needle", 3)[0] == "best"
    assert len(_found(database, "needle", 3)) == 3


def test_a_mail_of_two_million_characters_is_indexed(database: Database) -> None:
    """PostgreSQL takes one megabyte of distinct words and no more."""
    with database.write() as session:
        words = " ".join(f"word{number}" for number in range(200_000))
        lexical.put(session, 1, "huge", subject="Log", people="", body=words)
    assert _found(database, "word7") == ["huge"]


def test_two_processes_index_the_same_mail_at_once(database: Database) -> None:
    failures: list[Exception] = []
    ready = threading.Barrier(2)

    def put() -> None:
        ready.wait()
        try:
            for _ in range(10):
                with database.write() as session:
                    lexical.put(session, 1, "same", subject="Renewal", people="", body="again")
        except Exception as error:  # noqa: BLE001 (whatever it is, the test shows it)
            failures.append(error)

    threads = [threading.Thread(target=put) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    assert _found(database, "renewal") == ["same"]
