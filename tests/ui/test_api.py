"""Feeding dimensions over the API: tokens, good and bad rows, and requests of every wrong kind."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from crm import schema
from crm.api_tokens import create_token, list_tokens, revoke_token
from crm.errors import NotAllowed, NotFound
from crm.health.feeding import figures_of
from crm.identity import Principal, create_workspace
from ui.api import api_routes
from wiring.app import App


@pytest.fixture
def client(app: App) -> TestClient:
    return TestClient(Starlette(routes=api_routes(app)))


@pytest.fixture
def secret(app: App, me: Principal, globex: int) -> str:
    with app.database.write() as session:
        return create_token(session, app.clock, me, "Mixpanel")


def _post(client: TestClient, secret: str, body: Any) -> Any:
    return client.post("/api/dimensions", json=body, headers={"Authorization": f"Bearer {secret}"})


def test_good_rows_go_in_and_bad_ones_are_told_apart(client: TestClient, app: App, secret: str, globex: int) -> None:
    rows = [
        {"customer": "Globex", "dimension": "usage", "value": 62.5, "day": "2025-06-01"},
        {"customer": "globex.test", "dimension": "Support", "value": 80},
        {"customer": "Nobody", "dimension": "usage", "value": 1},
        {"customer": "Globex", "dimension": "usage", "value": 101},
        {"customer": "Globex", "dimension": "sentiment", "value": 5},
        "not a row",
    ]
    answer = _post(client, secret, rows)
    assert answer.status_code == 200
    assert answer.json()["imported"] == 2 and answer.json()["trace_id"]
    assert [one["index"] for one in answer.json()["rejected"]] == [2, 3, 4, 5]
    with app.database.read() as session:
        found = [
            (held.dimension, held.value, held.day.isoformat(), held.source) for held in figures_of(session, globex)
        ]
    assert found == [("usage", 62.5, "2025-06-01", "api"), ("support", 80.0, "2025-06-18", "api")]
    # The same once more replaces, it does not add.
    _post(client, secret, rows[:1])
    with app.database.read() as session:
        assert len(figures_of(session, globex)) == 2


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer lealup_wrong", "Basic abc", "bearer"])
def test_without_a_known_token_nothing_is_taken(client: TestClient, app: App, secret: str, header: str) -> None:
    rows = [{"customer": "Globex", "dimension": "usage", "value": 1}]
    answer = client.post("/api/dimensions", json=rows, headers={"Authorization": header} if header else {})
    assert answer.status_code == 401 and answer.json()["trace_id"]
    with app.database.read() as session:
        assert session.scalars(select(schema.DimensionValue)).all() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"{}", 400), (b"\xff\x00", 400), (b"[" * 100_000, 400), (b'"x"', 400),
        (json.dumps([{}] * 1001).encode(), 413), (b" " * 1_000_001, 413),
    ],
)  # fmt: skip
def test_what_is_no_list_of_rows_is_refused(client: TestClient, secret: str, body: bytes, status: int) -> None:
    answer = client.post("/api/dimensions", content=body, headers={"Authorization": f"Bearer {secret}"})
    assert (answer.status_code, bool(answer.json()["error"])) == (status, True)


def test_a_revoked_token_works_no_more_and_only_an_admin_makes_one(
    client: TestClient, app: App, me: Principal, secret: str
) -> None:
    assert _post(client, secret, []).status_code == 200
    with app.database.write() as session:
        (token,) = list_tokens(session, me.workspace_id)
        assert token.used_at == app.clock()
        stranger = create_workspace(session, app.clock, name="Other", user_email="o@other.test", timezone="UTC")
        with pytest.raises(NotFound):
            revoke_token(session, app.clock, stranger, token.id)
        csm = create_workspace(session, app.clock, name="LealUp", user_email="csm@lealup.test", timezone="UTC")
        with pytest.raises(NotAllowed):
            create_token(session, app.clock, csm, "x") if csm.role != "admin" else pytest.fail("admin")
        revoke_token(session, app.clock, me, token.id)
        kept = session.scalars(select(schema.AuditEvent.action)).all()
    assert _post(client, secret, []).status_code == 401
    assert {"token created", "token revoked"} <= set(kept)


def test_a_token_sees_its_own_workspace_only(client: TestClient, app: App, secret: str) -> None:
    with app.database.write() as session:
        other = create_workspace(session, app.clock, name="Other", user_email="o@other.test", timezone="UTC")
        session.add(schema.Customer(workspace_id=other.workspace_id, name="Umbrella", name_key="umbrella"))
    answer = _post(client, secret, [{"customer": "Umbrella", "dimension": "usage", "value": 1}])
    assert answer.json()["imported"] == 0
