"""A human at a terminal decides on a draft: the words they can type, until one of them ends it."""

from __future__ import annotations

import time
from datetime import datetime
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING

import click
import typer

from cli.commands.drafts import print_draft
from cli.countdown import undone_before
from cli.output import console
from crm.errors import DraftConflict, InputError, ModelUnavailable, PolicyRefused, SendUncertain
from gmail.compose import File
from outbox import approvals, drafts
from outbox.files import MOST_BYTES, readable

if TYPE_CHECKING:
    from crm.identity import Principal
    from wiring.app import App

_WAYS = {"shorter": "shorter", "warmer": "warmer", "english": "en", "spanish": "es", "portuguese": "pt"}
_WORDS = f"send, schedule, edit, attach, {', '.join(_WAYS)}, discard or later"


class Review:
    """One look at one draft. Every word acts on the bytes that were printed last."""

    def __init__(self, house: App, principal: Principal, draft_id: str) -> None:
        self._house, self._me = house, principal
        self._draft = self._stored(draft_id)

    def run(self) -> None:
        """Ask until the human has decided."""
        while True:
            print_draft(self._draft)
            if self._draft.status == "approved":
                console.print(f"{self._leaves()} `lealup drafts undo {self._draft.id}` takes it back.")
                return
            if self._draft.status not in ("draft", "uncertain"):
                return
            uncertain = self._draft.status == "uncertain"
            if uncertain:
                console.print(f"! {drafts.MAY_HAVE_LEFT}")
            words = "look, discard or later" if uncertain else _WORDS
            word = typer.prompt(f"Type the word: {words}", default="later").strip().lower()
            try:
                if self._done(word):
                    return
            except (DraftConflict, InputError, PolicyRefused, ModelUnavailable, SendUncertain) as error:
                console.print(f"! {error.for_user()}")
                self._draft = self._stored(self._draft.id)

    def _done(self, word: str) -> bool:
        """Do what the word says; whether that ends the review."""
        match word:
            case "send":
                return self._send()
            case "schedule":
                return self._schedule()
            case "edit":
                self._edit()
            case "attach":
                self._attach()
            case "shorter" | "warmer" | "english" | "spanish" | "portuguese":
                self._draft = self._house.assistant.reword(
                    self._me, self._draft.id, sha256=self._draft.sha256, how=_WAYS[word]
                )
            case "discard":
                with self._house.database.write() as session:
                    drafts.discard(session, self._house.clock, self._me, self._draft.id)
                console.print("Discarded.")
                return True
            case "look" if self._draft.status == "uncertain":
                self._draft = self._house.sender.look_again(self._me, self._draft.id)
                console.print(_became(self._draft))
                return True
            case "later":
                return True
        return False

    def _send(self) -> bool:
        draft = self._approve()
        if draft.send_at is not None and undone_before(draft.send_at, self._house.clock):
            with self._house.database.write() as session:
                self._draft = approvals.undo(session, self._house.clock, self._me, draft.id, sha256=draft.sha256)
            console.print("Undone: nothing was sent, and the draft waits for you.")
            return True
        try:
            now = self._house.sender.send(self._me, draft.id, sha256=draft.sha256)
        except (DraftConflict, SendUncertain):  # a worker was faster, or nobody knows
            now = self._house.sender.settled(self._me, draft.id, time.sleep)
            if now.status in ("draft", "approved"):
                raise
        self._draft = now
        console.print(_became(now))
        return now.status != "uncertain"

    def _schedule(self) -> bool:
        from outbox.schedule import parse_moment

        typed = typer.prompt(f"When, in {self._me.timezone} (2026-11-05 09:00, or 09:00)")
        moment = parse_moment(typed, self._me.zone, self._house.clock())
        self._draft = self._approve(moment)
        console.print(
            f"{self._leaves()} `lealup up` or `lealup worker` sends it and has to run then; "
            f"`lealup drafts undo {self._draft.id}` takes it back."
        )
        return True

    def _edit(self) -> None:
        text = click.edit(self._draft.text)
        if text is not None:
            with self._house.database.write() as session:
                self._draft = drafts.edit(
                    session, self._house.clock, self._me, self._draft.id, sha256=self._draft.sha256, text=text
                )

    def _attach(self) -> None:
        """A file that the human names; without a name the files that are there go."""
        named = typer.prompt("Path of the file (empty takes all files out)", default="").strip()
        files = [*drafts.files_of(self._draft), _read(Path(named))] if named else []
        with self._house.database.write() as session:
            self._draft = drafts.edit(
                session, self._house.clock, self._me, self._draft.id, sha256=self._draft.sha256, files=files,
                how="attach" if named else "detach",
            )  # fmt: skip

    def _approve(self, moment: datetime | None = None) -> drafts.Draft:
        return approvals.approve_shown(
            self._house.database, self._house.clock, self._me, self._draft.id, sha256=self._draft.sha256,
            warned=self._draft.warned, face="terminal", send_at=moment,
        )  # fmt: skip

    def _leaves(self) -> str:
        at = self._draft.send_at
        when = f"{at.astimezone(self._me.zone):%Y-%m-%d %H:%M:%S} ({self._me.timezone})" if at else "its moment"
        return f"Approved: it leaves at {when}."

    def _stored(self, draft_id: str) -> drafts.Draft:
        with self._house.database.read() as session:
            return drafts.get(session, self._me, draft_id)


def _became(draft: drafts.Draft) -> str:
    """What became of a reply that was on its way, as far as it is known."""
    match draft.status:
        case "sent":
            return f"Sent. It lies in the Sent mail of {draft.mailbox}."
        case "sending":
            return f"It is still being sent. `lealup drafts show {draft.id}` tells what became of it."
        case "discarded":
            return "It was discarded meanwhile."
        case _:
            return draft.error


def _read(path: Path) -> File:
    try:
        if path.expanduser().stat().st_size > MOST_BYTES:
            raise InputError(path.name, sentence=f"“{path.name}” has more than {readable(MOST_BYTES)}.")
        data = path.expanduser().read_bytes()
    except OSError:
        raise InputError(str(path), sentence=f"“{path.name}” can't be read.") from None
    return File(name=path.name, type=guess_type(path.name)[0] or "", data=data)
