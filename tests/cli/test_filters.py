"""The commands that decide where mail belongs, and the coverage audit, as a person runs them."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.cli.conftest import Run
from tests.house import CSM, letter


def ids(office: Run, customer: str) -> dict[str, str]:
    return {mail["subject"]: mail["message_id"] for mail in office("timeline", customer, "--json").json}


def test_link_and_unlink(office: Run) -> None:
    mails = ids(office, "Globex")
    done = office("unlink", mails["Plans"], "gx", "--json").json
    assert (done["customer"], done["mails"]) == ("Globex", 1)
    office("sync")
    assert set(ids(office, "Globex")) == {"Renewal"}
    assert "by hand" in office("why", mails["Plans"]).out

    office("link", mails["Plans"], "Initech")
    office("sync")
    assert set(ids(office, "Initech")) == {"Contrato", "Plans"}
    office("link", "nothing-like-it", "Globex").failed("No sync has seen that mail.")


def test_the_unassigned_queue(office: Run) -> None:
    (entry,) = office("unassigned", "--json").json
    assert (entry["address"], entry["suggestion"], entry["because"]) == ("eve@stranger.example", None, None)
    assert "eve@stranger.example" in office("unassigned", "--user", CSM).out

    assert office("unassigned", "contact", "eve@stranger.example", "Globex", "--name", "Eve").code == 0
    assert office("unassigned", "--json").json == [], "who is a contact has a place, before the next sync too"
    office("sync")
    assert "Hello" in ids(office, "Globex")
    assert office("unassigned", "--json").json == []

    assert "no contact of Globex" in office("contacts", "remove", "eve@stranger.example").out
    office("sync")
    assert "Hello" not in ids(office, "Globex")
    assert "1 mail is linked" in office("unassigned", "link", "eve@stranger.example", "Initech").out
    assert "stranger.example is never logged" in (
        office("unassigned", "never-log", "eve@stranger.example", "--domain").out
    )
    office("sync")
    assert "Hello" not in ids(office, "Initech")


def test_never_log_and_private(office: Run) -> None:
    mails = ids(office, "Globex")
    assert "It counts for stored mail too." in office("never-log", "add", "joao@initech.example").out
    assert ids(office, "Initech") == {}
    assert office("never-log", "list", "--json").json == [
        {"kind": "address", "value": "joao@initech.example", "workspace": False}
    ]
    office("never-log", "remove", "joao@initech.example")
    office("sync")
    assert set(ids(office, "Initech")) == {"Contrato"}

    assert "is private" in office("private", "add", mails["Renewal"]).out
    assert set(ids(office, "Globex")) == {"Plans"}
    assert office("search", "renew for two years", "--json").json[0]["subject"] != "Renewal"
    assert [held["subject"] for held in office("private", "list", "--json").json] == ["Renewal"]
    office("private", "remove", mails["Renewal"])
    office("sync")
    assert set(ids(office, "Globex")) == {"Plans", "Renewal"}


def test_coverage(office: Run, gmail_url: tuple[str, object]) -> None:
    (box,) = office("coverage", "--json").json["mailboxes"]
    assert (box["listed"], box["stored"], box["filtered"], box["balanced"]) == (4, 3, {"no_customer": 1}, True)
    checked = office("coverage", "--check", "--json").json
    assert checked["ok"] and checked["next"] == []
    assert checked["mailboxes"][0]["check"]["at_gmail"] == 4
    assert checked["index"]["visible"] == 3

    import sqlite3
    from pathlib import Path

    with sqlite3.connect(Path.cwd() / "home" / "lealup.db") as connection:
        connection.execute("DELETE FROM mail_lexical")
    broken = office("coverage", "--check")
    assert broken.code == 1
    assert "Something is missing." in broken.err and "lealup reindex" in broken.err
    assert "3 and 0 are missing in the lexical and the vector index" in broken.out
    office("reindex")
    assert office("coverage", "--check").code == 0


def test_a_customer_is_removed(office: Run) -> None:
    assert "Initech is removed" in office("customers", "remove", "initech").out
    report = office("sync", "--json").json
    assert report["filtered"] == {"no_customer": 2}
    office("timeline", "Initech").failed("No customer is called")


def test_status_tells_freshness(office: Run) -> None:
    (box,) = office("status", "--json").json
    assert box["alarm"] == "" and 0 <= box["freshness_seconds"] < 600


def test_an_old_mail_is_explained(office: Run, gmail_url: tuple[str, object]) -> None:
    store = gmail_url[1]
    box = store.mailbox(CSM)  # type: ignore[attr-defined]
    old = box.add(letter(subject="Old", now=datetime.now(UTC), days_ago=200))
    office("sync")
    assert "older than the indexed period" in office("why", old.id).out
