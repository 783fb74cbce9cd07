"""Draft cards in Slack: posting one, bringing it up to date, and telling why a click came too late."""

from __future__ import annotations

import logging
from zoneinfo import ZoneInfo

from slack_bolt import Args
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from crm.identity import Principal
from outbox import drafts
from slack_app.blocks.draft import Ref, handled_card, leaves, open_card
from slack_app.blocks.modal import Place
from slack_app.blocks.text import Message, escape, gmail_link, sentence
from slack_app.deps import Deps
from slack_app.links import SlackUser

_log = logging.getLogger(__name__)


def clicked(args: Args) -> tuple[Ref, Place]:
    """What the pressed button of a card carries, and where that card stands."""
    container = args.body["container"]
    ref = Ref.decode((args.action or {})["value"])
    return ref, Place(channel=container["channel_id"], ts=container["message_ts"])


def whisper(args: Args, message: Message) -> None:
    """Tell the one who clicked, and leave the card as it is."""
    args.respond(**message.as_posted(), response_type="ephemeral", replace_original=False)


def post_card(
    deps: Deps, client: WebClient, caller: SlackUser, principal: Principal, *, draft_id: str, thread: str
) -> None:
    """Put the card into the caller's direct messages, where it stays."""
    with deps.database.read() as session:
        draft = drafts.get(session, principal, draft_id)
    card = open_card(draft, thread=thread, base_url=deps.base_url, zone=principal.zone)
    client.chat_postMessage(channel=caller.user_id, **card.as_posted())


def update_card(
    deps: Deps, client: WebClient, place: Place, draft: drafts.Draft, *, thread: str, zone: ZoneInfo
) -> Message | None:
    """Show the draft as it is now: open with its buttons, or what became of it.

    When Slack refuses the update, what happened to the draft is still true: the message to show instead.
    """
    open_ = draft.status in ("draft", "approved", "uncertain")
    card = open_card(draft, thread=thread, base_url=deps.base_url, zone=zone) if open_ else handled_card(draft)
    try:
        client.chat_update(channel=place.channel, ts=place.ts, **card.as_update())
    except (SlackClientError, OSError) as error:
        _log.warning("card not updated", extra={"fields": {"draft": draft.id, "error": type(error).__name__}})
        return card
    return None


def conflict(deps: Deps, client: WebClient, principal: Principal, ref: Ref, place: Place) -> Message:
    """Why the click came too late, after bringing the card up to date.

    A card being sent is left alone: whoever sends it replaces it, and an update from here could come last.
    """
    with deps.database.read() as session:
        draft = drafts.get(session, principal, ref.draft_id)
    if draft.status != "sending":
        update_card(deps, client, place, draft, thread=ref.thread, zone=principal.zone)
    return sentence(_too_late(draft, ref, principal.zone))


def refreshed(deps: Deps, client: WebClient, principal: Principal, ref: Ref, place: Place) -> None:
    """Bring the card up to date: its warnings have changed."""
    with deps.database.read() as session:
        draft = drafts.get(session, principal, ref.draft_id)
    update_card(deps, client, place, draft, thread=ref.thread, zone=principal.zone)


def settle(deps: Deps, principal: Principal, thread: str) -> None:
    """Let the conversation know. The draft's fate is decided already, so a failure here is only logged."""
    if not thread:
        return
    try:
        deps.assistant.settle(principal, thread)
    except Exception:  # noqa: BLE001
        _log.exception("conversation not settled")


def _too_late(draft: drafts.Draft, ref: Ref, zone: ZoneInfo) -> str:
    match draft.status:
        case "sent":
            return f"This reply was already sent. {gmail_link(draft.mailbox, draft.gmail_id, 'Open in Gmail')}"
        case "discarded":
            return "This draft was already discarded."
        case "sending":
            return "This reply is being sent right now."
        case "approved":
            return f"This reply is approved already. {leaves(draft, zone)}"
        case "uncertain":
            return escape(draft.error)
        case _ if draft.sha256 != ref.sha256:
            return "This draft has changed since its card was shown. Review the current text, then send it."
        case _:
            return "The approval expired before the reply was sent. Press Send again."
