"""users.drafts: list, get, create, send, delete."""

from sandbox.gmail import sending
from sandbox.gmail.call import Context, Json
from sandbox.gmail.errors import invalid_argument, not_found
from sandbox.gmail.listing import selected
from sandbox.gmail.message import Message
from sandbox.gmail.messages_api import decode_raw, shown
from sandbox.gmail.paging import MANY, page_token, take
from sandbox.gmail.resource import reference

LIST_PARAMS = frozenset({"q", "includeSpamTrash", "maxResults", "pageToken"})
BODY = frozenset({"id", "message"})


def list_(context: Context) -> Json:
    page, has_more = take(selected(context, always=frozenset({"DRAFT"})), context.params.page_size(100))
    answer: Json = {"drafts": [_draft(message) for message in page]} if page else {}
    if has_more:
        answer["nextPageToken"] = page_token(page[-1].key)
    return answer | {"resultSizeEstimate": MANY if has_more else len(page)}


def get(context: Context) -> Json:
    message = _find(context, context.arguments["id"])
    return {"id": _draft_id(message), "message": shown(context, message)}


def create(context: Context) -> Json:
    content = context.body.get("message")
    if not isinstance(content, dict):
        raise invalid_argument("Missing draft message")
    thread_id = content.get("threadId") or None
    if thread_id is not None and thread_id not in context.mailbox.threads:
        raise not_found()
    message = context.mailbox.add(
        decode_raw(content), labels={"DRAFT"}, date_ms=context.store.next_ms(), thread_id=thread_id
    )
    return _draft(message)


def send(context: Context) -> Json:
    """The draft disappears and a message with a new id is sent, as Google documents."""
    draft = _find(context, str(context.body.get("id", "")))
    is_alone = context.mailbox.threads[draft.thread_id] == [draft.id]
    sent = sending.send(context.store, context.mailbox, draft.raw, thread_id=None if is_alone else draft.thread_id)
    context.mailbox.delete(draft)
    return reference(sent) | {"labelIds": sorted(sent.labels)}


def delete(context: Context) -> None:
    context.mailbox.delete(_find(context, context.arguments["id"]))


def _find(context: Context, draft_id: str) -> Message:
    message = context.mailbox.messages.get(draft_id.removeprefix("r"))
    if message is None or "DRAFT" not in message.labels:
        raise not_found()
    return message


def _draft(message: Message) -> Json:
    return {"id": _draft_id(message), "message": reference(message)}


def _draft_id(message: Message) -> str:
    return f"r{message.id}"
