"""`lealup health`, `lealup scoring …`, `lealup dimensions …`: scores with their reasons, how they are made, figures from outside."""

from __future__ import annotations

from dataclasses import asdict
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import instant, opened
from cli.output import console, print_json, print_table
from crm.errors import InputError
from crm.health.wording import LANGUAGES, Language

if TYPE_CHECKING:
    from crm.health.policy import Policy
    from crm.health.report import Health

_User = Annotated[str | None, typer.Option("--user", help="E-mail address of the user; the only one by default")]
_AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]
_Language = Annotated[str, typer.Option(help="en, es or pt")]
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def register(app: typer.Typer) -> None:
    scoring = typer.Typer(help="How health is scored: weights and business hours.", no_args_is_help=True)
    dimensions = typer.Typer(help="Dimensions measured elsewhere, such as usage.", no_args_is_help=True)
    app.add_typer(scoring, name="scoring")
    app.add_typer(dimensions, name="dimensions")
    app.command()(health)
    scoring.command("show")(_show_scoring)
    scoring.command("set")(_set_scoring)
    dimensions.command("import")(_import)
    dimensions.command("list")(_list)
    dimensions.command("token")(_token)
    dimensions.command("tokens")(_tokens)
    dimensions.command("revoke")(_revoke)


def health(
    customer: Annotated[str | None, typer.Argument()] = None,
    user: _User = None,
    at: Annotated[str | None, typer.Option(help="As of this ISO date")] = None,
    language: _Language = "en",
    history: Annotated[bool, typer.Option("--history", help="The kept days and what changed on them")] = False,
    as_json: _AsJson = False,
) -> None:
    """The health score of one customer or of all, with its reasons."""
    from crm.customers import find_customer, list_customers
    from crm.health.assess import assess

    spoken = _spoken(language)
    if history:
        if customer is None:
            raise InputError(sentence="A history is one customer's.", next_step="Name the customer.")
        _history(customer, user, spoken, as_json)
        return
    with opened() as house:
        principal = house.principal(user)
        moment = instant(at, principal) or house.clock()
        with house.database.read() as session:
            workspace_id = principal.workspace_id
            chosen = (
                [find_customer(session, workspace_id, customer)] if customer else list_customers(session, workspace_id)
            )
            found = [assess(session, workspace_id, held, moment, language=spoken) for held in chosen]
    if as_json:
        shown = [one.as_json() for one in found]
        print_json(shown[0] if customer else shown)
        return
    for one in found:
        console.print(one.summary)
        if customer:
            _reasons(one, spoken)
        for flag in one.flags:
            console.print(f"  ! {flag.explanation}")


def _reasons(one: Health, language: Language) -> None:
    from crm.health.wording import dimension_name, number

    if one.arithmetic:
        console.print(f"  {one.arithmetic}")
    for dimension in one.dimensions:
        value = "N/A" if dimension.value is None else number(dimension.value, language)
        console.print(f"  {dimension_name(dimension.name, language)}: {value}")
        for part in dimension.parts:
            worth = "" if part.value is None else f"{number(part.value, language)}  "
            console.print(f"    - {worth}{part.explanation}")
    for move in one.moves:
        console.print(f"  Δ {move.explanation}")
    for side in one.responses:
        console.print(f"  - {side.explanation}")


def _history(customer: str, user: str | None, language: Language, as_json: bool) -> None:
    from crm.customers import find_customer
    from crm.health.history import changes, snapshots

    with opened() as house:
        principal = house.principal(user)
        house.refresher.run()
        with house.database.read() as session:
            held = find_customer(session, principal.workspace_id, customer)
            days = snapshots(session, held.id)
            found = changes(session, principal.workspace_id, held.id)
    if as_json:
        print_json(
            {
                "customer": held.name,
                "days": [
                    {
                        "day": day.day.isoformat(),
                        "score": day.score,
                        "band": day.band,
                        **{one.name: one.value for one in day.dimensions},
                    }
                    for day in days
                ],
                "changes": [
                    {
                        "day": one.day.isoformat(),
                        "before": one.before,
                        "after": one.after,
                        "cause": one.cause or None,
                        "mail_ids": list(one.mail_ids),
                        "explanation": one.explanation(language),
                    }
                    for one in found
                ],
            }
        )
        return
    for one in found:
        console.print(f"{one.day.isoformat()}  {one.explanation(language)}")
    if not found:
        console.print("No health was kept yet.")


def _show_scoring(user: _User = None, as_json: _AsJson = False) -> None:
    """The weights and the business hours."""
    from crm.health.policy import policy_of

    with opened() as house:
        principal = house.principal(user)
        with house.database.read() as session:
            policy = policy_of(session, principal.workspace_id)
    _print_policy(policy, as_json)


