"""The mails a list call selects: `q`, `labelIds`, `includeSpamTrash`."""

from collections.abc import Iterator

from sandbox.gmail import scopes
from sandbox.gmail.call import Context
from sandbox.gmail.errors import ApiError, invalid_argument
from sandbox.gmail.labels import HIDDEN
from sandbox.gmail.message import Message
from sandbox.gmail.paging import key_of
from sandbox.gmail.query import QueryError
from sandbox.gmail.search import compile_query

PARAMS = frozenset({"q", "labelIds", "includeSpamTrash", "maxResults", "pageToken"})


def selected(context: Context, *, always: frozenset[str] = frozenset()) -> Iterator[Message]:
    """Matching messages after the page token, newest first. `always` are labels every one must have."""
    params = context.params
    text = params.text("q")
    if text and not context.scopes & scopes.READS_DRAFTS:
        raise ApiError(403, "Metadata scope does not support 'q' parameter", reason="forbidden")
    labels = frozenset(params.all("labelIds")) | always
    for label in labels:
        if label not in context.mailbox.labels.names():
            raise invalid_argument(f"Invalid label: {label}")
    try:
        search = compile_query(text, context.mailbox, context.store.clock.now())
    except QueryError as error:
        raise invalid_argument(f"Invalid query: {error}", location="q") from None
    with_hidden = params.flag("includeSpamTrash") or bool(labels & HIDDEN)
    found = search.run(context.mailbox, before=key_of(params), with_hidden=with_hidden)
    return (message for message in found if labels <= message.labels)
