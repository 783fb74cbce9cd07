"""An alert's message: why, which mails, and what its owner can do; and what it becomes afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from crm.alerts.alert import Alert, State
from crm.health.wording import Language
from crm.mails import StoredMail
from slack_app.blocks.text import (
    Block,
    Message,
    button,
    clip,
    context,
    escape,
    gmail_link,
    mrkdwn,
    pack,
    plain,
    sections,
    sentence,
)

SNOOZE, DISMISS, OPEN = "alert_snooze", "alert_dismiss", "alert_open"
MOST_MAILS = 3
MOST_LINES = 20
_CHOICES = (("1 day", "1d"), ("Next business day", "business-day"), ("1 week", "1w"))


@dataclass(frozen=True, kw_only=True)
class Snooze:
    """What a choice of the snooze menu carries."""

    alert_id: int
    until: str

    def encode(self) -> str:
        return f"{self.alert_id}.{self.until}"

    @classmethod
    def decode(cls, value: str) -> Snooze:
        alert_id, _, until = value.partition(".")
        return cls(alert_id=int(alert_id), until=until)


def alert_card(
    alert: Alert, mails: Sequence[StoredMail], *, base_url: str, zone: ZoneInfo, language: Language
) -> Message:
    """An open alert with Snooze, Dismiss and Open. Of `mails` the latest are named; their text is shown, never run."""
    head = f"*{escape(alert.title(language))} · {escape(alert.customer)}*"
    why = alert.text(language)
    blocks: list[Block] = sections(f":rotating_light: {head}\n{escape(why)}")
    blocks += [context(_mail(held, alert, zone)) for held in mails[-MOST_MAILS:]]
    blocks.append(context(f"Owner: {escape(alert.owner or 'nobody yet')}"))
    value = str(alert.id)
    blocks.append(
        {
            "type": "actions",
            "elements": [
                _snooze_menu(alert.id),
                button("Dismiss", DISMISS, value),
                button("Open", OPEN, value, url=f"{base_url}/alerts?alert={alert.id}"),
            ],
        }
    )
    return Message(text=escape(f"{alert.title(language)}: {why}"), blocks=tuple(blocks))


def alert_list(alerts: Sequence[Alert], *, base_url: str, language: Language) -> Message:
    """Many at once, such as after a mailbox was connected: one line each, and where they can be handled."""
    lines = [f"*{len(alerts)} new alerts*"]
    lines += [f"• *{escape(held.title(language))}* · {escape(held.text(language))}" for held in alerts[:MOST_LINES]]
    if len(alerts) > MOST_LINES:
        lines.append(f"… and {len(alerts) - MOST_LINES} more")
    blocks: list[Block] = [{"type": "section", "text": mrkdwn(piece)} for piece in pack(lines)]
    blocks.append({"type": "actions", "elements": [button("Open", OPEN, "list", url=f"{base_url}/alerts")]})
    return Message(text=f"{len(alerts)} new alerts", blocks=tuple(blocks))


def handled_alert(alert: Alert, state: State, *, zone: ZoneInfo, language: Language) -> Message:
    """The message of an alert that is snoozed, dismissed or over: no buttons."""
    head = f"*{escape(alert.title(language))} · {escape(alert.customer)}*\n{escape(alert.text(language))}"
    by = f" by {alert.handled_by}" if alert.handled_by else ""
    match state:
        case "snoozed" if alert.snoozed_until is not None:
            until = f"{alert.snoozed_until.astimezone(zone):%Y-%m-%d %H:%M}"
            return sentence(head, escape(f"Snoozed until {until}{by}"))
        case "dismissed":
            return sentence(head, escape(f"Dismissed{by}"))
        case _:
            return sentence(head, "Resolved: the condition has ended")


def _mail(mail: StoredMail, alert: Alert, zone: ZoneInfo) -> str:
    day = f"{mail.sent_at.astimezone(zone):%Y-%m-%d}"
    who = escape(clip(mail.sender.name or mail.sender.email, 80))
    subject = gmail_link(mail.mailbox, mail.gmail_id, clip(mail.subject, 150) or "(no subject)")
    said = [f"“{clip(mark.sentence, 300)}”" for mark in mail.keywords if mark.term == alert.term and not mark.negated]
    return f"{day} · {who} · {subject}" + (f" · {escape(said[0])}" if alert.term and said else "")


def _snooze_menu(alert_id: int) -> dict[str, object]:
    return {
        "type": "static_select",
        "action_id": SNOOZE,
        "placeholder": plain("Snooze"),
        "options": [
            {"text": plain(label), "value": Snooze(alert_id=alert_id, until=until).encode()}
            for label, until in _CHOICES
        ],
    }