def _set_scoring(
    preset: Annotated[str | None, typer.Option(help="balanced, relationship, product_led or support_led")] = None,
    weight: Annotated[list[str] | None, typer.Option(help="A dimension's points, such as usage=40; repeatable")] = None,
    opens: Annotated[str | None, typer.Option(help="When business begins, such as 09:00")] = None,
    closes: Annotated[str | None, typer.Option(help="When it ends, such as 18:00")] = None,
    days: Annotated[str | None, typer.Option(help="Days of the week, such as mon,tue,wed,thu,fri")] = None,
    country: Annotated[
        str | None, typer.Option(help="Whose public holidays: ES, ES-MD, none; empty: the time zone's")
    ] = None,
    user: _User = None,
    as_json: _AsJson = False,
) -> None:
    """Change weights or business hours; every score of the last 90 days is computed again."""
    from crm.health.policy import PRESETS, policy_of, save_policy

    if preset is not None and preset not in PRESETS:
        raise InputError(preset, sentence=f"There is no preset “{preset}”.", next_step=f"One of: {', '.join(PRESETS)}.")
    with opened() as house:
        principal = house.principal(user)
        with house.database.write() as session:
            now = policy_of(session, principal.workspace_id)
            policy = save_policy(
                session,
                house.clock,
                principal,
                weights={**now.weights, **(PRESETS[preset] if preset else {}), **dict(map(_points, weight or []))},
                opens=_time(opens) if opens else now.calendar.opens,
                closes=_time(closes) if closes else now.calendar.closes,
                weekdays=map(_weekday, days.split(",")) if days is not None else now.calendar.weekdays,
                country=country,
            )
        house.refresher.run()
    _print_policy(policy, as_json)


def _print_policy(policy: Policy, as_json: bool) -> None:
    calendar = policy.calendar
    days = [_DAYS[day] for day in sorted(calendar.weekdays)]
    shown = {
        "preset": policy.preset,
        "weights": dict(policy.weights),
        "opens": calendar.opens.isoformat("minutes"),
        "closes": calendar.closes.isoformat("minutes"),
        "days": days,
        "timezone": calendar.zone.key,
        "holidays": calendar.country or None,
    }
    if as_json:
        print_json(shown)
        return
    weights = ", ".join(f"{name} {points:g}" for name, points in policy.weights.items())
    console.print(f"{policy.preset}: {weights}; dimensions without data are left out and their weight is shared out.")
    console.print(
        f"Business hours {shown['opens']}–{shown['closes']} ({shown['timezone']}), {', '.join(days)}; "
        f"public holidays: {shown['holidays'] or 'none'}."
    )


def _import(file: Path, user: _User = None, as_json: _AsJson = False) -> None:
    """Import figures from a CSV file: customer, dimension, value (0–100), day. Bad rows are reported by line."""
    from crm.health.feeding import import_figures
    from crm.health.policy import policy_of

    with opened() as house:
        principal = house.principal(user)
        with house.database.write() as session:
            now = house.clock()
            today = policy_of(session, principal.workspace_id).calendar.day_of(now)
            report = import_figures(session, principal.workspace_id, file, now=now, today=today)
        house.refresher.run()
    if as_json:
        print_json(asdict(report))
    else:
        console.print(f"{report.imported} figures imported.")
        for problem in report.rejected:
            console.print(f"  line {problem.line} not imported: {problem.reason}")
    if report.rejected:
        raise typer.Exit(2)


def _list(customer: str, user: _User = None, as_json: _AsJson = False) -> None:
    """The figures fed for a customer."""
    from crm.customers import find_customer
    from crm.health.feeding import figures_of

    with opened() as house:
        principal = house.principal(user)
        with house.database.read() as session:
            found = figures_of(session, find_customer(session, principal.workspace_id, customer).id)
    if as_json:
        print_json([{**asdict(held), "day": held.day.isoformat()} for held in found])
    else:
        rows = [(held.day.isoformat(), held.dimension, f"{held.value:g}", held.source) for held in found]
        print_table(("day", "dimension", "value", "source"), rows)


def _token(name: str, user: _User = None) -> None:
    """Make a token for a system that feeds figures over the API; it is shown once."""
    from crm.api_tokens import create_token

    with opened() as house:
        principal = house.principal(user)
        with house.database.write() as session:
            secret = create_token(session, house.clock, principal, name)
    typer.echo(secret)


def _tokens(user: _User = None, as_json: _AsJson = False) -> None:
    """The tokens, without their secrets."""
    from crm.api_tokens import list_tokens

    with opened() as house:
        principal = house.principal(user)
        with house.database.read() as session:
            found = list_tokens(session, principal.workspace_id)
    if as_json:
        print_json([asdict(held) for held in found])
    else:
        rows = [(str(held.id), held.name, str(held.used_at or "never")) for held in found]
        print_table(("id", "name", "last used"), rows)


def _revoke(token_id: int, user: _User = None) -> None:
    """A token works no more."""
    from crm.api_tokens import revoke_token

    with opened() as house:
        principal = house.principal(user)
        with house.database.write() as session:
            revoke_token(session, house.clock, principal, token_id)
    console.print("The token works no more.")


def _spoken(language: str) -> Language:
    if language in LANGUAGES:
        return language
    raise InputError(language, sentence="The language is en, es or pt.")


def _points(text: str) -> tuple[str, float]:
    name, _, points = text.partition("=")
    try:
        return name.strip(), float(points)
    except ValueError:
        raise InputError(text, sentence=f"“{text}” is no weight.", next_step="Write it as usage=40.") from None


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise InputError(text, sentence=f"“{text}” is no time of day.", next_step="Write it as 09:00.") from None


def _weekday(text: str) -> int:
    try:
        return _DAYS.index(text.strip().lower()[:3])
    except ValueError:
        raise InputError(text, sentence=f"“{text}” is no day of the week.", next_step="Write mon,tue,wed.") from None
