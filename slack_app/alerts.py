"""Telling alerts in Slack: to their owner or in a channel, each occasion at most once, and keeping the messages true."""

from __future__ import annotations

import logging
import socket
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import schema
from crm.alerts import deliveries
from crm.alerts.alert import Alert, get_alert
from crm.alerts.deliveries import Due
from crm.alerts.rules import rules_of
from crm.clock import Clock
from crm.database import Database
from crm.health.policy import policy_of
from crm.mails import get_mails
from crm.trace import operation
from slack_app.blocks.alert import MOST_MAILS, alert_card, alert_list, handled_alert
from slack_app.blocks.text import Message

_log = logging.getLogger(__name__)
MANY = 5  # alerts for the same reader; more of them are one message
AT_ONCE = 20  # messages in one tick: Slack allows about one a second
TICK = 15.0  # seconds
# "It's possible some aspect of the operation succeeded": https://docs.slack.dev/reference/methods/chat.postMessage
_UNCERTAIN = frozenset({"internal_error", "fatal_error"})
_UNCERTAIN_STATUS = frozenset({500, 502, 504})


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """What became of how many alerts in one tick. `lost`: not known, or given up."""

    posted: int = 0
    failed: int = 0
    lost: int = 0
    updated: int = 0


class _NotPosted(Exception):
    """Slack does not have the message; `wait` is how long it asks to be left alone."""

    def __init__(self, error: str, wait: timedelta | None = None) -> None:
        super().__init__(error)
        self.error, self.wait = error, wait


class _Uncertain(Exception):
    """Nobody knows whether Slack has the message."""


def alerts_client(bot_token: str, api_url: str) -> WebClient:
    """A client that never repeats a request by itself: a message might then be there twice."""
    address = f"{api_url.rstrip('/')}/" if api_url else WebClient.BASE_URL
    return WebClient(token=bot_token, base_url=address, retry_handlers=[], timeout=15)


