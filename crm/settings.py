"""Settings, read once from the environment and `.env`; lower code gets plain values."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from crm.errors import SettingError
from crm.key_file import read_keys

# https://developers.google.com/workspace/gmail/api/reference/quota; what a method costs is in gmail.quota
_LIMITS = {"new": 6_000, "old": 15_000}


class Settings(BaseSettings):
    """Every variable of `.env.example`; names are LEALUP_<FIELD> unless an alias says otherwise."""

    model_config = SettingsConfigDict(
        env_prefix="LEALUP_", env_file=".env", extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    home: Path = Path("~/.lealup")
    database_url: str = Field(default="", repr=False)
    chroma_url: str = ""
    google_url: str = ""
    google_client_id: str = ""
    google_client_secret: str = Field(default="", repr=False)
    model: str = ""
    answer_seconds: int = Field(default=180, ge=1, le=3600)
    answer_tokens: int = Field(default=100_000, ge=2_000)
    secret_key: str = Field(default="", repr=False)
    base_url: str = "http://127.0.0.1:8501"
    backfill_days: int = Field(default=90, ge=1, le=365)
    poll_seconds: int = Field(default=60, ge=1)
    attachment_megabytes: int = Field(default=10, ge=1, le=25)
    google_project: Literal["new", "old"] = "new"
    units_per_minute: int = Field(default=0, ge=0)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "WARNING"
    slack_api_url: str = ""
    openai_api_key: str = Field(default="", repr=False, validation_alias="OPENAI_API_KEY")
    openai_base_url: str = Field(default="", validation_alias="OPENAI_BASE_URL")
    slack_bot_token: str = Field(default="", repr=False, validation_alias="SLACK_BOT_TOKEN")
    slack_app_token: str = Field(default="", repr=False, validation_alias="SLACK_APP_TOKEN")
    slack_signing_secret: str = Field(default="", repr=False, validation_alias="SLACK_SIGNING_SECRET")

    @field_validator("home")
    @classmethod
    def _expand(cls, home: Path) -> Path:
        return home.expanduser().resolve()

    @field_validator("google_url", "chroma_url", "base_url", "slack_api_url", "openai_base_url")
    @classmethod
    def _is_url(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            usable = not url or (parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0)
        except ValueError:  # its message may hold the address
            usable = False
        if not usable:
            raise ValueError("is not an http(s) address")
        return url.rstrip("/")

    @field_validator("model")
    @classmethod
    def _known_model(cls, model: str) -> str:
        if model and model != "offline" and not (model.startswith("openai:") and len(model) > len("openai:")):
            raise ValueError("must be `offline` or `openai:<name>`")
        return model

    @field_validator("secret_key")
    @classmethod
    def _is_key(cls, key: str) -> str:
        for part in filter(None, key.split(",")):
            try:
                Fernet(part.strip())
            except ValueError:
                raise ValueError("must be a Fernet key (32 bytes, url-safe base64), or several, newest first") from None
        return key

    @property
    def sql_url(self) -> str:
        url = self.database_url or f"sqlite:///{self.home / 'lealup.db'}"
        return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)

    @property
    def jobs_url(self) -> str:
        """Where the durable jobs are kept: PostgreSQL when that is the store, else a file of their own in the home."""
        return self.sql_url if self.sql_url.startswith("postgresql") else f"sqlite:///{self.home / 'jobs.db'}"

    @property
    def chosen_model(self) -> str:
        """`offline` unless a model is named or a key is there."""
        if self.model:
            return self.model
        return "openai:gpt-4o-mini" if self.openai_api_key else "offline"

    @property
    def quota_per_minute(self) -> int:
        """Gmail's quota units a minute and user: what is set, else Google's own limit for such a project.

        A local Google has no quota unless it was given one, and then it says so itself (429).
        """
        return self.units_per_minute or (1_000_000 if self.google_url else _LIMITS[self.google_project])

    @property
    def oauth_client(self) -> tuple[str, str]:
        """Client id and secret; a local Google (LEALUP_GOOGLE_URL) has well-known ones."""
        if self.google_client_id:
            return self.google_client_id, self.google_client_secret
        if self.google_url:
            return "sandbox-client", "sandbox-secret"
        raise SettingError(
            sentence="LEALUP_GOOGLE_CLIENT_ID and LEALUP_GOOGLE_CLIENT_SECRET are not set.",
            next_step="Create an OAuth client in the Google Cloud console (docs/gmail.md) and set both.",
        )

    def encryption_keys(self) -> list[str]:
        """Fernet keys, newest first. Without LEALUP_SECRET_KEY one is made in the home, readable by its owner only."""
        if self.secret_key:
            return [part.strip() for part in self.secret_key.split(",") if part.strip()]
        return read_keys(self.key_file)

    @property
    def key_file(self) -> Path:
        """Where the keys lie unless LEALUP_SECRET_KEY names them."""
        return self.home / "secret.key"


def load_settings() -> Settings:
    """Read the environment; a wrong value raises `SettingError` naming the variable, never its value."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        variable = name if name.isupper() else f"LEALUP_{name.upper()}"
        reason = first["msg"].removeprefix("Value error, ")
        raise SettingError(str(name), sentence=f"The setting {variable} is wrong: {reason}.") from None
