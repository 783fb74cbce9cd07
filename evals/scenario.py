"""The scenario the suites run on: always the same mailbox, told from one fixed instant in the past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import sandbox.scenario
from sandbox.scenario.builder import WORKSPACE, build
from sandbox.scenario.letters import write_letters
from sandbox.scenario.people import CSM_ADDRESS, CSM_ALIAS
from sandbox.scenario.schedule import TIMEZONE, anchor_instant
from sandbox.scenario.story import Noise, Story, load_noise, load_story

AT = anchor_instant("2026-05-22", datetime.fromisoformat("2026-05-22T18:00:00+00:00"))
"""A Friday, 18:00 in Madrid: "this week" is five working days long."""

STORIES = Path(sandbox.scenario.__file__).parent


@dataclass(frozen=True, kw_only=True)
class ScenarioFolder:
    """A written scenario: who connects, and where the mailbox and the two tables are."""

    user: str
    aliases: tuple[str, ...]
    workspace: str
    timezone: str
    mailbox: Path
    customers: Path
    contacts: Path


def write_scenario(out: Path, data: Path = STORIES) -> ScenarioFolder:
    """Write the mailbox and the tables of `data` below `out`. Raises `StoryError` for unsound story files."""
    build(out, AT, data)
    return ScenarioFolder(
        user=CSM_ADDRESS,
        aliases=(CSM_ALIAS,),
        workspace=WORKSPACE,
        timezone=TIMEZONE,
        mailbox=out / "mailbox",
        customers=out / "customers.csv",
        contacts=out / "contacts.csv",
    )


@cache
def gold_mails() -> Mapping[str, str]:
    """The Message-ID of every mail by its key, `<story>-<thread>-<number>` as in the mailbox's file names."""
    files: dict[str, Noise] = {**_stories(), "noise": load_noise(STORIES / "noise.yaml")}
    return {letter.key: letter.message_id for letter in write_letters(files, AT)}


@cache
def customer_names() -> frozenset[str]:
    """The names of the scenario's customers, as the assistant shows them."""
    return frozenset(story.customer.name for story in _stories().values())


def _stories() -> dict[str, Story]:
    return {path.stem: load_story(path) for path in sorted((STORIES / "stories").glob("*.yaml"))}
