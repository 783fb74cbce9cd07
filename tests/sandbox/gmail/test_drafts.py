"""Drafts, and moving mail, with a client that may modify."""

import base64
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from tests.sandbox.gmail.conftest import ANA, BOB, READONLY, Start, mail

MODIFY = "https://www.googleapis.com/auth/gmail.modify"
FULL = "https://mail.google.com/"


def _draft(raw: bytes, **message: str) -> dict[str, Any]:
    return {"message": {"raw": base64.urlsafe_b64encode(raw).decode(), **message}}


def _ids(users: Any, **query: Any) -> list[str]:
    return [entry["id"] for entry in users.messages().list(userId="me", **query).execute().get("messages", [])]


def test_a_draft_is_kept_then_sent_under_a_new_id(start: Start) -> None:
    sandbox = start()
    users = sandbox.gmail(ANA, MODIFY)
    draft = users.drafts().create(userId="me", body=_draft(mail(ANA, BOB, "Later"))).execute()
    assert [entry["id"] for entry in users.drafts().list(userId="me").execute()["drafts"]] == [draft["id"]]
    shown = users.drafts().get(userId="me", id=draft["id"], format="minimal").execute()
    assert shown["message"]["labelIds"] == ["DRAFT"]
    cursor = users.getProfile(userId="me").execute()["historyId"]
    sent = users.drafts().send(userId="me", body={"id": draft["id"]}).execute()
    assert sent["labelIds"] == ["SENT"]
    assert sent["id"] != draft["message"]["id"]
    assert _ids(users) == [sent["id"]]
    assert len(_ids(sandbox.gmail(BOB, READONLY))) == 1
    history = users.history().list(userId="me", startHistoryId=cursor).execute()["history"]
    assert [key for record in history for key in record if key.startswith("messages") and key != "messages"] == [
        "messagesAdded",
        "messagesDeleted",
    ]


def test_a_draft_in_a_thread_is_sent_into_it(start: Start) -> None:
    users = start({ANA: [mail(subject="Renewal", Message_ID="<r@acme>")], BOB: []}).gmail(ANA, MODIFY)
    thread = users.threads().list(userId="me").execute()["threads"][0]["id"]
    reply = mail(ANA, BOB, "Re: Renewal", References="<r@acme>")
    draft = users.drafts().create(userId="me", body=_draft(reply, threadId=thread)).execute()
    assert draft["message"]["threadId"] == thread
    assert users.drafts().send(userId="me", body={"id": draft["id"]}).execute()["threadId"] == thread


def test_a_draft_is_deleted_and_unknown_ones_are_404(start: Start) -> None:
    users = start().gmail(ANA, MODIFY)
    draft = users.drafts().create(userId="me", body=_draft(mail(ANA, BOB))).execute()
    users.drafts().delete(userId="me", id=draft["id"]).execute()
    assert _ids(users) == []
    with pytest.raises(HttpError, match="404"):
        users.drafts().get(userId="me", id=draft["id"]).execute()
    with pytest.raises(HttpError, match="404"):
        users.drafts().create(userId="me", body=_draft(mail(ANA, BOB), threadId="1" * 16)).execute()


def test_a_draft_sent_elsewhere_keeps_its_id_and_changes_its_labels(start: Start) -> None:
    sandbox = start()
    draft = sandbox.post("draft", mail(ANA, BOB, "By hand"), mailbox=ANA)
    users = sandbox.gmail(ANA, READONLY)
    cursor = users.getProfile(userId="me").execute()["historyId"]
    sandbox.post("labels", {"mailbox": ANA, "id": draft["id"], "add": ["SENT"], "remove": ["DRAFT"]})
    history = users.history().list(userId="me", startHistoryId=cursor).execute()["history"]
    assert history[0]["labelsAdded"][0]["labelIds"] == ["SENT"]
    assert history[1]["labelsRemoved"][0]["labelIds"] == ["DRAFT"]
    assert history[1]["labelsRemoved"][0]["message"]["id"] == draft["id"]


def test_trash_and_back_and_gone_for_good(start: Start) -> None:
    sandbox = start({ANA: [mail()]})
    users = sandbox.gmail(ANA, FULL)
    (id_,) = _ids(users)
    assert users.messages().trash(userId="me", id=id_).execute()["labelIds"] == ["TRASH"]
    assert _ids(users) == []
    assert _ids(users, includeSpamTrash=True) == _ids(users, q="in:trash") == [id_]
    users.messages().untrash(userId="me", id=id_).execute()
    assert _ids(users) == [id_]
    users.messages().delete(userId="me", id=id_).execute()
    assert _ids(users, q="in:anywhere") == []
    with pytest.raises(HttpError, match="404"):
        users.messages().get(userId="me", id=id_).execute()


def test_labels_are_changed_only_with_the_scope_and_only_to_known_ones(start: Start) -> None:
    sandbox = start({ANA: [mail()]})
    users = sandbox.gmail(ANA, MODIFY)
    (id_,) = _ids(users)
    body = {"addLabelIds": ["STARRED"], "removeLabelIds": ["INBOX"]}
    assert users.messages().modify(userId="me", id=id_, body=body).execute()["labelIds"] == ["STARRED"]
    with pytest.raises(HttpError, match="Invalid label: NOPE"):
        users.messages().modify(userId="me", id=id_, body={"addLabelIds": ["NOPE"]}).execute()
    with pytest.raises(HttpError, match="insufficient authentication scopes"):
        sandbox.gmail(ANA, READONLY).messages().modify(userId="me", id=id_, body=body).execute()
