"""The scenario the suites run on: always the same mailbox, told from one fixed instant in the past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import sandbox.scenario
from sandbox.scenario.builder import build
from sandbox.scenario.letters import write_letters
from sandbox.scenario.schedule import TIMEZONE, anchor_instant
from sandbox.scenario.story import Noise, load_noise, load_story

AT = anchor_instant("2026-05-22", datetime.fromisoformat("2026-05-22T18:00:00+00:00"))
"""A Friday, 18:00 in Madrid: "this week" is five working days long."""


@dataclass(frozen=True, kw_only=True)
class ScenarioFolder:
    """A written scenario: who connects, and where the mailbox and the two tables are."""

    user: str
    alias: str
    workspace: str
    timezone: str
    mailbox: Path
    customers: Path
    contacts: Path


def write_scenario(out: Path) -> ScenarioFolder:
    """Write the mailbox and the tables below `out`. Raises `StoryError` for unsound story files."""
    from sandbox.scenario.builder import WORKSPACE
    from sandbox.scenario.people import CSM_ADDRESS, CSM_ALIAS

    build(out, AT)
    return ScenarioFolder(
        user=CSM_ADDRESS,
        alias=CSM_ALIAS,
        workspace=WORKSPACE,
        timezone=TIMEZONE,
        mailbox=out / "mailbox",
        customers=out / "customers.csv",
        contacts=out / "contacts.csv",
    )


@cache
def gold_mails() -> Mapping[str, str]:
    """The Message-ID of every mail by its key, `<story>-<thread>-<number>` as in the mailbox's file names."""
    data = Path(sandbox.scenario.__file__).parent
    files: dict[str, Noise] = {path.stem: load_story(path) for path in sorted((data / "stories").glob("*.yaml"))}
    files["noise"] = load_noise(data / "noise.yaml")
    return {letter.key: letter.message_id for letter in write_letters(files, AT)}


@cache
def customer_names() -> frozenset[str]:
    """The names of the scenario's customers, as the assistant shows them."""
    stories = (Path(sandbox.scenario.__file__).parent / "stories").glob("*.yaml")
    return frozenset(load_story(path).customer.name for path in stories)
