"""The page of saved prompts."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from crm.identity import Principal, create_workspace
from crm.prompts.store import add_prompt, prompts_of
from tests.ui.conftest import CSM, HOSTILE, texts
from ui import deps
from wiring.app import App

Visit = Callable[..., AppTest]


def test_a_prompt_is_written_edited_shared_and_deleted(visit: Visit, app: App, me: Principal) -> None:
    at = visit("prompts")
    at.text_area(key="prompt-text-new").set_value("Who waits for us?")
    at.text_input(key="prompt-name-new").set_value("Waiting")
    at.button(key="prompt-save").click().run()
    with app.database.read() as session:
        (prompt,) = prompts_of(session, me)
    at.button(key=f"prompt-edit-{prompt.id}").click().run()
    at.text_area(key=f"prompt-text-{prompt.id}").set_value("Who waits for our answer?")
    at.checkbox(key=f"prompt-shared-{prompt.id}").check()
    at.button(key=f"prompt-save-{prompt.id}").click().run()
    with app.database.read() as session:
        (prompt,) = prompts_of(session, me)
    assert (prompt.name, prompt.text, prompt.shared) == ("Waiting", "Who waits for our answer?", True)
    assert "shared by you" in texts(at)
    at.button(key=f"prompt-delete-{prompt.id}").click().run()
    with app.database.read() as session:
        assert prompts_of(session, me) == ()
    assert not at.exception


def test_an_empty_prompt_is_refused_in_one_sentence(visit: Visit) -> None:
    at = visit("prompts")
    at.button(key="prompt-save").click().run()
    assert "A prompt needs a text" in at.error[0].value


def test_a_colleagues_prompts_are_seen_when_they_are_shared(visit: Visit, app: App, me: Principal) -> None:
    with app.database.write() as session:
        luis = create_workspace(
            session, app.clock, name="LealUp", user_email="luis@lealup.test", timezone="Europe/Madrid"
        )
        add_prompt(session, app.clock, luis, text="Mine alone?")
        add_prompt(session, app.clock, luis, text=HOSTILE, name=HOSTILE[:60], shared=True)
    deps.provide(app, CSM)
    at = visit("prompts")
    shown = texts(at)
    assert "Mine alone?" not in shown
    assert "&lt;img src=" in shown and "<img" not in shown
    assert "shared by Luis" in shown


def test_starters_come_in_three_languages(visit: Visit) -> None:
    at = visit("prompts")
    assert "What is open with {customer}?" in texts(at)
    at.button_group(key="prompt-language").set_value("es").run()
    assert "¿Qué está pendiente con {cliente}?" in texts(at)
    at.button(key="starter-3").click().run()
    assert not at.exception