@contextmanager
def delivering(database: Database, clock: Clock, client: WebClient, base_url: str) -> Iterator[None]:
    """Deliver what is due in the background, every 15 seconds, until the block ends. Several processes may do it at once."""
    stopping = threading.Event()

    def run() -> None:
        while not stopping.is_set():
            with operation():
                try:
                    deliver_due(database, clock, client, base_url=base_url)
                except Exception:  # noqa: BLE001 – the store is away for the moment: the next tick tries again
                    _log.exception("alerts not delivered")
            stopping.wait(TICK)

    thread = threading.Thread(target=run, name="slack-alerts", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(timeout=20)


def deliver_due(database: Database, clock: Clock, client: WebClient, *, base_url: str) -> Delivered:
    """Post what is due, then bring messages up to date whose alert was handled elsewhere or is over.

    More than five for the same person or channel come as one list.
    """
    now = clock()
    with database.write() as session:
        abandoned = deliveries.give_up_abandoned(session, now)
    with database.read() as session:
        batches = _batches(
            [(held, target) for held in deliveries.due(session, now) if (target := _target(session, held))]
        )
    counts = {"posted": 0, "failed": 0, "lost": abandoned}
    for target, batch in batches[:AT_ONCE]:
        outcome, wait = _deliver(database, clock, client, batch, target, base_url)
        for name, number in outcome.items():
            counts[name] += number
        if wait is not None:
            break  # Slack asks to be left alone: the others keep their turn
    return Delivered(**counts, updated=_update(database, clock, client))


def _batches(waiting: Sequence[tuple[Due, str]]) -> list[tuple[str, list[Due]]]:
    """What goes into one message, and where: each alert by itself, or all of them where they are many."""
    there: dict[tuple[int, str], list[Due]] = {}
    for held, target in waiting:
        there.setdefault((held.workspace_id, target), []).append(held)
    found: list[tuple[str, list[Due]]] = []
    for (_, target), due in there.items():
        found += [(target, due)] if len(due) > MANY else [(target, [held]) for held in due]
    return found


def _target(session: Session, held: Due) -> str:
    """Where it is told: a channel, or the Slack user of the owner; "" when nowhere."""
    if held.rules.slack == "off":
        return ""
    if held.rules.slack == "channel":
        return held.rules.channel
    link = schema.SlackLink
    query = select(link.slack_user_id).where(link.user_id == held.user_id).order_by(link.team_id, link.slack_user_id)
    return session.scalar(query.limit(1)) or ""


def _deliver(
    database: Database, clock: Clock, client: WebClient, batch: Sequence[Due], target: str, base_url: str
) -> tuple[Counter[str], timedelta | None]:
    """How many alerts were posted, failed or lost (those that somebody else has are none), and how long Slack asks to wait."""
    with database.write() as session:
        claimed = [(held, mine) for held in batch if (mine := deliveries.claim(session, held, clock())) is not None]
    if not claimed:
        return Counter(), None
    fields = {"alerts": [held.alert_id for held, _ in claimed]}
    try:
        with database.read() as session:
            card = _card(session, [held for held, _ in claimed], base_url)
        channel, ts = _post(client, target, card)
    except _NotPosted as error:
        _log.warning("alerts not posted", extra={"fields": {**fields, "error": error.error}})
        with database.write() as session:
            again = [deliveries.failed(session, mine, error.error, clock(), wait=error.wait) for _, mine in claimed]
        return Counter("failed" if held else "lost" for held in again), error.wait
    except _Uncertain:
        _log.warning("alerts perhaps not posted", extra={"fields": fields})
        with database.write() as session:
            for _, mine in claimed:
                deliveries.unknown(session, mine)
        return Counter(lost=len(claimed)), None
    with database.write() as session:
        shown = "open" if len(claimed) == 1 else "list"
        for _, mine in claimed:
            deliveries.posted(session, mine, channel=channel, ts=ts, shown=shown)
    return Counter(posted=len(claimed)), None


def _card(session: Session, batch: Sequence[Due], base_url: str) -> Message:
    first = batch[0]
    alerts = [get_alert(session, held.workspace_id, held.alert_id) for held in batch]
    if len(alerts) > 1:
        return alert_list(alerts, base_url=base_url, language=first.rules.language)
    found = get_mails(session, first.workspace_id, alerts[0].mail_ids[-MOST_MAILS:])
    mails = sorted(found.values(), key=lambda mail: mail.sent_at)
    zone = policy_of(session, first.workspace_id).calendar.zone
    return alert_card(alerts[0], mails, base_url=base_url, zone=zone, language=first.rules.language)


def _post(client: WebClient, target: str, card: Message) -> tuple[str, str]:
    """Channel and time of the message. Raises `_NotPosted` or `_Uncertain`."""
    try:
        answer = client.chat_postMessage(channel=target, **card.as_posted())
    except SlackApiError as error:
        code, status = str(error.response.get("error")), int(error.response.status_code or 0)
        if code in _UNCERTAIN or (status in _UNCERTAIN_STATUS):
            raise _Uncertain from None
        after = error.response.headers.get("Retry-After", "")
        wait = timedelta(seconds=int(after)) if str(after).isdecimal() else None
        raise _NotPosted(code[:80], wait) from None
    except URLError as error:
        # urllib wraps what fails before the answer: only where nothing was connected is it sure that nothing was sent.
        if isinstance(error.reason, ConnectionRefusedError | socket.gaierror):
            raise _NotPosted("unreachable") from None
        raise _Uncertain from None
    except (SlackClientError, OSError):
        raise _Uncertain from None
    return str(answer["channel"]), str(answer["ts"])


def _update(database: Database, clock: Clock, client: WebClient) -> int:
    """Messages of alerts that are done: their buttons go. Doing it twice does no harm, so nothing is claimed."""
    with database.read() as session:
        found = deliveries.outdated(session, clock(), limit=AT_ONCE)
    updated = 0
    for held in found:
        with database.read() as session:
            alert = get_alert(session, held.workspace_id, held.alert_id)
            shown = handled_message(session, alert, held.workspace_id, clock())
        try:
            client.chat_update(channel=held.channel, ts=held.ts, **shown.as_update())
        except SlackApiError as error:
            _log.warning("alert's message not updated", extra={"fields": {"error": error.response.get("error")}})
            if error.response.get("error") == "ratelimited":
                break
        except (SlackClientError, OSError):
            break  # Slack is away: the next tick tries again
        else:
            updated += 1
        with database.write() as session:  # a message that Slack won't change (deleted, too old) is left alone
            deliveries.shows(session, held.channel, held.ts, held.state)
    return updated


def handled_message(session: Session, alert: Alert, workspace_id: int, now: datetime) -> Message:
    """What the message of a handled alert says."""
    zone, language = policy_of(session, workspace_id).calendar.zone, rules_of(session, workspace_id).language
    return handled_alert(alert, alert.state(now), zone=zone, language=language)
