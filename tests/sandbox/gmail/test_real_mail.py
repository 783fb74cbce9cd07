"""Real mail, as messy as it comes: every file becomes a message that can be read in every format."""

from pathlib import Path

import pytest

from sandbox.gmail import feed
from sandbox.gmail.clock import SandboxClock
from sandbox.gmail.resource import message_json
from sandbox.gmail.search import compile_query
from sandbox.gmail.store import Store
from tests.sandbox.gmail.conftest import ANA, Start

_DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


@pytest.mark.parametrize("corpus", ["enron", "spamassassin", "mime"])
def test_every_file_of_a_corpus_is_a_message(corpus: str) -> None:
    folder = _DATA / corpus
    if not folder.is_dir():
        pytest.skip(f"the corpus {corpus} is not on this machine")
    files = [file for file in folder.rglob("*") if file.is_file() and not file.name.startswith(".")]
    store = Store(SandboxClock())
    box = store.add_mailbox(ANA)
    messages = store.load(ANA, feed.read(folder))
    assert len(messages) == len(box.messages) == len(files) > 0
    for message in messages:
        assert message_json(message, form="full")["payload"]["mimeType"]
    for q in ("meeting", "has:attachment", "-from:nobody@nowhere.example"):
        matching = list(compile_query(q, box, store.clock.now()).run(box, before=None, with_hidden=False))
        assert len(matching) <= len(messages)
    assert len(matching) == len(messages)


def test_a_corpus_is_listed_whole_over_http(start: Start) -> None:
    folder = _DATA / "enron"
    if not folder.is_dir():
        pytest.skip("the corpus enron is not on this machine")
    raws = list(feed.read(folder))
    users = start({ANA: raws}).gmail(ANA)
    request, ids = users.messages().list(userId="me", maxResults=500), set[str]()
    while request is not None:
        answer = request.execute()
        ids |= {entry["id"] for entry in answer["messages"]}
        request = users.messages().list_next(request, answer)
    assert len(ids) == len(raws)
