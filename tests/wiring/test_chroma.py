"""Two processes never hold one embedded index: the second one waits, or asks the server of the first."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from crm.index.vectors import IndexUnavailable
from wiring.chroma import ChromaDoor, running_server, serving


def test_the_path_is_held_by_one_process_at_a_time(tmp_path: Path) -> None:
    waits: list[float] = []

    class Enough(Exception):
        pass

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            raise Enough

    first, second = ChromaDoor(tmp_path, ""), ChromaDoor(tmp_path, "", sleep=sleep)
    first()
    with pytest.raises(Enough):
        second()
    first.close()
    second()
    second.close()


def test_a_killed_holder_leaves_the_path_free(tmp_path: Path) -> None:
    program = (
        "import sys, os; from pathlib import Path; from wiring.chroma import ChromaDoor;"
        "ChromaDoor(Path(sys.argv[1]), '')(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False, cwd=Path(__file__).parents[2])

    door = ChromaDoor(tmp_path, "")
    door().heartbeat()
    door.close()


def test_a_note_of_a_dead_server_is_not_believed(tmp_path: Path) -> None:
    for note in ('{"url": "http://127.0.0.1:9", "pid": 1}', "{", '{"pid": 1}'):
        (tmp_path / "chroma.json").write_text(note)
        assert running_server(tmp_path) == ""


def test_a_configured_server_that_is_down_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailable) as caught:
        ChromaDoor(tmp_path, "http://127.0.0.1:9")()
    assert "LEALUP_CHROMA_URL" in caught.value.for_user()


def test_serving_lets_everybody_in_and_ends_with_its_block(tmp_path: Path) -> None:
    with serving(tmp_path, ""):
        address = running_server(tmp_path)
        assert json.loads((tmp_path / "chroma.json").read_text())["url"] == address
        for door in (ChromaDoor(tmp_path, ""), ChromaDoor(tmp_path, "")):
            door().get_or_create_collection("mail-1", embedding_function=None)
            door.close()
        with serving(tmp_path, ""):  # a second process finds it running
            assert running_server(tmp_path) == address
        assert running_server(tmp_path) == address
    assert running_server(tmp_path) == ""
    door = ChromaDoor(tmp_path, "")
    assert [held.name for held in door().list_collections()] == ["mail-1"]
    door.close()


def test_the_last_process_ends_the_server_not_the_one_that_started_it(tmp_path: Path) -> None:
    first, second = ExitStack(), ExitStack()
    first.enter_context(serving(tmp_path, ""))
    second.enter_context(serving(tmp_path, ""))
    address = running_server(tmp_path)
    door = ChromaDoor(tmp_path, "")
    client = door()

    first.close()

    assert running_server(tmp_path) == address != ""
    client.get_or_create_collection("mail-1", embedding_function=None)  # whoever was connected goes on
    second.close()
    assert running_server(tmp_path) == ""
    ChromaDoor(tmp_path, "")().heartbeat()  # and the path is free


def test_the_server_of_a_killed_process_keeps_the_path_and_is_ended_by_the_next(tmp_path: Path) -> None:
    program = (
        "import sys, os; from pathlib import Path; from wiring.chroma import serving\n"
        "with serving(Path(sys.argv[1]), ''): os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False, cwd=Path(__file__).parents[2])
    address = running_server(tmp_path)
    assert address != ""
    with (tmp_path / "chroma.lock").open("a") as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    with serving(tmp_path, ""):
        assert running_server(tmp_path) == address

    assert running_server(tmp_path) == ""
