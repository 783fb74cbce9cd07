"""Approving at a terminal: only a human who types the word, and never without a terminal."""

from __future__ import annotations

import os
import pty
import selectors
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox.gmail.store import Store
from tests.cli.conftest import Run
from tests.house import CSM

ROOT = Path(__file__).parents[2]
LEALUP = [sys.executable, "-c", "from cli.main import main; main()"]
PROMPT = "Type the word"
PROMPTS = (PROMPT, "Press Enter to undo", "When, in Europe/Madrid", "Path of the file")


@pytest.fixture
def draft_id(office: Run) -> str:
    waiting: str = office("ask", "Write a reply to Globex", "--json").json["draft_id"]
    return waiting


def at_a_terminal(*arguments: str, typed: tuple[str, ...]) -> tuple[int, str]:
    """Run a command on a pseudo-terminal and type each word when it is asked for; its exit code and its screen."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [*LEALUP, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    os.close(theirs)
    screen, words = "", list(typed)
    deadline = time.monotonic() + 180
    ready = selectors.DefaultSelector()
    ready.register(ours, selectors.EVENT_READ)
    try:
        while time.monotonic() < deadline:
            if not ready.select(1.0):
                continue
            try:
                seen = os.read(ours, 4096)
            except OSError:  # Linux: the other side is closed
                break
            if not seen:
                break
            screen += seen.decode("utf-8", "replace")
            if words and sum(map(screen.count, PROMPTS)) > len(typed) - len(words):
                os.write(ours, f"{words.pop(0)}\n".encode())
        return child.wait(timeout=90), screen
    finally:
        ready.close()
        os.close(ours)
        if child.poll() is None:
            child.kill()
            child.wait()


def sent(store: Store) -> int:
    return sum("SENT" in message.labels for message in store.mailbox(CSM).messages.values())


def test_without_a_terminal_nothing_can_be_approved(office: Run, draft_id: str, gmail_url: tuple[str, Store]) -> None:
    office("drafts", "review", draft_id).failed("Only a human at a terminal can approve a draft.")
    piped = subprocess.run(
        [*LEALUP, "drafts", "review", draft_id], input="send\n", capture_output=True, text=True, timeout=180,
        check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip

    assert piped.returncode == 2 and piped.stdout == ""
    assert "Traceback" not in piped.stderr
    assert sent(gmail_url[1]) == 0
    assert office("drafts", "show", draft_id, "--json").json["status"] == "draft"


def test_no_option_approves(office: Run, draft_id: str, gmail_url: tuple[str, Store]) -> None:
    for flag in ("--yes", "-y", "--send", "--approve", "--force"):
        office("drafts", "review", draft_id, flag).failed("See `lealup --help`.")

    assert sent(gmail_url[1]) == 0


def test_typing_send_at_a_terminal_sends_once_and_enter_undoes(
    office: Run, draft_id: str, gmail_url: tuple[str, Store]
) -> None:
    code, screen = at_a_terminal("drafts", "review", draft_id, typed=("send", ""))
    assert code == 0 and "Undone: nothing was sent" in screen, screen
    assert sent(gmail_url[1]) == 0
    code, screen = at_a_terminal("drafts", "review", draft_id, typed=("send",))

    assert code == 0, screen
    assert "To: Maria Silva <maria@globex.example>" in screen and "Sent." in screen
    assert sent(gmail_url[1]) == 1
    assert office("drafts", "show", draft_id, "--json").json["status"] == "sent"
    code, screen = at_a_terminal("drafts", "review", draft_id, typed=("send",))
    assert code == 0 and PROMPT not in screen
    assert sent(gmail_url[1]) == 1
    assert office("sync", "--json").json["stored"] == 4


def test_a_reply_is_worded_anew_gets_a_file_is_scheduled_and_taken_back(
    office: Run, draft_id: str, gmail_url: tuple[str, Store], tmp_path: Path
) -> None:
    (tmp_path / "offer.pdf").write_bytes(b"%PDF-1.7")
    words = ("spanish", "attach", str(tmp_path / "offer.pdf"), "schedule", "23:59")
    code, screen = at_a_terminal("drafts", "review", draft_id, typed=words)

    assert code == 0 and "Gracias por su mensaje" in screen, screen
    assert "23:59:00 (Europe/Madrid)" in screen
    shown = office("drafts", "show", draft_id, "--json").json
    assert [(file["name"], file["type"], file["size"]) for file in shown["attachments"]] == [
        ("offer.pdf", "application/pdf", 8)
    ]
    assert (shown["status"], shown["send_at"] is None) == ("approved", False)
    assert "Undone" in office("drafts", "undo", draft_id).out
    assert office("drafts", "show", draft_id, "--json").json["status"] == "draft"
    office("drafts", "undo", draft_id).failed("already handled")
    assert [(held["author"], held["how"]) for held in office("drafts", "versions", draft_id, "--json").json] == [
        (CSM, "attach"), ("assistant", "es"), ("assistant", "reply"),
    ]  # fmt: skip
    assert office("signature", "Vera\\nCustomer Success", "--json").json["signature"] == "Vera\nCustomer Success"
    later = office("ask", "Write a reply to Globex", "--json").json["draft_id"]
    assert office("drafts", "show", later, "--json").json["text"].endswith("\n-- \nVera\nCustomer Success\n")
    assert "no signature" in office("signature", "--clear").out
    assert sent(gmail_url[1]) == 0


def test_an_uncertain_reply_can_be_looked_for_and_put_aside(
    office: Run, draft_id: str, gmail_url: tuple[str, Store], tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "home" / "lealup.db") as connection:
        connection.execute("UPDATE drafts SET status = 'uncertain' WHERE id = ?", (draft_id,))
    connection.close()
    code, screen = at_a_terminal("drafts", "review", draft_id, typed=("send", "look", "discard"))
    seen = " ".join(screen.split())

    assert code == 0 and "Type the word: look, discard or later" in seen, screen
    assert "It may have left." in seen and "It is not in Sent mail so far." in seen
    assert office("drafts", "show", draft_id, "--json").json["status"] == "discarded"
    assert sent(gmail_url[1]) == 0


@pytest.mark.parametrize(
    ("typed", "status"), [(("later",), "draft"), (("yes", "y", ""), "draft"), (("discard",), "discarded")]
)
def test_any_other_word_sends_nothing(
    office: Run, draft_id: str, gmail_url: tuple[str, Store], typed: tuple[str, ...], status: str
) -> None:
    code, screen = at_a_terminal("drafts", "review", draft_id, typed=typed)

    assert code == 0, screen
    assert sent(gmail_url[1]) == 0
    assert office("drafts", "show", draft_id, "--json").json["status"] == status
