"""Saved prompts: whose they are, and filling their places."""

from __future__ import annotations

import pytest

from crm.database import Database
from crm.errors import InputError, NotAllowed, NotFound
from crm.identity import Principal, create_workspace
from crm.prompts.placeholders import filled, kind, places
from crm.prompts.starters import STARTERS
from crm.prompts.store import add_prompt, edit_prompt, get_prompt, prompts_of, remove_prompt
from tests.house import NOW

People = tuple[Principal, Principal, Principal]


@pytest.fixture
def people(database: Database) -> People:
    """The admin of a workspace, a CSM, and somebody of another workspace."""

    def join(name: str, email: str) -> Principal:
        with database.write() as session:
            return create_workspace(session, lambda: NOW, name=name, user_email=email, timezone="Europe/Madrid")

    return join("W", "ana@w.example"), join("W", "luis@w.example"), join("Other", "eve@other.example")


def test_own_prompts_are_ones_own_and_shared_ones_the_workspaces(database: Database, people: People) -> None:
    ana, luis, eve = people
    with database.write() as session:
        add_prompt(session, lambda: NOW, ana, text="Mine?", name="Zeta")
        shared = add_prompt(session, lambda: NOW, luis, text="Ours?", name="Ábaco", shared=True)
        add_prompt(session, lambda: NOW, luis, text="Secret?")
    with database.read() as session:
        assert [held.name for held in prompts_of(session, ana)] == ["Zeta", "Ábaco"]
        assert [held.text for held in prompts_of(session, luis)] == ["Ours?", "Secret?"]
        assert prompts_of(session, eve) == ()
        assert get_prompt(session, ana, "abaco").id == shared.id
        for stranger in (shared.id, "Ábaco"):
            with pytest.raises(NotFound):
                get_prompt(session, eve, stranger)


def test_a_shared_prompt_is_changed_by_its_owner_or_an_admin(database: Database, people: People) -> None:
    ana, luis, eve = people
    with database.write() as session:
        of_luis = add_prompt(session, lambda: NOW, luis, text="Ours?", shared=True)
        of_ana = add_prompt(session, lambda: NOW, ana, text="Hers?", shared=True)
    with database.write() as session, pytest.raises(NotAllowed):
        edit_prompt(session, lambda: NOW, luis, of_ana.id, text="Changed?")
    with database.write() as session, pytest.raises(NotFound):
        remove_prompt(session, lambda: NOW, eve, of_ana.id)
    with database.write() as session:
        changed = edit_prompt(session, lambda: NOW, ana, of_luis.id, name="By the admin", shared=False)
        remove_prompt(session, lambda: NOW, ana, of_ana.id)
    assert (changed.name, changed.text, changed.shared, changed.owner) == ("By the admin", "Ours?", False, "Luis")
    with database.read() as session:
        assert prompts_of(session, ana) == ()
        assert [held.name for held in prompts_of(session, luis)] == ["By the admin"]


@pytest.mark.parametrize(("text", "name"), [("  ", ""), ("x" * 4001, ""), ("Right?", "n" * 81)])
def test_what_cannot_be_a_prompt_is_refused(database: Database, people: People, text: str, name: str) -> None:
    with database.write() as session, pytest.raises(InputError):
        add_prompt(session, lambda: NOW, people[0], text=text, name=name)


def test_a_prompt_without_a_name_is_called_by_its_beginning(database: Database, people: People) -> None:
    with database.write() as session:
        short = add_prompt(session, lambda: NOW, people[0], text=" Who\nwaits? ")
        long = add_prompt(session, lambda: NOW, people[0], text="word " * 40)
    assert short.name == "Who waits?"
    assert len(long.name) <= 60 and long.name.endswith("word…")


def test_places_are_filled_once_and_values_are_not_read_again() -> None:
    text = "¿Qué dijo {Cliente} en { período }? {cliente}, {tema}"
    assert places(text) == ("cliente", "período", "tema")
    assert [kind(name) for name in places(text)] == ["customer", "period", ""]
    values = {"cliente": "{tema} & Co", "período": "esta\nsemana", "Tema": "precio"}
    assert filled(text, values) == "¿Qué dijo {tema} & Co en esta semana? {tema} & Co, precio"


@pytest.mark.parametrize("values", [{}, {"customer": "  "}, {"customer": "Acme", "who": "x"}])
def test_a_missing_or_unknown_value_is_named(values: dict[str, str]) -> None:
    with pytest.raises(InputError, match=r"customer|who"):
        filled("What about {customer}?", values)


def test_braces_that_are_no_places_stay() -> None:
    assert places("{} {1} {a b} {x}") == ("x",)
    assert filled("{} {1} {a b} {x}", {"x": "y"}) == "{} {1} {a b} y"


def test_the_starters_are_the_same_in_three_languages() -> None:
    shapes = {
        language: [tuple(map(kind, places(held.text))) for held in STARTERS if held.language == language]
        for language in ("en", "es", "pt")
    }
    assert shapes["en"] == shapes["es"] == shapes["pt"]
    assert len(shapes["en"]) >= 7
