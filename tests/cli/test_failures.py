"""Bad input: one sentence with a trace id on standard error, an exit code, nothing lost, never a traceback."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from crm.database import Database
from tests.cli.conftest import CUSTOMERS, Run
from tests.house import CSM


def test_before_init_every_command_says_so(lealup: Run) -> None:
    for command in (("status",), ("ask", "Hello?"), ("sync",), ("customers", "list"), ("connect",), ("drafts", "list")):
        lealup(*command, *(("--json",) if command[0] != "connect" else ())).failed(
            "There is no workspace yet. Run `lealup init` first."
        )


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "", "../../etc/passwd", "GMT+99"])
def test_a_bad_time_zone(lealup: Run, zone: str) -> None:
    lealup("init", "--workspace", "LealUp", "--user", CSM, "--timezone", zone).failed("is not a time zone")


@pytest.mark.parametrize("address", ["vera", "@lealup.example", "vera@", ""])
def test_a_bad_address(lealup: Run, address: str) -> None:
    lealup("init", "--workspace", "LealUp", "--user", address).failed("an e-mail address")


def test_bad_rows_are_reported_and_good_ones_go_in(office: Run, tmp_path: Path) -> None:
    (tmp_path / "mixed.csv").write_text(
        CUSTOMERS + "Umbrella,,umbrella.example,lots,,,,,,\n,,x.example,,,,,,,\nHooli,,hooli.example,10,,active,,,,\n",
        "utf-8",
    )

    done = office("customers", "import", "mixed.csv")

    assert done.code == 2
    assert "Line 4: arr" in done.out and "Line 5: name" in done.out
    assert "2 rows of mixed.csv were not imported." in done.err and "trace id" in done.err
    names = [customer["name"] for customer in office("customers", "list", "--json").json]
    assert names == ["Globex", "Hooli", "Initech"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "can't be read"), (b"", "no column"), (b"a,b\n1,2\n", "no column “name”"), (b"\x00\x81\xff\xfe", "")],
)
def test_a_file_that_is_no_table(office: Run, tmp_path: Path, content: bytes | None, sentence: str) -> None:
    if content is not None:
        (tmp_path / "bad.csv").write_bytes(content)

    office("customers", "import", "bad.csv").failed(sentence)

    assert len(office("customers", "list", "--json").json) == 2


def test_a_contact_of_an_unknown_customer(office: Run, tmp_path: Path) -> None:
    (tmp_path / "k.csv").write_text("customer,name,email,role\nWonka,W,w@wonka.example,\n", "utf-8")

    done = office("contacts", "import", "k.csv")

    assert done.code == 2 and "No customer is called “Wonka”." in done.out


def test_unknown_names_and_ids(office: Run) -> None:
    office("timeline", "Wonka", "--json").failed("No customer is called “Wonka”.")
    office("health", "Wonka", "--json").failed("No customer is called “Wonka”.")
    office("search", "x", "--customer", "Wonka", "--json").failed("No customer is called “Wonka”.")
    office("search", "x", "--person", "Nobody", "--json").failed("No contact is called “Nobody”.")
    office("search", "x", "--since", "yesterday", "--json").failed("is not an ISO date")
    office("drafts", "show", "nothing", "--json").failed("There is no such draft.")
    office("ask", "Hello?", "--user", "eve@lealup.example", "--json").failed("No user has the address")
    office("ask", "  ", "--json").failed("There is no question.")
    office("ask", "Hello?", "--thread", "a:b", "--json").failed("That is not a conversation id.")
    office("keywords", "add", "x", "--as", "nonsense:").failed("")


def test_an_ambiguous_customer_lists_the_candidates(office: Run, tmp_path: Path) -> None:
    (tmp_path / "two.csv").write_text("name,aliases\nKestrel Power,Kestrel\nKestrel Data,Kestrel\n", "utf-8")
    office("customers", "import", "two.csv")

    office("timeline", "Kestrel", "--json").failed("Kestrel Data, Kestrel Power")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEALUP_GOOGLE_URL", "ftp://example"), ("LEALUP_BACKFILL_DAYS", "0"), ("LEALUP_MODEL", "gpt"),
        ("LEALUP_SECRET_KEY", "short"), ("LEALUP_POLL_SECONDS", "often"), ("LEALUP_DATABASE_URL", "nonsense"),
        ("LEALUP_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none"), ("LEALUP_LOG_LEVEL", "LOUD"),
        ("OPENAI_BASE_URL", "not a url"), ("LEALUP_DATABASE_URL", "sqlite:////proc/no/such/file.db"),
        ("LEALUP_HOME", "/proc/no/such/home"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named_and_its_value_is_not_shown(
    lealup: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    done = lealup("status", "--json")

    done.failed(name)
    assert done.code == 2
    told = done.err.partition("(trace id")[0]
    assert value not in told or name == "LEALUP_HOME"


def test_a_gmail_that_is_down(office: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gmail.gateway.time.sleep", lambda _: None)
    monkeypatch.setenv("LEALUP_GOOGLE_URL", "http://127.0.0.1:9")

    office("sync", "--json").failed("Gmail can't be reached right now.")
    office("connect", "--json").failed("Gmail can't be reached right now.")
    assert office("timeline", "Globex", "--json").json  # what is here stays


def test_a_model_that_is_down(office: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEALUP_MODEL", "openai:any")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setattr("openai._base_client.BaseClient._calculate_retry_timeout", lambda *_: 0.0)

    office("ask", "What did Globex say?", "--json").failed("The language model does not answer.")


def test_wrong_options_and_commands(lealup: Run) -> None:
    lealup("ask").failed("See `lealup --help`.")
    lealup("sync", "--days", "0").failed("See `lealup --help`.")
    lealup("no-such-command").failed("See `lealup --help`.")


def test_files_that_cannot_be_opened(lealup: Run) -> None:
    done = lealup("parse", "nowhere.eml", "--json")

    assert done.code == 2
    assert "1 of 1 files could not be opened: nowhere.eml." in done.err
    line = json.loads(done.out)
    assert (line["path"], line["error"], line["new_text"]) == ("nowhere.eml", "unreadable file", None)
    assert len(line) == 19


def test_help_of_every_command(lealup: Run) -> None:
    for command in (
        "init", "customers", "contacts", "connect", "disconnect", "delete-data", "sync", "status", "ask", "search",
        "mentions", "keywords", "timeline", "health", "why", "unassigned", "parse", "tone", "drafts", "eval", "demo",
        "up", "ui", "worker", "slack", "doctor", "reindex",
    ):  # fmt: skip
        done = lealup(command, "--help")
        assert done.code == 0 and "Usage" in done.out, command


def test_a_store_that_is_locked_for_too_long(office: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was being written is rolled back, so it is no bug to report: it can be run again."""
    monkeypatch.setattr("crm.database.BUSY_MILLISECONDS", 50)
    holder = sqlite3.connect(tmp_path / "home" / "lealup.db", isolation_level=None)
    begin = Database.migrate

    def migrate(database: Database) -> None:  # the start is over; then somebody else writes for long
        begin(database)
        holder.execute("BEGIN IMMEDIATE")

    monkeypatch.setattr(Database, "migrate", migrate)
    for command in (("sync",), ("delete-data",), ("disconnect",)):
        office(*command).failed("The database is busy or can't be reached right now. Nothing is lost: run it again")
        holder.execute("ROLLBACK")
    monkeypatch.undo()
    holder.close()


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        (psycopg.errors.DeadlockDetected("Bearer ya29"), "The database is busy or can't be reached right now."),
        (psycopg.OperationalError("Bearer ya29"), "The database is busy or can't be reached right now."),
        (psycopg.errors.DiskFull("Bearer ya29"), "The disk is full. Nothing is lost"),
        (psycopg.errors.UndefinedColumn("Bearer ya29"), "Something went wrong; the log has the details."),
    ],
)
def test_what_the_server_of_the_store_answers(
    office: Run, monkeypatch: pytest.MonkeyPatch, cause: Exception, sentence: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise DBAPIError.instance("UPDATE ya29", {}, cause, psycopg.Error)

    monkeypatch.setattr("ingestion.sync.MailboxSync.run", fail)

    done = office("sync")

    assert done.code == 1 and sentence in done.err and "trace id" in done.err
    assert "ya29" not in done.err + done.out and "Traceback" not in done.err


def test_a_full_disk(office: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's own answer, with a file that may not grow."""
    begin = Database.migrate

    def migrate(database: Database) -> None:
        begin(database)
        event.listen(database.engine, "connect", lambda held, _: held.execute("PRAGMA max_page_count = 1").close())
        database.engine.dispose()

    monkeypatch.setattr(Database, "migrate", migrate)
    many = CUSTOMERS + "".join(f"Client {n},,c{n}.example,,,,,,,\n" for n in range(2_000))
    (tmp_path / "many.csv").write_text(many, "utf-8")

    office("customers", "import", "many.csv").failed("The disk is full. Nothing is lost: make room")
