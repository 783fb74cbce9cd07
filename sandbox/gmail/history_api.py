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
    after, until = _place(params.text("pageToken"), int(start), history.current)
    size = params.page_size(100)
    kinds, label = _kinds(params.all("historyTypes")), params.text("labelId")
    found = (
        change
        for change in history.since(after)
        if change.id <= until
        and change.kind in kinds
        and (not label or label in change.labels or label in change.changed)
    )
    page = list(islice(found, size + 1))
    answer: Json = {"history": [_record(change) for change in page[:size]]} if page else {}
    if len(page) > size:
        answer["nextPageToken"] = page_token(page[size - 1].id, until)
    return answer | {"historyId": str(history.current)}


def page_token(after: int, until: int) -> str:
    """The next page holds changes above `after`, up to where the first page saw the end.

    What happens while a client pages is in no later page, although each page tells the newest history id: a client
    that takes its cursor from the last page is found out.
    """
    return str(until << 64 | after)


def _place(token: str, start: int, current: int) -> tuple[int, int]:
    """(after, until) of the page asked for. Raises an ApiError for a token that was never handed out."""
    if not token:
        return start, current
    if not token.isdecimal():
        raise invalid_page_token()
    return max(start, int(token) & (1 << 64) - 1), int(token) >> 64


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
