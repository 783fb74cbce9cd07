"""The composition root: an application on either database, with one budget per mailbox."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from crm.errors import NotFound, SettingError
from crm.settings import Settings
from ingestion.heartbeat import Heartbeat
from ingestion.processes import new_name
from sandbox.gmail.store import Store
from tests.house import CSM, HashingEmbedder, House, MovableClock, letter
from wiring.app import build_app
from wiring.doctor import check


def _settings(**given: object) -> Settings:
    return Settings(**{"_env_file": None, "model": "offline", **given})  # type: ignore[arg-type]


def test_building_creates_the_store_and_opens_nothing_else(tmp_path: Path, clock: MovableClock) -> None:
    app = build_app(_settings(home=tmp_path / "home"), clock=clock, embedder=HashingEmbedder())
    with pytest.raises(NotFound):
        app.principal()
    app.close()

    made = {path.name for path in (tmp_path / "home").iterdir()}
    assert {"lealup.db", "secret.key"} <= made
    assert "chroma" not in made
    assert "chroma.lock" not in made


def test_an_unusable_database_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingError):
        build_app(_settings(home=tmp_path, database_url="nonsense"), embedder=HashingEmbedder())


def test_a_second_start_finds_everything_again(
    start_gmail: Callable[..., tuple[str, Store]], make_house: Callable[..., House]
) -> None:
    url, store = start_gmail()
    house = make_house(url, store)
    house.connect()
    house.mail(letter(subject="Renewal", text="We want to renew."))
    house.sync()
    house.app.close()

    again = make_house(url, store)

    assert again.subjects("Globex") == ["Renewal"]
    assert again.searched("renew") == {"Renewal"}
    again.clear_log()
    again.sync()
    assert again.requests("messages.get") == []


def test_all_work_on_one_mailbox_shares_one_budget(house: House) -> None:
    bucket = house.app.access.bucket
    assert bucket(1) is bucket(1)
    assert bucket(1) is not bucket(2)


def test_the_doctor_finds_what_is_missing(house: House) -> None:
    found = {finding.check: finding for finding in check(house.app)}
    assert all(finding.ok for finding in found.values()), found
    assert found[f"gmail {CSM}"].detail == CSM

    house.post("revoke", email=CSM)
    house.mail(letter(subject="Renewal"))
    found = {finding.check: finding for finding in check(house.app)}
    assert not found[f"gmail {CSM}"].ok
    assert "revoked" in found[f"gmail {CSM}"].detail


def test_the_doctor_tells_when_a_worker_was_last_alive(house: House) -> None:
    def said() -> tuple[bool, str]:
        (found,) = [finding for finding in check(house.app) if finding.check == "worker"]
        return found.ok, found.detail

    assert said()[0] and "none runs" in said()[1]
    heart = Heartbeat(database=house.app.database, clock=house.clock, name=new_name())
    heart.beat()
    house.clock.advance(seconds=7)
    assert said() == (True, "1 running, last sign of life 7 s ago")
    house.clock.advance(seconds=60)
    assert said() == (False, "it died, last sign of life 67 s ago; start it again")
    heart.leave()
    assert "none runs" in said()[1]


def test_the_doctor_sees_an_index_that_lost_mail(house: House) -> None:
    house.mail(letter(subject="Renewal"))
    house.sync()
    house.app.vectors.clear(house.me.workspace_id)

    found = {finding.check: finding for finding in check(house.app)}["search index"]

    assert not found.ok
    assert "reindex" in found.detail
