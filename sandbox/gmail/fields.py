"""Partial responses: the `fields` parameter, checked against what the API can return.

https://developers.google.com/workspace/gmail/api/guides/performance#partial-response
"""

import re
from typing import Any

from sandbox.gmail.errors import ApiError, invalid_argument

# A mask: field name -> mask of what is below it, None for all of it. Masks do not recurse.
Mask = dict[str, "Mask | None"]

_TOKEN = re.compile(r"[A-Za-z0-9_]+|[*(),/]")


def _plain(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "")


# Resource -> field -> the resource below it, empty for a value.
_RESOURCES: dict[str, dict[str, str]] = {
    "Profile": _plain("emailAddress", "messagesTotal", "threadsTotal", "historyId"),
    "MessageList": {"messages": "Message", **_plain("nextPageToken", "resultSizeEstimate")},
    "Message": {
        "payload": "Part",
        **_plain("id", "threadId", "labelIds", "snippet", "historyId", "internalDate", "sizeEstimate", "raw"),
    },
    "Part": {"headers": "Header", "body": "Body", "parts": "Part", **_plain("partId", "mimeType", "filename")},
    "Header": _plain("name", "value"),
    "Body": _plain("attachmentId", "size", "data"),
    "ThreadList": {"threads": "Thread", **_plain("nextPageToken", "resultSizeEstimate")},
    "Thread": {"messages": "Message", **_plain("id", "snippet", "historyId")},
    "LabelList": {"labels": "Label"},
    "Label": _plain(
        "id", "name", "messageListVisibility", "labelListVisibility", "type", "messagesTotal", "messagesUnread",
        "threadsTotal", "threadsUnread", "color",
    ),
    "HistoryList": {"history": "History", **_plain("nextPageToken", "historyId")},
    "History": {
        "messages": "Message", "messagesAdded": "Changed", "messagesDeleted": "Changed", "labelsAdded": "Changed",
        "labelsRemoved": "Changed", **_plain("id"),
    },
    "Changed": {"message": "Message", **_plain("labelIds")},
    "SendAsList": {"sendAs": "SendAs"},
    "SendAs": _plain(
        "sendAsEmail", "displayName", "replyToAddress", "signature", "isPrimary", "isDefault", "treatAsAlias",
        "verificationStatus",
    ),
    "Watch": _plain("historyId", "expiration"),
    "DraftList": {"drafts": "Draft", **_plain("nextPageToken", "resultSizeEstimate")},
    "Draft": {"message": "Message", **_plain("id")},
    "Empty": {},
}  # fmt: skip


def parse(text: str, resource: str) -> Mask:
    """The mask for a response of this resource. Raises an ApiError for a field it does not have."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != re.sub(r"\s", "", text):
        raise _invalid(text)
    mask, at = _list(tokens, 0, resource, text)
    if at != len(tokens):
        raise _invalid(text)
    return mask


def apply(mask: Mask, value: Any) -> Any:
    """Only what the mask names."""
    if isinstance(value, list):
        return [apply(mask, item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, below in value.items():
        if name in mask or "*" in mask:
            inner = mask[name] if name in mask else mask["*"]
            kept[name] = below if inner is None else apply(inner, below)
    return kept


def _list(tokens: list[str], at: int, resource: str, text: str) -> tuple[Mask, int]:
    mask: Mask = {}
    while True:
        name, inner, at = _field(tokens, at, resource, text)
        mask[name] = _united(mask[name], inner) if name in mask else inner
        if at >= len(tokens) or tokens[at] != ",":
            return mask, at
        at += 1


def _united(one: Mask | None, other: Mask | None) -> Mask | None:
    """`a/b,a/c` is `a(b,c)`; all of it wins."""
    if one is None or other is None:
        return None
    return {
        name: _united(one[name], other[name]) if name in one and name in other else {**one, **other}[name]
        for name in {**one, **other}
    }


def _field(tokens: list[str], at: int, resource: str, text: str) -> tuple[str, Mask | None, int]:
    if at >= len(tokens) or tokens[at] in "(),/":
        raise _invalid(text)
    name = tokens[at]
    known = _RESOURCES.get(resource, {})
    if name != "*" and name not in known:
        raise _invalid(name)
    below = known.get(name, "")
    following = tokens[at + 1] if at + 1 < len(tokens) else ""
    if following == "/":
        inner_name, inner, at = _field(tokens, at + 2, below, text)
        return name, {inner_name: inner}, at
    if following == "(":
        mask, at = _list(tokens, at + 2, below, text)
        if at >= len(tokens) or tokens[at] != ")":
            raise _invalid(text)
        return name, mask, at + 1
    return name, None, at + 1


def _invalid(selection: str) -> ApiError:
    return invalid_argument(f"Invalid field selection {selection}", reason="invalidParameter", location="fields")
