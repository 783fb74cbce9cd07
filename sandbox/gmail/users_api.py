"""users: profile, labels, sendAs, watch and stop."""

import re

from sandbox.gmail.call import Context, Json
from sandbox.gmail.errors import invalid_argument, not_found
from sandbox.gmail.labels import SYSTEM

WATCH_BODY = frozenset({"topicName", "labelIds", "labelFilterAction", "labelFilterBehavior"})
_TOPIC = re.compile(r"projects/[^/]+/topics/[^/]+")
_WATCH_MS = 7 * 24 * 3600 * 1000


def profile(context: Context) -> Json:
    mailbox = context.mailbox
    return {
        "emailAddress": mailbox.email,
        "messagesTotal": len(mailbox.messages),
        "threadsTotal": len(mailbox.threads),
        "historyId": str(mailbox.history.current),
    }


def list_labels(context: Context) -> Json:
    return {"labels": [_label(id_, name) for id_, name in context.mailbox.labels.names().items()]}


def get_label(context: Context) -> Json:
    id_ = context.arguments["id"]
    name = context.mailbox.labels.names().get(id_)
    if name is None:
        raise not_found()
    messages = [message for message in context.mailbox.messages.values() if id_ in message.labels]
    unread = [message for message in messages if "UNREAD" in message.labels]
    return _label(id_, name) | {
        "messagesTotal": len(messages),
        "messagesUnread": len(unread),
        "threadsTotal": len({message.thread_id for message in messages}),
        "threadsUnread": len({message.thread_id for message in unread}),
    }


def list_send_as(context: Context) -> Json:
    mailbox = context.mailbox
    primary = {
        "sendAsEmail": mailbox.email,
        "displayName": mailbox.name,
        "replyToAddress": "",
        "signature": "",
        "isPrimary": True,
        "isDefault": True,
    }
    aliases = [
        {
            "sendAsEmail": alias,
            "displayName": mailbox.name,
            "replyToAddress": "",
            "signature": "",
            "isDefault": False,
            "treatAsAlias": True,
            "verificationStatus": "accepted",
        }
        for alias in sorted(mailbox.addresses - {mailbox.email})
    ]
    return {"sendAs": [primary, *aliases]}


def watch(context: Context) -> Json:
    """Remembered for seven days; nothing is pushed."""
    topic = context.body.get("topicName")
    if not isinstance(topic, str) or not _TOPIC.fullmatch(topic):
        raise invalid_argument(f"Invalid topicName does not match projects/*/topics/*: {topic}")
    expiration = str(context.store.clock.now_ms() + _WATCH_MS)
    context.mailbox.watch = {**context.body, "expiration": expiration}
    return {"historyId": str(context.mailbox.history.current), "expiration": expiration}


def stop(context: Context) -> None:
    context.mailbox.watch = None


def _label(id_: str, name: str) -> Json:
    if id_ in SYSTEM:
        return {"id": id_, "name": name, "type": "system"}
    return {
        "id": id_,
        "name": name,
        "messageListVisibility": "show",
        "labelListVisibility": "labelShow",
        "type": "user",
    }
