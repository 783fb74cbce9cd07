"""users.messages: list, get, attachments, send, and moving mail."""

import base64
import binascii
import re

from sandbox.gmail import scopes, sending
from sandbox.gmail.call import Context, Json
from sandbox.gmail.errors import ApiError, invalid_argument, not_found
from sandbox.gmail.listing import selected
from sandbox.gmail.message import Message
from sandbox.gmail.paging import MANY, page_token, take
from sandbox.gmail.resource import attachment_json, message_json, reference

GET_PARAMS = frozenset({"format", "metadataHeaders"})
BODY = frozenset({
    "id", "threadId", "labelIds", "snippet", "historyId", "internalDate", "payload", "sizeEstimate", "raw",
})  # fmt: skip


def list_(context: Context) -> Json:
    page, has_more = take(selected(context), context.params.page_size(100))
    answer: Json = {"messages": [reference(message) for message in page]} if page else {}
    if has_more:
        answer["nextPageToken"] = page_token(page[-1].key)
    return answer | {"resultSizeEstimate": MANY if has_more else len(page)}


def get(context: Context) -> Json:
    return shown(context, find(context))


def attachment(context: Context) -> Json:
    return attachment_json(context.mailbox, context.arguments["messageId"], context.arguments["id"])


def send(context: Context) -> Json:
    message = sending.send(
        context.store, context.mailbox, decode_raw(context.body), thread_id=context.body.get("threadId") or None
    )
    return reference(message) | {"labelIds": sorted(message.labels)}


def modify(context: Context) -> Json:
    message = find(context)
    add, remove = (frozenset(context.body.get(name, ())) for name in ("addLabelIds", "removeLabelIds"))
    for label in add | remove:
        if label not in context.mailbox.labels.names():
            raise invalid_argument(f"Invalid label: {label}")
    context.mailbox.relabel(message, add=add, remove=remove)
    return message_json(message, form="minimal")


def trash(context: Context) -> Json:
    message = find(context)
    context.mailbox.relabel(message, add={"TRASH"}, remove={"INBOX"})
    return message_json(message, form="minimal")


def untrash(context: Context) -> Json:
    message = find(context)
    context.mailbox.relabel(message, remove={"TRASH"})
    return message_json(message, form="minimal")


def delete(context: Context) -> None:
    context.mailbox.delete(find(context))


def find(context: Context) -> Message:
    """Raises the 400 of what is no id, the 404 of an unknown or deleted message."""
    id_ = context.arguments["id"]
    if not re.fullmatch(r"[0-9a-fA-F]{1,16}", id_):
        raise invalid_argument("Invalid id value")
    message = context.mailbox.messages.get(id_.lower().rjust(16, "0"))
    if message is None:
        raise not_found()
    return message


def shown(context: Context, message: Message) -> Json:
    """The message in the format asked for, if the scopes allow it."""
    form = context.params.text("format", "full").lower()
    if form in ("full", "raw") and not context.scopes & scopes.READS_DRAFTS:
        raise ApiError(403, f"Metadata scope doesn't allow format {form.upper()}", reason="forbidden")
    return message_json(message, form=form, metadata_headers=context.params.all("metadataHeaders"))


def decode_raw(body: Json) -> bytes:
    """The RFC 822 bytes in a Message's `raw`: base64url, padded or not."""
    raw = body.get("raw")
    if not isinstance(raw, str) or not raw:
        raise invalid_argument("'raw' RFC822 payload message string or uploading message via /upload/* URL required")
    try:
        standard = raw.replace("-", "+").replace("_", "/")
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise invalid_argument("Invalid value at 'message.raw' (TYPE_BYTES), Base64 decoding failed") from None
