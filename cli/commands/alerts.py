"""`lealup alerts …`: what needs somebody's eyes, what people do about it, and when it is raised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.output import console, print_json, print_table
from crm.errors import InputError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.alerts.rules import Rules

_User = Annotated[str | None, typer.Option("--user", help="E-mail address of the user; the only one by default")]
_AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]
_Language = Annotated[str, typer.Option(help="en, es or pt; the workspace's own by default")]
_Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="silence=off, drop.points=20, threshold.below=40, negative.mails=3, silence.days=60, unanswered.hours=4, "
        "keyword.terms=cancel,competitor, language=es, slack=owner|off|channel:NAME; may be repeated",
    ),
]


def register(app: typer.Typer) -> None:
    alerts = typer.Typer(help="What needs somebody's eyes: list, snooze, dismiss, assign, rules and their preview.")
    app.add_typer(alerts, name="alerts")
    _list(alerts)
    _handling(alerts)
    _rules(alerts)
    _preview(alerts)


def _list(group: typer.Typer) -> None:
    @group.callback(invoke_without_command=True)
    def list_(
        context: typer.Context,
        customer: Annotated[str | None, typer.Option(help="Only this customer's")] = None,
        all_: Annotated[bool, typer.Option("--all", help="Those that were dismissed or are over, too")] = False,
        user: _User = None,
        language: _Language = "",
        as_json: _AsJson = False,
    ) -> None:
        """What is open or snoozed, newest first."""
        if context.invoked_subcommand is not None:
            return
        from crm.alerts.alert import list_alerts
        from crm.alerts.deliveries import told_of
        from crm.alerts.rules import rules_of
        from crm.customers import find_customer

        with opened() as house:
            principal, now = house.principal(user), house.clock()
            with house.database.read() as session:
                workspace_id = principal.workspace_id
                chosen = find_customer(session, workspace_id, customer).id if customer else None
                found = list_alerts(session, workspace_id, now, customer_id=chosen, everything=all_)
                told = told_of(session, [held.id for held in found])
                said: Any = _language(language) or rules_of(session, workspace_id).language
        if as_json:
            slack = {alert_id: held.state for alert_id, held in told.items()}
            print_json([{**held.as_json(now, said), "slack": slack.get(held.id)} for held in found])
            return
        zone = principal.zone
        print_table(
            ("id", "since", "state", "owner", "alert"),
            [
                (held.id, f"{held.opened_at.astimezone(zone):%Y-%m-%d %H:%M}", held.state(now), held.owner, held.text(said))
                for held in found
            ],
        )  # fmt: skip


def _handling(group: typer.Typer) -> None:
    @group.command()
    def snooze(
        alert_id: int,
        until: Annotated[str, typer.Option(help="1d, 1w, business-day, or an ISO date or time")],
        user: _User = None,
    ) -> None:
        """Keep an alert quiet for a while; then it is open again and told once more."""
        from crm.alerts import handling
        from crm.health.policy import policy_of

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                calendar = policy_of(session, principal.workspace_id).calendar
                moment = handling.snooze_end(until, house.clock(), calendar)
                handling.snooze(session, house.clock, principal, alert_id, moment)
        console.print(f"Alert {alert_id} is quiet until {moment.astimezone(principal.zone):%Y-%m-%d %H:%M}.")

    @group.command()
    def dismiss(alert_id: int, user: _User = None) -> None:
        """Be done with an alert: the same episode is not told again."""
        from crm.alerts import handling

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                handling.dismiss(session, house.clock, principal, alert_id)
        console.print(f"Alert {alert_id} is dismissed.")

    @group.command()
    def assign(alert_id: int, email: str, user: _User = None) -> None:
        """Give an alert to another user, who is told of it."""
        from crm.alerts import handling

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                alert = handling.assign(session, house.clock, principal, alert_id, email)
        console.print(f"Alert {alert_id} is {alert.owner}'s.")


def _rules(group: typer.Typer) -> None:
    @group.command()
    def rules(settings: _Set = None, user: _User = None, as_json: _AsJson = False) -> None:
        """When alerts are raised; with --set, change it for the workspace (admins)."""
        from crm.alerts.deliveries import unlinked
        from crm.alerts.rules import rules_of, save_rules

        with opened() as house:
            principal = house.principal(user)
            with house.database.write() as session:
                if settings:
                    wanted = _wanted(session, principal.workspace_id, settings)
                    save_rules(session, house.clock, principal, wanted)
                held = rules_of(session, principal.workspace_id)
                untold = unlinked(session, principal.workspace_id)
        if as_json:
            print_json({**held.as_json(), "without_slack": list(untold)})
        else:
            print_table(("setting", "value"), _lines(held))
            if held.slack == "owner" and untold:
                print(f"No linked Slack account, so not told there: {', '.join(untold)}. `/csm link` links one.")


def _preview(group: typer.Typer) -> None:
    @group.command()
    def preview(
        days: Annotated[int, typer.Option(min=1, max=365, help="How far back")] = 90,
        settings: _Set = None,
        user: _User = None,
        language: _Language = "",
        as_json: _AsJson = False,
    ) -> None:
        """What would have been raised lately under the rules, or under others that --set tries. Nothing is saved or told."""
        from crm.alerts.preview import preview as look_back
        from crm.alerts.rules import rules_of

        with opened() as house:
            principal = house.principal(user)
            with house.database.read() as session:
                workspace_id = principal.workspace_id
                held = rules_of(session, workspace_id)
                if settings:
                    held = _wanted(session, workspace_id, settings)
                found = look_back(session, workspace_id, held, house.clock(), days=days)
        said: Any = _language(language) or held.language
        if as_json:
            print_json({"rules": held.as_json(), **found.as_json(said)})
            return
        count = "1 alert" if len(found.fired) == 1 else f"{len(found.fired)} alerts"
        console.print(f"{count} in the last {days} days.")
        print_table(("kind", "alerts"), list(found.by_kind().items()))
        print_table(("customer", "alerts"), list(found.by_customer().items()))
        zone = principal.zone
        print_table(
            ("at", "kind", "alert"),
            [(f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}", one.kind, one.text(said)) for one in found.fired],
        )


def _wanted(session: Session, workspace_id: int, settings: list[str]) -> Rules:
    from crm.alerts.rules import changed, own_terms, rules_of

    pairs = dict(_pair(text) for text in settings)
    return changed(rules_of(session, workspace_id), pairs, own_terms(session, workspace_id))


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise InputError(text, sentence=f"“{text}” is not NAME=VALUE.")
    return name, value


def _lines(held: Rules) -> list[tuple[str, str]]:
    from crm.alerts.rules import KINDS, LIMITS

    lines: list[tuple[str, str]] = []
    for kind in KINDS:
        lines.append((kind, "on" if held.alerts_on(kind) else "off"))
        lines += [
            (name, f"{held.number(name):g} {limit.unit}")
            for name, limit in LIMITS.items()
            if name.startswith(f"{kind}.")
        ]
    slack = f"channel:{held.channel}" if held.slack == "channel" else held.slack
    terms = ",".join(held.terms) or "all"
    return [*lines, ("keyword.terms", terms), ("language", held.language), ("slack", slack)]


def _language(text: str) -> str:
    if text not in ("", "en", "es", "pt"):
        raise InputError(text, sentence="The language is en, es or pt.")
    return text
