"""One schema on two databases: writers that wait, instants in UTC, and migrations that match the models."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import Session

import crm
from crm import schema
from crm.database import Database, store_failure
from crm.errors import SettingError

NOON = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)


def _workspace(session: Session, name: str, at: datetime = NOON) -> None:
    session.add(schema.Workspace(name=name, timezone="UTC", created_at=at))


def test_two_writers_that_read_first_do_not_fail(database: Database) -> None:
    """A deferred SQLite transaction would fail with "locked" on the lock upgrade, whatever the busy timeout."""
    with database.write() as session:
        _workspace(session, "counter")
    failures: list[Exception] = []

    def count() -> None:
        try:
            for _ in range(15):
                with database.write() as session:
                    row = session.scalars(select(schema.Workspace).with_for_update()).one()
                    row.timezone = f"{int(row.timezone) + 1}" if row.timezone.isdecimal() else "1"
        except Exception as error:  # noqa: BLE001 (whatever it is, the test shows it)
            failures.append(error)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert failures == []
    with database.read() as session:
        assert session.scalars(select(schema.Workspace.timezone)).one() == "60"


def test_a_reader_is_not_kept_waiting_by_a_writer(database: Database) -> None:
    with database.write() as writing:
        _workspace(writing, "unfinished")
        writing.flush()
        with database.read() as reading:
            assert reading.scalar(select(func.count()).select_from(schema.Workspace)) == 0


def test_what_a_reader_changes_is_thrown_away_and_a_failed_write_leaves_nothing(database: Database) -> None:
    with database.read() as session:
        _workspace(session, "read")
        session.flush()
    with pytest.raises(RuntimeError), database.write() as session:
        _workspace(session, "failed")
        session.flush()
        raise RuntimeError
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(schema.Workspace)) == 0


@pytest.mark.parametrize("hours", [-8, 0, 5.5, 14])
def test_instants_come_back_in_utc(database: Database, hours: float) -> None:
    local = datetime(2026, 3, 29, 1, 30, 15, 123456, tzinfo=timezone(timedelta(hours=hours)))
    with database.write() as session:
        _workspace(session, "zoned", local)
    with database.read() as session:
        held = session.scalars(select(schema.Workspace.created_at)).one()
        found = session.scalars(select(schema.Workspace.id).where(schema.Workspace.created_at == local)).all()
    assert held == local
    assert held.tzinfo is UTC or held.utcoffset() == timedelta(0)
    assert len(found) == 1


def test_instants_of_different_zones_are_compared_as_instants(database: Database) -> None:
    east, west = timezone(timedelta(hours=9)), timezone(timedelta(hours=-9))
    with database.write() as session:
        _workspace(session, "later", datetime(2026, 3, 1, 0, 0, tzinfo=west))
        _workspace(session, "earlier", datetime(2026, 3, 1, 12, 0, tzinfo=east))
    with database.read() as session:
        names = session.scalars(select(schema.Workspace.name).order_by(schema.Workspace.created_at)).all()
    assert names == ["earlier", "later"]


def test_a_naive_instant_is_refused(database: Database) -> None:
    with pytest.raises(StatementError), database.write() as session:
        _workspace(session, "naive", datetime(2026, 3, 29, 12, 0))


def test_lists_booleans_and_foreign_keys_on_both(database: Database) -> None:
    with database.write() as session:
        _workspace(session, "home")
        session.flush()
        session.add(
            schema.Customer(workspace_id=1, name="Ñandú", name_key="nandu", aliases=["á", "b;c"], status="active")
        )
    with database.read() as session:
        assert session.scalars(select(schema.Customer)).one().aliases == ["á", "b;c"]
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(schema.CustomerDomain(workspace_id=1, customer_id=999, domain="x.example"))


def test_text_no_database_takes_is_stored_all_the_same(database: Database) -> None:
    with database.write() as session:
        _workspace(session, "a\x00b\ud800c")
    with database.read() as session:
        assert session.scalars(select(schema.Workspace.name)).one() == "a\ufffdb\ufffdc"
        assert session.scalars(select(schema.Workspace.id).where(schema.Workspace.name == "a\x00b\ud800c")).one()


def test_migrating_twice_changes_nothing(empty_url: str) -> None:
    database = Database(empty_url)
    database.migrate()
    with database.write() as session:
        _workspace(session, "kept")
    database.migrate()
    with database.read() as session:
        assert session.scalars(select(schema.Workspace.name)).all() == ["kept"]
    database.close()


def test_several_processes_may_migrate_at_once(empty_url: str) -> None:
    """`up`, a worker and Slack start together on a fresh database."""
    failures: list[Exception] = []

    def migrate() -> None:
        database = Database(empty_url)
        try:
            database.migrate()
        except Exception as error:  # noqa: BLE001 (whatever it is, the test shows it)
            failures.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=migrate) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []


def test_the_migrations_build_exactly_the_models(database: Database) -> None:
    """`alembic check`: autogenerate finds nothing to do, with the very environment that migrates."""
    config = Config()
    config.set_main_option("script_location", str(Path(crm.__file__).parent / "migrations"))
    with database.write() as session:
        session.execute(text("CREATE TABLE checkpoints_of_somebody_else (id integer)"))
        config.attributes["connection"] = session.connection()
        command.check(config)


def test_the_lexical_index_is_there(database: Database) -> None:
    with database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM mail_lexical")) == 0


@pytest.mark.parametrize(
    "url",
    ["nonsense", "oracle9://x", "postgresql+psycopg://nobody:s3cret@127.0.0.1:9/x", "sqlite:////proc/nowhere/x.db"],
)
def test_an_unusable_address_is_one_sentence_that_names_the_variable_and_no_secret(url: str) -> None:
    with pytest.raises(SettingError) as caught:
        Database(url).migrate()
    assert "LEALUP_DATABASE_URL" in caught.value.sentence
    assert "s3cret" not in f"{caught.value.for_user()}{caught.value}"


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database, but long enough to look like one" * 100)
    with pytest.raises(SettingError):
        Database(f"sqlite:///{tmp_path / 'notes.txt'}").migrate()


def test_a_database_newer_than_the_program_is_one_sentence(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SettingError) as caught:
        database.migrate()
    assert "newer" in caught.value.sentence


@pytest.mark.parametrize(
    ("state", "passing"),
    [
        ("08006", True),
        ("53300", True),
        ("55P03", True),
        ("57P01", True),
        ("40P01", True),
        (None, True),
        ("54000", False),
        ("22001", False),
        ("42601", False),
    ],
)
def test_only_what_passes_by_itself_is_told_as_an_unavailable_store(state: str | None, passing: bool) -> None:
    """54000: an index row too long. One mail would stop its mailbox for ever if that passed for a busy store."""
    cause = psycopg.errors.lookup(state)("no") if state else psycopg.OperationalError("the connection was cut")
    error = DBAPIError("INSERT", {}, cause)

    assert (store_failure(error) is not None) == passing
