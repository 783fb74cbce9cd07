"""Opening the house for one command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from crm.errors import InputError, SettingError
from crm.identity import Principal
from crm.settings import load_settings
from crm.trace import configure_logging

if TYPE_CHECKING:
    from wiring.app import App


@contextmanager
def opened() -> Iterator[App]:
    """The app built from the environment; closed at the end of the block."""
    from wiring.app import build_app  # the graph and the indexes take a second to import; `--help` should not

    settings = load_settings()
    configure_logging(settings.log_level)
    try:
        app = build_app(settings)
    except OSError as error:
        raise SettingError(
            type(error).__name__,
            sentence="The folder of LEALUP_HOME or LEALUP_DATABASE_URL can't be used.",
            next_step="Check that it exists and that you may write there.",
        ) from None
    try:
        yield app
    finally:
        app.close()


def instant(text: str | None, principal: Principal) -> datetime | None:
    """An ISO date (its end, in the workspace's zone) or date and time; None stays None. Raises `InputError`."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(text, sentence=f"“{text}” is not an ISO date.", next_step="Write it as 2026-03-31.") from None
    if len(text) <= 10:
        moment = datetime.combine(moment.date(), time(23, 59, 59))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=principal.zone)
    return moment.astimezone(UTC)


def day_start(text: str | None, principal: Principal) -> datetime | None:
    """Like `instant`, but a bare date means its beginning."""
    if text is not None and len(text) <= 10:
        end = instant(text, principal)
        assert end is not None  # noqa: S101 (narrows the type: a text was given)
        return end.astimezone(principal.zone).replace(hour=0, minute=0, second=0).astimezone(UTC)
    return instant(text, principal)
