"""Reading mails from disk, and the odd ones among them."""

import mailbox
from pathlib import Path

import pytest

from sandbox.gmail import feed
from sandbox.gmail.clock import SandboxClock
from sandbox.gmail.resource import message_json
from sandbox.gmail.rfc822 import head_of
from sandbox.gmail.store import Store
from tests.sandbox.gmail.conftest import ANA, mail

_MAILS = [mail(subject=f"S{number}", text="From here\n\nFrom there") for number in range(3)]


def test_an_mbox_gives_its_mails(tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "mails.mbox")
    for raw in _MAILS:
        box.add(raw)
    box.close()
    assert [raw.rstrip() for raw in feed.read(tmp_path / "mails.mbox")] == [raw.rstrip() for raw in _MAILS]


def test_a_maildir_gives_its_mails(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "box")
    for raw in _MAILS:
        box.add(raw)
    assert sorted(feed.read(tmp_path / "box")) == sorted(_MAILS)


def test_a_folder_gives_every_file_below_it(tmp_path: Path) -> None:
    for number, raw in enumerate(_MAILS):
        folder = tmp_path.joinpath(*["deep"] * number)
        folder.mkdir(exist_ok=True)
        (folder / f"{number}.").write_bytes(raw)
    (tmp_path / ".hidden").write_bytes(b"no mail")
    assert sorted(feed.read(tmp_path)) == sorted(_MAILS)


def test_nothing_there_is_an_error_and_an_empty_mbox_is_not(tmp_path: Path) -> None:
    with pytest.raises(feed.FeedError, match="nowhere"):
        list(feed.read(tmp_path / "nowhere"))
    (tmp_path / "empty").touch()
    assert list(feed.read(tmp_path / "empty")) == []


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\n", b"no headers at all", b"\xff\xfe\x00", b"Subject", b"From: <<<>>>\nTo: ,;,\n\nx",
        b"Date: yesterday\nReceived: nonsense\n\nx", b"Date: Mon, 99 Foo 99999 99:99:99 +9999\n\nx",
        b"Subject: =?utf-9?B?////?= =?utf-8?Q?=ZZ?=\n\nx", b"Content-Type: text/plain; charset=klingon\n\n\xe9",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n--b\n--b--", b"Content-Type: multipart/mixed\n\nx",
        b"Content-Type: text/plain; charset*0*=\xff''x; name*=utf-8'\n\nx",
        b"Content-Transfer-Encoding: base64\n\n!!!!", b"Content-Type: /\nContent-Disposition: ;;;\n\nx",
        b"Content-Type: message/rfc822\n\n" * 60,
    ],
)  # fmt: skip
def test_no_mail_is_too_broken(raw: bytes) -> None:
    store = Store(SandboxClock())
    store.add_mailbox(ANA)
    (message,) = store.load(ANA, [raw])
    for form in ("full", "metadata", "minimal", "raw"):
        assert message_json(message, form=form)["id"] == message.id
    assert isinstance(message.searchable.everything, str)


def test_the_date_is_the_mails_else_that_of_its_arrival() -> None:
    head = head_of(b"Date: ?\nReceived: from a by b; Tue, 3 Nov 2026 10:00:00 +0100\n\n")
    assert head.date_ms == 1793696400000
    assert head_of(b"Date: Tue, 3 Nov 2026 09:00:00 GMT\nReceived: x; Wed, 4 Nov 2026 09:00:00 GMT\n\n").date_ms == (
        head.date_ms
    )
    assert head_of(b"Subject: x\n\n").date_ms is None
