"""users.threads: list and get."""

from collections.abc import Iterator

from sandbox.gmail import mime
from sandbox.gmail.call import Context, Json
from sandbox.gmail.errors import not_found
from sandbox.gmail.listing import selected
from sandbox.gmail.mailbox import Mailbox
from sandbox.gmail.message import Message
from sandbox.gmail.messages_api import shown
from sandbox.gmail.paging import MANY, key_of, page_token, take
from sandbox.gmail.resource import snippet


def list_(context: Context) -> Json:
    page, has_more = take(_newest_of_each(context), context.params.page_size(100))
    answer: Json = {"threads": [_thread(context.mailbox, message.thread_id) for message in page]} if page else {}
    if has_more:
        answer["nextPageToken"] = page_token(page[-1].key)
    return answer | {"resultSizeEstimate": MANY if has_more else len(page)}


def get(context: Context) -> Json:
    id_ = context.arguments["id"]
    if id_ not in context.mailbox.threads:
        raise not_found()
    messages = [context.mailbox.messages[member] for member in context.mailbox.threads[id_]]
    history_id = max(message.history_id for message in messages)
    return {"id": id_, "historyId": str(history_id), "messages": [shown(context, message) for message in messages]}


def _newest_of_each(context: Context) -> Iterator[Message]:
    """The newest matching message of each thread; a thread whose newest came on an earlier page is not repeated."""
    before = key_of(context.params)
    seen: set[str] = set()
    for message in selected(context):
        if message.thread_id in seen:
            continue
        seen.add(message.thread_id)
        members = (context.mailbox.messages[member] for member in context.mailbox.threads[message.thread_id])
        if before is None or not any(member.key >= before for member in members):
            yield message


def _thread(mailbox: Mailbox, id_: str) -> Json:
    messages = [mailbox.messages[member] for member in mailbox.threads[id_]]
    return {
        "id": id_,
        "snippet": snippet(mime.parse(messages[-1].raw)),
        "historyId": str(max(message.history_id for message in messages)),
    }
