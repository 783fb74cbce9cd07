"""The state of the one Slack workspace: people, channels, messages, ephemerals, modals, response URLs."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

TEAM_ID, APP_ID, BOT_USER, BOT_ID = "T0001", "A0001", "UBOT", "B0001"
RESPONSE_POSTS = 5
RESPONSE_SECONDS = 30 * 60
TRIGGER_SECONDS = 3

Message = dict[str, Any]
"""A message as Slack shows it: type, user, ts, channel, text, blocks …"""


class SlackError(Exception):
    """A refusal; `code` is Slack's error string, `messages` the details of invalid blocks."""

    def __init__(self, code: str, messages: tuple[str, ...] = ()) -> None:
        super().__init__(code)
        self.code, self.messages = code, messages


@dataclass(kw_only=True)
class ResponseUrl:
    """Where the app may answer a command or a click.

    `original_ts` is the message that replace_original replaces; `replaced` says that it happened.
    """

    id: str
    user: str
    channel: str
    expires: float
    original_ts: str | None = None
    replaced: bool = False
    posts: int = 0


@dataclass(kw_only=True)
class Trigger:
    expires: float
    used: bool = False


@dataclass(kw_only=True)
class Workspace:
    """Mutable, used from one event loop. `clock` gives Unix seconds."""

    clock: Callable[[], float]
    users: dict[str, dict[str, Any]] = field(default_factory=lambda: _default_users())
    channels: dict[str, dict[str, Any]] = field(default_factory=lambda: _default_channels())
    messages: dict[str, list[Message]] = field(default_factory=dict)
    ephemerals: list[Message] = field(default_factory=list)
    views: dict[str, dict[str, Any]] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    response_posts: list[dict[str, Any]] = field(default_factory=list)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def next_id(self, prefix: str) -> str:
        return f"{prefix}{next(self._numbers):06d}"

    def user(self, user_id: str) -> dict[str, Any]:
        if user_id not in self.users:
            raise SlackError("user_not_found")
        return self.users[user_id]

    def channel(self, name: str) -> str:
        """The channel's id from an id, a #name, or a user id (their direct message with the app)."""
        if name in self.users:
            return self.direct_message(name)
        by_name = {channel["name"]: key for key, channel in self.channels.items() if channel["name"]}
        found = name if name in self.channels else by_name.get(name.removeprefix("#"))
        if found is None:
            raise SlackError("channel_not_found")
        return found

    def direct_message(self, user_id: str) -> str:
        self.user(user_id)
        channel_id = f"D{user_id.removeprefix('U')}"
        self.channels.setdefault(channel_id, {"id": channel_id, "name": "", "is_im": True, "user": user_id})
        return channel_id

    def is_member(self, channel_id: str, user_id: str) -> bool:
        return self.channels[channel_id].get("user", user_id) in (user_id, BOT_USER)

    def post(self, channel_id: str, user_id: str, content: dict[str, Any]) -> Message:
        """Adds a message everybody in the channel sees."""
        message = self._message(channel_id, user_id, content)
        self.messages.setdefault(channel_id, []).append(message)
        return message

    def post_ephemeral(self, channel_id: str, to_user: str, content: dict[str, Any]) -> Message:
        """Adds a message only `to_user` sees."""
        message = {**self._message(channel_id, BOT_USER, content), "is_ephemeral": True, "to_user": to_user}
        self.ephemerals.append(message)
        return message

    def own_message(self, channel_id: str, ts: str) -> Message:
        """A message of the app that it may update or delete; ephemerals are not among them."""
        for message in self.messages.get(channel_id, []):
            if message["ts"] == ts:
                if message["user"] != BOT_USER:
                    raise SlackError("cant_update_message")
                return message
        raise SlackError("message_not_found")

    def find(self, ts: str) -> Message | None:
        """Any message, ephemerals included."""
        return next((message for message in self._all_messages() if message["ts"] == ts), None)

    def visible_to(self, user_id: str) -> list[Message]:
        """What this user sees, oldest first."""
        seen = [
            message
            for message in self._all_messages()
            if message.get("to_user", user_id) == user_id and self.is_member(message["channel"], user_id)
        ]
        return sorted(seen, key=lambda message: float(message["ts"]))

    def edit(self, ts: str, content: dict[str, Any]) -> None:
        """Overwrites the given fields; the others stay."""
        message = self.find(ts)
        if message is not None:
            message.update(content, edited={"user": BOT_USER, "ts": self._ts()})

    def delete(self, ts: str) -> None:
        for messages in (self.ephemerals, *self.messages.values()):
            messages[:] = [message for message in messages if message["ts"] != ts]

    def open_response_url(self, user_id: str, channel_id: str, original_ts: str | None) -> ResponseUrl:
        response = ResponseUrl(
            id=self.next_id("R"),
            user=user_id,
            channel=channel_id,
            expires=self.clock() + RESPONSE_SECONDS,
            original_ts=original_ts,
        )
        self.response_urls[response.id] = response
        return response

    def open_trigger(self) -> str:
        trigger_id = self.next_id("trigger.")
        self.triggers[trigger_id] = Trigger(expires=self.clock() + TRIGGER_SECONDS)
        return trigger_id

    def use_trigger(self, trigger_id: str) -> None:
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self.clock() > trigger.expires:
            raise SlackError("expired_trigger_id")
        trigger.used = True

    def _all_messages(self) -> list[Message]:
        return [message for messages in self.messages.values() for message in messages] + self.ephemerals

    def _message(self, channel_id: str, user_id: str, content: dict[str, Any]) -> Message:
        bot = {"bot_id": BOT_ID, "app_id": APP_ID} if user_id == BOT_USER else {}
        head = {"type": "message", "user": user_id, "ts": self._ts(), "team": TEAM_ID, "channel": channel_id}
        return {**head, **bot, **content}

    def _ts(self) -> str:
        return f"{int(self.clock())}.{next(self._numbers):06d}"


def _default_users() -> dict[str, dict[str, Any]]:
    people = (
        ("U0001", "ana.torres", "Ana Torres", False),
        ("U0002", "luis.vega", "Luis Vega", False),
        (BOT_USER, "lealup", "LealUp", True),
    )
    return {key: _user(key, name, real_name, bot) for key, name, real_name, bot in people}


def _user(user_id: str, name: str, real_name: str, is_bot: bool) -> dict[str, Any]:
    profile: dict[str, Any] = {"real_name": real_name, "display_name": real_name}
    if not is_bot:
        profile["email"] = f"{name}@lealup.example"
    return {
        "id": user_id,
        "team_id": TEAM_ID,
        "name": name,
        "real_name": real_name,
        "deleted": False,
        "is_bot": is_bot,
        "tz": "Europe/Madrid",
        "locale": "en-US",
        "profile": profile,
    }


def _default_channels() -> dict[str, dict[str, Any]]:
    names = {"C0001": "general", "C0002": "csm-alerts"}
    return {key: {"id": key, "name": name, "is_im": False} for key, name in names.items()}
