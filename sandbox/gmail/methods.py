"""Every API method served: its address, scopes, parameters and handler."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.gmail import drafts_api, history_api, listing, messages_api, scopes, threads_api, users_api
from sandbox.gmail.call import Context, Json

_NONE: frozenset[str] = frozenset()
_MODIFY_BODY = frozenset({"addLabelIds", "removeLabelIds"})


@dataclass(frozen=True, kw_only=True)
class Method:
    """`resource` names the answer's shape for `fields`; `params` and `body` what the call may carry."""

    name: str
    verb: str
    pattern: re.Pattern[str]
    scopes: frozenset[str]
    handler: Callable[[Context], Json | None]
    resource: str
    params: frozenset[str]
    body: frozenset[str]


def _method(
    name: str, address: str, needs: frozenset[str], handler: Callable[[Context], Json | None], resource: str,
    *, params: frozenset[str] = _NONE, body: frozenset[str] = _NONE,
) -> Method:  # fmt: skip
    """`address` is the verb and the path below the user, as `GET messages/{id}`."""
    verb, _, path = address.partition(" ")
    pattern = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", f"/gmail/v1/users/{{userId}}/{path}")
    return Method(
        name=name, verb=verb, pattern=re.compile(pattern), scopes=needs, handler=handler, resource=resource,
        params=params, body=body,
    )  # fmt: skip


METHODS: tuple[Method, ...] = (
    _method("getProfile", "GET profile", scopes.PROFILES, users_api.profile, "Profile"),
    _method("watch", "POST watch", scopes.READS_METADATA, users_api.watch, "Watch", body=users_api.WATCH_BODY),
    _method("stop", "POST stop", scopes.READS_METADATA, users_api.stop, "Empty"),
    _method(
        "messages.list", "GET messages", scopes.READS_METADATA, messages_api.list_, "MessageList",
        params=listing.PARAMS,
    ),
    _method(
        "messages.send", "POST messages/send", scopes.SENDS, messages_api.send, "Message", body=messages_api.BODY
    ),
    _method(
        "messages.get", "GET messages/{id}", scopes.READS_METADATA, messages_api.get, "Message",
        params=messages_api.GET_PARAMS,
    ),
    _method("messages.delete", "DELETE messages/{id}", scopes.DELETES, messages_api.delete, "Empty"),
    _method(
        "messages.modify", "POST messages/{id}/modify", scopes.MODIFIES, messages_api.modify, "Message",
        body=_MODIFY_BODY,
    ),
    _method("messages.trash", "POST messages/{id}/trash", scopes.MODIFIES, messages_api.trash, "Message"),
    _method("messages.untrash", "POST messages/{id}/untrash", scopes.MODIFIES, messages_api.untrash, "Message"),
    _method(
        "messages.attachments.get", "GET messages/{messageId}/attachments/{id}", scopes.READS,
        messages_api.attachment, "Body",
    ),
    _method(
        "threads.list", "GET threads", scopes.READS_METADATA, threads_api.list_, "ThreadList", params=listing.PARAMS
    ),
    _method(
        "threads.get", "GET threads/{id}", scopes.READS_METADATA, threads_api.get, "Thread",
        params=messages_api.GET_PARAMS,
    ),
    _method("labels.list", "GET labels", scopes.READS_LABELS, users_api.list_labels, "LabelList"),
    _method("labels.get", "GET labels/{id}", scopes.READS_LABELS, users_api.get_label, "Label"),
    _method(
        "history.list", "GET history", scopes.READS_METADATA, history_api.list_, "HistoryList",
        params=history_api.PARAMS,
    ),
    _method(
        "settings.sendAs.list", "GET settings/sendAs", scopes.READS_SETTINGS, users_api.list_send_as, "SendAsList"
    ),
    _method(
        "drafts.list", "GET drafts", scopes.READS_DRAFTS, drafts_api.list_, "DraftList",
        params=drafts_api.LIST_PARAMS,
    ),
    _method(
        "drafts.create", "POST drafts", scopes.WRITES_DRAFTS, drafts_api.create, "Draft", body=drafts_api.BODY
    ),
    _method("drafts.send", "POST drafts/send", scopes.WRITES_DRAFTS, drafts_api.send, "Message", body=drafts_api.BODY),
    _method(
        "drafts.get", "GET drafts/{id}", scopes.READS_DRAFTS, drafts_api.get, "Draft", params=frozenset({"format"})
    ),
    _method("drafts.delete", "DELETE drafts/{id}", scopes.WRITES_DRAFTS, drafts_api.delete, "Empty"),
)  # fmt: skip
