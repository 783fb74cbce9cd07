"""A workspace's own critical words."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from crm.clock import fixed_clock
from crm.database import Database
from crm.errors import InputError, NotFound
from crm.identity import create_workspace
from crm.signals.terms import add_term, remove_term, workspace_terms

CLOCK = fixed_clock(datetime(2026, 6, 1, tzinfo=UTC))


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    database = Database(f"sqlite:///{tmp_path / 'terms.db'}")
    database.migrate()
    with database.write() as opened:
        yield opened
    database.close()


@pytest.fixture
def workspace(session: Session) -> int:
    return create_workspace(session, CLOCK, name="Leal", user_email="ana@leal.example", timezone="UTC").workspace_id


def test_a_word_is_kept_in_lower_case_with_its_accents(session: Session, workspace: int) -> None:
    add_term(session, workspace, "  Rescisión   del Contrato ", "terminate")
    assert workspace_terms(session, workspace) == {"rescisión del contrato": "terminate"}


def test_adding_a_word_again_replaces_what_it_stands_for(session: Session, workspace: int) -> None:
    add_term(session, workspace, "outage", "problem")
    add_term(session, workspace, "Outage", "critical_bug")
    assert workspace_terms(session, workspace) == {"outage": "critical_bug"}


@pytest.mark.parametrize(
    "term",
    [
        "cancel",
        "terminate",
        "problem",
        "critical_bug",
        "competitor:Rival CRM",
        "churn",
        "migração",
        "price-rise",
    ],
)
def test_terms_a_word_may_stand_for(session: Session, workspace: int, term: str) -> None:
    add_term(session, workspace, "something", term)
    assert workspace_terms(session, workspace) == {"something": term}


@pytest.mark.parametrize("term", ["", "  ", "competitor:", "competitor: ", "Churn", "two words", "7", "_x", "rival:x"])
def test_terms_a_word_may_not_stand_for(session: Session, workspace: int, term: str) -> None:
    with pytest.raises(InputError):
        add_term(session, workspace, "something", term)
    assert workspace_terms(session, workspace) == {}


@pytest.mark.parametrize("form", ["", "   ", "?!"])
def test_a_word_needs_a_letter(session: Session, workspace: int, form: str) -> None:
    with pytest.raises(InputError):
        add_term(session, workspace, form, "cancel")


def test_removing_ignores_case_and_accents(session: Session, workspace: int) -> None:
    add_term(session, workspace, "rescisión", "terminate")
    add_term(session, workspace, "outage", "problem")
    remove_term(session, workspace, "RESCISION")
    assert workspace_terms(session, workspace) == {"outage": "problem"}


def test_removing_an_unknown_word_says_so(session: Session, workspace: int) -> None:
    with pytest.raises(NotFound, match="cancel"):
        remove_term(session, workspace, "cancel")


def test_workspaces_do_not_see_each_other(session: Session, workspace: int) -> None:
    other = create_workspace(session, CLOCK, name="Other", user_email="bo@other.example", timezone="UTC")
    add_term(session, workspace, "outage", "problem")
    assert workspace_terms(session, other.workspace_id) == {}
    with pytest.raises(NotFound):
        remove_term(session, other.workspace_id, "outage")
    assert workspace_terms(session, workspace) == {"outage": "problem"}
