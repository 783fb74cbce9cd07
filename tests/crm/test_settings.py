"""Settings: each wrong one is named, and its value is never shown."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from crm.errors import SettingError
from crm.settings import Settings, load_settings

WRONG = {
    "LEALUP_GOOGLE_URL": "ftp://s3cret",
    "LEALUP_CHROMA_URL": "s3cret",
    "LEALUP_BASE_URL": "http://[s3cret",
    "LEALUP_SLACK_API_URL": "https://",
    "OPENAI_BASE_URL": "http://s3cret\u2100.example",
    "LEALUP_MODEL": "s3cret",
    "LEALUP_SECRET_KEY": "s3cret",
    "LEALUP_BACKFILL_DAYS": "s3cret",
    "LEALUP_POLL_SECONDS": "0",
    "LEALUP_UNITS_PER_MINUTE": "-1",
    "LEALUP_LOG_LEVEL": "s3cret",
}


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in list(os.environ):
        if name.startswith(("LEALUP_", "OPENAI_", "SLACK_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def _settings(**given: object) -> Settings:
    return Settings(**{"_env_file": None, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(("variable", "value"), WRONG.items())
def test_a_wrong_setting_is_named_and_its_value_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingError) as caught:
        load_settings()
    assert variable in caught.value.sentence
    assert "s3cret" not in f"{caught.value.for_user()} {caught.value}"
    assert caught.value.__cause__ is None
    assert caught.value.exit_code == 2


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LEALUP_POLL_SECONDS=7\nLEALUP_BACKFILL_DAYS=30\nOPENAI_API_KEY=k\nUNKNOWN=1\n")
    monkeypatch.setenv("LEALUP_POLL_SECONDS", "9")
    found = load_settings()
    assert (found.poll_seconds, found.backfill_days, found.chosen_model) == (9, 30, "openai:gpt-4o-mini")


def test_defaults_need_nothing(tmp_path: Path) -> None:
    found = load_settings()
    assert found.chosen_model == "offline"
    assert found.sql_url.startswith("sqlite:///") and found.sql_url.endswith("/.lealup/lealup.db")
    assert found.home.is_absolute()
    assert found.quota_per_minute == 6000


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_postgresql_by_any_of_its_names(scheme: str) -> None:
    assert _settings(database_url=f"{scheme}://u:p@h/d").sql_url == "postgresql+psycopg://u:p@h/d"


def test_a_trailing_slash_is_not_part_of_an_address() -> None:
    assert _settings(google_url="http://127.0.0.1:8080/").google_url == "http://127.0.0.1:8080"


def test_a_model_named_wins_over_a_key() -> None:
    assert _settings(openai_api_key="k", model="offline").chosen_model == "offline"
    assert _settings(openai_api_key="k", model="openai:gpt-4o").chosen_model == "openai:gpt-4o"


def test_google_without_a_client_says_which_variables() -> None:
    with pytest.raises(SettingError, match="LEALUP_GOOGLE_CLIENT_ID"):
        _ = _settings().oauth_client
    assert _settings(google_url="http://127.0.0.1:1").oauth_client == ("sandbox-client", "sandbox-secret")
    assert _settings(google_client_id="a", google_client_secret="b", google_url="http://h").oauth_client == ("a", "b")


def test_a_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    settings = _settings(home=tmp_path / "home")
    found: list[list[str]] = []
    threads = [threading.Thread(target=lambda: found.append(settings.encryption_keys())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len({tuple(keys) for keys in found}) == 1
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["secret.key"]
    assert stat.S_IMODE((tmp_path / "home" / "secret.key").stat().st_mode) == 0o600


def test_several_keys_rotate() -> None:
    first, second = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    assert _settings(secret_key=f"{second}, {first},").encryption_keys() == [second, first]


def test_no_secret_in_a_settings_repr() -> None:
    shown = repr(_settings(openai_api_key="s3cret", google_client_secret="s3cret", slack_bot_token="s3cret",
                           slack_signing_secret="s3cret", slack_app_token="s3cret",
                           secret_key=(key := Fernet.generate_key().decode())))  # fmt: skip
    assert "s3cret" not in shown
    assert key not in shown


@pytest.mark.parametrize(("project", "limit"), [("new", 6_000), ("old", 15_000)])
def test_the_quota_is_googles_for_such_a_project(project: str, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEALUP_GOOGLE_URL", raising=False)
    monkeypatch.setenv("LEALUP_GOOGLE_PROJECT", project)
    assert Settings(_env_file=None).quota_per_minute == limit  # type: ignore[call-arg]
    monkeypatch.setenv("LEALUP_UNITS_PER_MINUTE", "4200")
    assert Settings(_env_file=None).quota_per_minute == 4200  # type: ignore[call-arg]
