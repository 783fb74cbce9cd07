"""Gmail's search language, through messages.list of the real client."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from tests.sandbox.gmail.conftest import ANA, NOW, Start, mail


def _invoice() -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Cc"] = "João <joao@Globex.example>", ANA, "cfo@globex.example"
    message["Subject"], message["Date"] = "Fatura de março", "Mon, 02 Nov 2026 10:00:00 +0000"
    message["Message-ID"], message["X-Gmail-Labels"] = "<invoice@globex.example>", "Inbox,Unread,Key Accounts"
    message.set_content("Em anexo a renovação anual.")
    message.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="fatura-2026.pdf")
    return message.as_bytes()


_MAILS = {
    "invoice": _invoice(),
    "hello": mail(date=NOW - timedelta(days=3), text="We may cancel the annual plan."),
    "sent": mail(ANA, "carla@acme.example", "Re: Hello", date=NOW - timedelta(days=2), Bcc="boss@lealup.example"),
    "old": mail("dan@initech.example", subject="Kick-off", date=NOW - timedelta(days=400)),
    "spam": mail("win@lottery.example", subject="Prize", date=NOW - timedelta(days=4), X_Gmail_Labels="SPAM"),
    "trash": mail("dan@initech.example", subject="Gone", date=NOW - timedelta(days=5), X_Gmail_Labels="TRASH"),
    "draft": mail(ANA, "carla@acme.example", "Draft", date=NOW - timedelta(days=6), X_Gmail_Labels="DRAFT"),
    "starred": mail("eva@acme.example", subject="Star", date=NOW - timedelta(days=7), X_Gmail_Labels="INBOX,STARRED"),
}
_HOUR_AGO = int((NOW - timedelta(days=2, hours=1)).timestamp())


Found = Callable[..., list[str]]


@pytest.fixture
def found(start: Start) -> Found:
    sandbox = start({ANA: list(_MAILS.values())})
    users = sandbox.gmail(ANA)
    names = {raw: name for name, raw in _MAILS.items()}
    by_id = sandbox.store.mailbox(ANA).messages

    def run(q: str, **more: Any) -> list[str]:
        answer = users.messages().list(userId="me", q=q, **more).execute()
        return [names[by_id[entry["id"]].raw] for entry in answer.get("messages", [])]

    return run


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("", "invoice sent hello draft starred old"),
        ("from:acme.example", "hello starred"),
        ("from:carla@acme.example", "hello"),
        ("from:CARLA", "hello"),
        ("from:joão", "invoice"),
        ("from:joao@globex.example", "invoice"),
        ("from:me", "sent draft"),
        ("to:carla@acme.example", "sent draft"),
        ("cc:cfo@globex.example", "invoice"),
        ("bcc:boss@lealup.example", "sent"),
        ("subject:hello", "sent hello"),
        ('subject:"kick-off"', "old"),
        ("subject:(fatura março)", "invoice"),
        ("after:2026/11/01", "invoice sent"),
        ("after:2026-11-01 before:2026/11/02", "sent"),
        (f"after:{_HOUR_AGO}", "invoice sent"),
        (f"before:{_HOUR_AGO} in:inbox", "hello starred old"),
        ("newer_than:2d", "invoice sent"),
        ("older_than:1y", "old"),
        ("older_than:6m", "old"),
        ("in:sent", "sent"),
        ("in:drafts", "draft"),
        ("in:trash", "trash"),
        ("in:spam", "spam"),
        ("in:anywhere from:initech.example", "trash old"),
        ("label:key-accounts", "invoice"),
        ("label:inbox -in:starred", "invoice hello old"),
        ("is:unread", "invoice"),
        ("is:starred", "starred"),
        ("has:attachment", "invoice"),
        ("filename:pdf", "invoice"),
        ("filename:fatura-2026.pdf", "invoice"),
        ("rfc822msgid:invoice@globex.example", "invoice"),
        ("rfc822msgid:<invoice@globex.example>", "invoice"),
        ("annual", "hello"),
        ("renovacao", "invoice"),
        ('"cancel the annual"', "hello"),
        ('"annual cancel"', ""),
        ("cancel OR renovação", "invoice hello"),
        ("{cancel renovação}", "invoice hello"),
        ("{from:dan from:eva}", "starred old"),
        ("from:(dan OR eva)", "starred old"),
        ("from:{dan eva}", "starred old"),
        ("-from:acme.example in:inbox", "invoice old"),
        ("in:inbox -{from:dan from:eva}", "invoice hello"),
        ("(from:carla OR from:dan) -subject:kick-off", "hello"),
        ("from:carla subject:prize", ""),
        ("label:nothing-like-this", ""),
    ],
)
def test_finds_newest_first(found: Found, q: str, names: str) -> None:
    assert found(q) == names.split()


@pytest.mark.parametrize(
    "q",
    ["size:5m", "frm:carla", "in:nowhere", "is:happy", "has:everything", "after:tomorrow", "newer_than:3w", "from:",
     "(a", '"a', "a)", "OR a", "a OR", "{}"],
)  # fmt: skip
def test_what_is_not_understood_fails_loudly(found: Found, q: str) -> None:
    with pytest.raises(HttpError, match="Invalid query") as refused:
        found(q)
    assert refused.value.resp.status == 400


def test_spam_and_trash_are_hidden_unless_asked_for(found: Found) -> None:
    assert {"spam", "trash"} <= set(found("", includeSpamTrash=True))
    assert found("", labelIds=["TRASH"]) == ["trash"]
    assert found("from:acme.example", labelIds=["INBOX", "STARRED"]) == ["starred"]
