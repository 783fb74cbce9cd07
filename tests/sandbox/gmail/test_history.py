"""history.list: what is recorded, in which order, filtered, paged, forgotten."""

from typing import Any

import pytest
from googleapiclient.errors import HttpError

from tests.sandbox.gmail.conftest import ANA, BOB, Start, mail


def _history(users: Any, start: str, **more: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        users.history().list(userId="me", startHistoryId=start, **more).execute().get("history", [])
    )
    return found


def _kinds(records: list[dict[str, Any]]) -> list[str]:
    return [key for record in records for key in record if key not in ("id", "messages")]


def test_every_change_is_recorded_in_order(start: Start) -> None:
    sandbox = start()
    users = sandbox.gmail(ANA)
    begin = users.getProfile(userId="me").execute()["historyId"]
    arrived = sandbox.post("deliver", mail())["delivered"]
    assert [entry["mailbox"] for entry in arrived] == [ANA]
    id_ = arrived[0]["id"]
    sandbox.post("labels", {"mailbox": ANA, "id": id_, "add": ["STARRED", "Key accounts"], "remove": ["UNREAD"]})
    sandbox.post("labels", {"mailbox": ANA, "id": id_, "add": ["STARRED"]})
    sandbox.post("delete", {"mailbox": ANA, "id": id_})
    records = _history(users, begin)
    assert _kinds(records) == ["messagesAdded", "labelsAdded", "labelsRemoved", "messagesDeleted"]
    ids = [int(record["id"]) for record in records]
    assert ids == sorted(set(ids))
    assert records[0]["messagesAdded"][0]["message"] == {
        "id": id_, "threadId": arrived[0]["threadId"], "labelIds": ["INBOX", "UNREAD"],
    }  # fmt: skip
    assert records[1]["labelsAdded"][0]["labelIds"] == ["Label_1", "STARRED"]
    assert records[2]["labelsRemoved"][0]["labelIds"] == ["UNREAD"]
    assert records[3]["messages"] == [{"id": id_, "threadId": arrived[0]["threadId"]}]
    assert users.getProfile(userId="me").execute()["historyId"] == records[-1]["id"]
    assert _history(users, records[-1]["id"]) == []
    with pytest.raises(HttpError, match="not found"):
        users.messages().get(userId="me", id=id_).execute()


def test_a_message_carries_the_id_of_its_last_change(start: Start) -> None:
    sandbox = start({ANA: [mail()]})
    users = sandbox.gmail(ANA)
    id_ = users.messages().list(userId="me").execute()["messages"][0]["id"]
    before = users.messages().get(userId="me", id=id_, format="minimal").execute()["historyId"]
    sandbox.post("labels", {"mailbox": ANA, "id": id_, "add": ["STARRED"]})
    assert int(users.messages().get(userId="me", id=id_, format="minimal").execute()["historyId"]) > int(before)
    assert _kinds(_history(users, before)) == ["labelsAdded"]


def test_filters_by_kind_and_label(start: Start) -> None:
    sandbox = start()
    users = sandbox.gmail(ANA)
    begin = users.getProfile(userId="me").execute()["historyId"]
    first, second = (sandbox.post("deliver", mail(subject=s))["delivered"][0]["id"] for s in ("one", "two"))
    sandbox.post("labels", {"mailbox": ANA, "id": second, "add": ["STARRED"]})
    assert _kinds(_history(users, begin, historyTypes=["labelAdded"])) == ["labelsAdded"]
    both = _history(users, begin, historyTypes=["messageAdded", "labelAdded"])
    assert _kinds(both) == ["messagesAdded", "messagesAdded", "labelsAdded"]
    starred = _history(users, begin, labelId="STARRED")
    assert [record["messages"][0]["id"] for record in starred] == [second]
    assert first != second


def test_pages_hold_every_change_once(start: Start) -> None:
    sandbox = start()
    users = sandbox.gmail(ANA)
    begin = users.getProfile(userId="me").execute()["historyId"]
    delivered = [sandbox.post("deliver", mail(subject=f"S{n}"))["delivered"][0]["id"] for n in range(7)]
    token, seen = None, list[str]()
    for _ in range(4):
        answer = users.history().list(
            userId="me", startHistoryId=begin, maxResults=2, pageToken=token
        ).execute()  # fmt: skip
        seen += [record["messages"][0]["id"] for record in answer["history"]]
        token = answer.get("nextPageToken")
    assert token is None
    assert seen == delivered


def test_a_forgotten_or_future_start_is_404_and_a_wrong_one_400(start: Start) -> None:
    sandbox = start({ANA: [mail()], BOB: []})
    ana, bob = sandbox.gmail(ANA), sandbox.gmail(BOB)
    begin = ana.getProfile(userId="me").execute()["historyId"]
    future = str(2**63)
    sandbox.post("expire-history", {"mailbox": ANA})
    for old in (begin, "1", future):
        with pytest.raises(HttpError) as expired:
            _history(ana, old)
        assert expired.value.resp.status == 404
    now = ana.getProfile(userId="me").execute()["historyId"]
    assert int(now) > int(begin)
    assert _history(ana, now) == []
    assert _history(bob, bob.getProfile(userId="me").execute()["historyId"]) == []
    for wrong in ("abc", "-1"):
        with pytest.raises(HttpError) as refused:
            _history(ana, wrong)
        assert refused.value.resp.status == 400


def test_ids_cross_a_power_of_ten_so_that_comparing_them_as_text_fails(start: Start) -> None:
    sandbox = start()
    begin = int(sandbox.get("state")["mailboxes"][ANA]["historyId"])
    for number in range(100):
        sandbox.store.deliver(mail(subject=f"S{number}"))
    end = int(sandbox.get("state")["mailboxes"][ANA]["historyId"])
    assert end > begin
    assert str(end) < str(begin)


def test_what_happens_while_a_client_pages_is_in_no_later_page_but_in_the_next_replay(start: Start) -> None:
    sandbox = start(largest_page=2)
    users = sandbox.gmail(ANA)
    begin = users.getProfile(userId="me").execute()["historyId"]
    delivered = [sandbox.post("deliver", mail(subject=f"S{n}"))["delivered"][0]["id"] for n in range(3)]
    first = users.history().list(userId="me", startHistoryId=begin, maxResults=500).execute()
    late = sandbox.post("deliver", mail(subject="late"))["delivered"][0]["id"]
    last = users.history().list(userId="me", startHistoryId=begin, pageToken=first["nextPageToken"]).execute()
    shown = [record["messages"][0]["id"] for record in (*first["history"], *last["history"])]
    assert shown == delivered
    assert "nextPageToken" not in last
    assert int(last["historyId"]) > int(first["historyId"])
    assert [record["messages"][0]["id"] for record in _history(users, first["historyId"])] == [late]


def test_an_empty_page_of_history_is_not_the_end(start: Start) -> None:
    sandbox = start()
    users = sandbox.gmail(ANA)
    begin = users.getProfile(userId="me").execute()["historyId"]
    sandbox.post("deliver", mail())
    sandbox.post("faults", [{"kind": "empty_page", "match": {"method": "history.list"}}])
    empty = users.history().list(userId="me", startHistoryId=begin).execute()
    assert "history" not in empty
    rest = users.history().list(userId="me", startHistoryId=begin, pageToken=empty["nextPageToken"]).execute()
    assert _kinds(rest["history"]) == ["messagesAdded"]
