"""The embedded default on mailboxes that others published: forty questions of our own with the mails that answer them.

    python -m benchmarks.real_answers                    both mailboxes, figures
    python -m benchmarks.real_answers enron -v           one, with every answer that is wrong
    python -m benchmarks.real_answers --keep /tmp/real   as well, and leaves the synced homes there to ask again

The mail is read from ../shared/data; where that is absent the script says so and measures nothing.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from agent.answer import Answer
from crm.settings import Settings
from evals.asking import ask
from evals.house import House, house_of
from evals.scenario import ScenarioFolder
from evals.understanding.real_data import ROOT, files

_QUESTIONS = Path(__file__).with_name("real_questions.yaml")
_DAYS = 365


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question answered: whether rightly, in how many seconds, and what a person needs to see why not."""

    question: str
    right: bool
    seconds: float
    answer: Answer | None


def corpora() -> dict[str, dict[str, Any]]:
    """The mailboxes with their customers and questions."""
    read: dict[str, dict[str, Any]] = yaml.safe_load(_QUESTIONS.read_text("utf-8"))
    return read


def measure(corpus: dict[str, Any], home: Path) -> list[Asked]:
    """Sync the mailbox into a house below `home` and ask every question in a conversation of its own."""
    folder = ScenarioFolder(
        user=corpus["user"],
        aliases=tuple(corpus["aliases"]),
        workspace="Real mail",
        timezone=corpus["timezone"],
        mailbox=ROOT / corpus["folder"],
        customers=_table(home / "customers.csv", ("name", "domains"), list(corpus["customers"].items())),
        contacts=_table(home / "contacts.csv", ("customer", "name", "email", "role"), []),
    )
    ids = _message_ids(corpus["folder"])
    # two years of Enron's mail are asked about; a mailbox is synced a year back at most, so the dates are read as they are
    with house_of(Settings(), folder, home, at=datetime.fromisoformat(corpus["now"]), days=_DAYS) as house:
        return [_asked(house, case["ask"], [ids[number] for number in case["gold"]]) for case in corpus["questions"]]


def _asked(house: House, question: str, gold: list[str]) -> Asked:
    started = time.monotonic()
    answer = ask(house.app.assistant, house.principal, question, None).answer
    seconds = time.monotonic() - started
    if answer is None:
        return Asked(question=question, right=False, seconds=seconds, answer=None)
    mails = house.mails([citation.message_id for citation in answer.citations])
    cited = {mail.rfc_message_id.strip("<>") for mail in mails.values()}
    right = bool(cited & set(gold)) if gold else answer.not_found
    return Asked(question=question, right=right, seconds=seconds, answer=answer)


def _message_ids(folder: str) -> dict[str, str]:
    """The Message-ID of every mail, by the number that it or the name of its file begins with."""
    found: dict[str, str] = {}
    for path in files(folder):
        head = path.read_bytes().split(b"\n\n", 1)[0].decode("latin-1")
        line = next((held for held in head.splitlines() if held.lower().startswith("message-id:")), "")
        own = line.partition(":")[2].strip().strip("<>")
        found[path.name.split(".")[0]] = own
        found[own.split(".")[0]] = own
    return found


def _table(path: Path, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="*", metavar="CORPUS")
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("--keep", type=Path)
    chosen = parser.parse_args()
    for name, corpus in corpora().items():
        if chosen.corpus and name not in chosen.corpus:
            continue
        if not files(corpus["folder"]):
            print(f"{name}: {ROOT / corpus['folder']} is not on this machine; nothing measured.")
            continue
        with tempfile.TemporaryDirectory(prefix="lealup-real-") as temporary:
            asked = measure(corpus, (chosen.keep / name if chosen.keep else Path(temporary)).resolve())
        right, slowest = sum(one.right for one in asked), max(one.seconds for one in asked)
        middle = sorted(one.seconds for one in asked)[len(asked) // 2]
        print(f"{name}: {right} of {len(asked)} right, median {middle:.2f} s, slowest {slowest:.2f} s")
        for one in asked if chosen.verbose else ():
            if not one.right:
                print(f"\n- {one.question}\n{one.answer.answer if one.answer else 'error'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
