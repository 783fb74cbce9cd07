"""Settings → Health: weights, business hours and tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import time

import pytest
from streamlit.testing.v1 import AppTest

from crm.api_tokens import list_tokens
from crm.customers import list_customers
from crm.health.feeding import Row, feed
from crm.health.policy import PRESETS, Policy, policy_of
from crm.identity import Principal
from tests.ui.conftest import NOW, texts
from ui import deps
from wiring.app import App

Visit = Callable[..., AppTest]


def _policy(app: App, me: Principal) -> Policy:
    with app.database.read() as session:
        return policy_of(session, me.workspace_id)


def test_a_preset_is_chosen_and_saved(visit: Visit, app: App, me: Principal) -> None:
    at = visit("settings-health")
    assert not at.exception
    assert at.selectbox(key="preset").value == "balanced"
    at.selectbox(key="preset").select("product_led").run()
    assert at.number_input(key="weight-product_led-usage").value == 60
    at.button(key="scoring-save").click().run()
    assert not at.exception and not at.error
    assert _policy(app, me).weights == PRESETS["product_led"]


def test_own_weights_and_hours(visit: Visit, app: App, me: Principal) -> None:
    at = visit("settings-health")
    at.number_input(key="weight-balanced-sentiment").set_value(50)
    at.time_input(key="opens").set_value(time(8, 30))
    at.text_input(key="country").set_value("es-md")
    at.multiselect(key="weekdays").set_value([0, 1, 2, 3])
    at.button(key="scoring-save").click().run()
    policy = _policy(app, me)
    assert (policy.preset, policy.weights["sentiment"]) == ("custom", 50)
    assert (policy.calendar.opens, policy.calendar.weekdays) == (time(8, 30), frozenset({0, 1, 2, 3}))
    assert policy.calendar.country == "ES-MD"
    assert visit("settings-health").selectbox(key="preset").value == "custom"


def test_a_dimension_that_was_fed_gets_a_weight_and_keeps_it_under_another_preset(
    visit: Visit, app: App, me: Principal, globex: int
) -> None:
    with app.database.write() as session:
        row = Row(customer="Globex", dimension="nps", value=70)
        feed(session, list_customers(session, me.workspace_id), row, source="csv", now=NOW, today=NOW.date())
    at = visit("settings-health")
    at.number_input(key="weight-balanced-nps").set_value(15)
    at.button(key="scoring-save").click().run()
    again = visit("settings-health")
    again.selectbox(key="preset").select("relationship").run()
    again.button(key="scoring-save").click().run()
    assert _policy(app, me).weights == {**PRESETS["relationship"], "nps": 15}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda at: at.time_input(key="closes").set_value(time(7)), "open before they close"),
        (lambda at: at.multiselect(key="weekdays").set_value([]), "at least one day"),
        (lambda at: at.text_input(key="country").set_value("Narnia"), "are not known"),
    ],
)
def test_what_is_wrong_is_told_and_changes_nothing(
    visit: Visit, app: App, me: Principal, change: Callable[[AppTest], object], sentence: str
) -> None:
    before = _policy(app, me)
    at = visit("settings-health")
    change(at)
    at.button(key="scoring-save").click().run()
    assert any(sentence in held.value for held in at.error)
    assert _policy(app, me) == before


def test_a_token_is_shown_once_and_revoked(visit: Visit, app: App, me: Principal) -> None:
    at = visit("settings-health")
    at.text_input(key="token-name").set_value("Mixpanel")
    at.button(key="token-make").click().run()
    assert "lealup_" in texts(at)
    again = visit("settings-health")
    assert "lealup_" not in texts(again) and "Mixpanel" in texts(again)
    with app.database.read() as session:
        (token,) = list_tokens(session, me.workspace_id)
    again.button(key=f"token-revoke-{token.id}").click().run()
    with app.database.read() as session:
        assert list_tokens(session, me.workspace_id) == ()


def test_a_csm_sees_it_and_changes_nothing(
    visit: Visit, app: App, me: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deps.Served, "principal", lambda _: replace(me, role="csm"))
    at = visit("settings-health")
    assert at.button(key="scoring-save").disabled
    assert not [held for held in at.button if held.key == "token-make"]
