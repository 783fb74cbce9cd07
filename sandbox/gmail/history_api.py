"""users.history.list."""

from itertools import islice

from sandbox.gmail.call import Context, Json
from sandbox.gmail.errors import invalid_argument, not_found
from sandbox.gmail.history import Change
from sandbox.gmail.paging import invalid_page_token

PARAMS = frozenset({"startHistoryId", "historyTypes", "labelId", "maxResults", "pageToken"})
_KINDS = {
    "messageAdded": "messagesAdded",
    "messageDeleted": "messagesDeleted",
    "labelAdded": "labelsAdded",
    "labelRemoved": "labelsRemoved",
}


def list_(context: Context) -> Json:
    """Changes after `startHistoryId`, oldest first; 404 when that is forgotten, or was never reached."""
    params, history = context.params, context.mailbox.history
    start = params.text("startHistoryId")
    if not start.isdecimal():
        raise invalid_argument("Missing or invalid startHistoryId", reason="invalid", location="startHistoryId")
    if not history.floor <= int(start) <= history.current:
        raise not_found()
    token = params.text("pageToken")
    if token and not token.isdecimal():
        raise invalid_page_token()
    size = params.page_size(100)
    kinds, label = _kinds(params.all("historyTypes")), params.text("labelId")
    found = (
        change
        for change in history.since(max(int(start), int(token or 0)))
        if change.kind in kinds and (not label or label in change.labels or label in change.changed)
    )
    page = list(islice(found, size + 1))
    answer: Json = {"history": [_record(change) for change in page[:size]]} if page else {}
    if len(page) > size:
        answer["nextPageToken"] = str(page[size - 1].id)
    return answer | {"historyId": str(history.current)}


def _kinds(asked: list[str]) -> frozenset[str]:
    for kind in asked:
        if kind not in _KINDS:
            raise invalid_argument(f"Invalid value at 'history_types', {kind!r}", reason="invalid")
    return frozenset(_KINDS[kind] for kind in asked or _KINDS)


def _record(change: Change) -> Json:
    reference = {"id": change.message_id, "threadId": change.thread_id}
    entry: Json = {"message": reference | {"labelIds": sorted(change.labels)}}
    if change.changed:
        entry["labelIds"] = list(change.changed)
    return {"id": str(change.id), "messages": [reference], change.kind: [entry]}
