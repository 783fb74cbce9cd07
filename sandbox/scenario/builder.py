"""Builds the scenario's folder: the mailbox, the two tables and a description of it all."""

import json
from datetime import datetime
from pathlib import Path

from sandbox.scenario.letter import Letter
from sandbox.scenario.letters import write_letters
from sandbox.scenario.mime import mail_bytes
from sandbox.scenario.people import CSM_ADDRESS, CSM_ALIAS
from sandbox.scenario.schedule import TIMEZONE
from sandbox.scenario.story import Noise, Story, StoryError, load_noise, load_story
from sandbox.scenario.tables import contacts_csv, customers_csv

WORKSPACE = "LealUp"
_DATA = Path(__file__).parent


def build(out: Path, anchor: datetime, data: Path = _DATA) -> dict[str, object]:
    """Write the scenario into `out`, in place of an earlier one, and return what was written.

    `anchor` is an aware instant in Europe/Madrid; nothing in the mailbox is later. `data` holds `noise.yaml` and
    `stories/`. Nothing is touched before all of the data is known to be sound. Raises StoryError for unsound data
    and for an `out` that holds somebody else's mailbox, OSError when it cannot be written.
    """
    stories = {path.stem: load_story(path) for path in sorted((data / "stories").glob("*.yaml"))}
    if not stories:
        raise StoryError(f"{data / 'stories'} holds no story files.")
    files: dict[str, Noise] = {**stories, "noise": load_noise(data / "noise.yaml")}
    letters = write_letters(files, anchor)
    mails = {_file_name(number, letter): mail_bytes(letter) for number, letter in enumerate(letters, start=1)}
    description: dict[str, object] = {
        "user": CSM_ADDRESS,
        "alias": CSM_ALIAS,
        "timezone": TIMEZONE,
        "workspace": WORKSPACE,
        "at": anchor.isoformat(),
        "mails": len(mails),
        "customers": len(stories),
    }
    return _write(out, mails, list(stories.values()), anchor, description)


def _file_name(number: int, letter: Letter) -> str:
    return f"{number:04d}-{letter.sent:%Y%m%d-%H%M}-{letter.key}.eml"


def _write(
    out: Path, mails: dict[str, bytes], stories: list[Story], anchor: datetime, description: dict[str, object]
) -> dict[str, object]:
    paths = {
        "mailbox": out / "mailbox",
        "customers": out / "customers.csv",
        "contacts": out / "contacts.csv",
        "scenario": out / "scenario.json",
    }
    former = list(paths["mailbox"].iterdir()) if paths["mailbox"].is_dir() else []
    if former and not paths["scenario"].is_file():
        raise StoryError(f"{paths['mailbox']} holds files that are not a scenario's, so nothing was written.")
    paths["mailbox"].mkdir(parents=True, exist_ok=True)
    # The description goes first: from here on a half-written folder is known to be ours and may be replaced.
    paths["scenario"].write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")
    for path in former:
        path.unlink()
    for name, content in mails.items():
        (paths["mailbox"] / name).write_bytes(content)
    paths["customers"].write_text(customers_csv(stories, anchor.date()), encoding="utf-8")
    paths["contacts"].write_text(contacts_csv(stories), encoding="utf-8")
    return {**{name: str(path) for name, path in paths.items()}, "counts": _counts(description)}


def _counts(description: dict[str, object]) -> dict[str, object]:
    return {name: description[name] for name in ("mails", "customers")}
