"""`python -m sandbox gmail`."""

import argparse
import sys
from pathlib import Path

from sandbox.gmail import feed
from sandbox.gmail.clock import SandboxClock
from sandbox.gmail.quota import COSTS
from sandbox.gmail.server import create_app
from sandbox.gmail.settings import Settings
from sandbox.gmail.store import Store
from sandbox.running import serve


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, default=0, help="0 (default) takes any free port")
    add(
        "--mailbox", action="append", default=[], metavar="EMAIL=PATH",
        help="a user and the mails: an mbox file, a Maildir or a folder of mails; EMAIL alone is an empty mailbox",
    )  # fmt: skip
    add("--alias", action="append", default=[], metavar="EMAIL=ALIAS", help="another address of a mailbox")
    add("--auto-consent", action="store_true", help="grant every consent request at once")
    add("--units-per-minute", type=int, metavar="N", help="quota per user (default: no limit)")
    add("--costs", choices=sorted(COSTS), default="new", help="unit prices of new or old Google projects")
    add("--cost", action="append", default=[], metavar="METHOD=UNITS", help="another price, as messages.get=20")
    add("--client-id", default=Settings.client_id)
    add("--client-secret", default=Settings.client_secret)
    add("--redirect-uri", action="append", default=[], help="allowed besides loopback addresses")


def run(args: argparse.Namespace) -> int:
    """Serves until Ctrl-C or SIGTERM. Exit code 2 when a mailbox, an option or the address is unusable."""
    try:
        store = Store(SandboxClock())
        _fill(store, args.mailbox, args.alias)
        settings = Settings(
            client_id=args.client_id,
            client_secret=args.client_secret,
            redirect_uris=tuple(args.redirect_uri),
            auto_consent=args.auto_consent,
            units_per_minute=args.units_per_minute,
            costs=COSTS[args.costs] | _prices(args.cost),
        )
    except (ValueError, OSError) as error:
        print(f"sandbox gmail: {error}", file=sys.stderr)
        return 2
    return serve(create_app(store, settings=settings), args.host, args.port, "gmail")


def _fill(store: Store, mailboxes: list[str], aliases: list[str]) -> None:
    """Aliases come first: they decide which mails the user sent."""
    paths: dict[str, list[Path]] = {}
    for option in mailboxes:
        email, separator, path = option.partition("=")
        if "@" not in email:
            raise ValueError(f"--mailbox takes EMAIL=PATH, not {option!r}")
        store.add_mailbox(email)
        paths.setdefault(email, []).extend([Path(path)] if separator else [])
    for option in aliases:
        email, _, alias = option.partition("=")
        if email.lower() not in store.mailboxes or "@" not in alias:
            raise ValueError(f"--alias takes EMAIL=ALIAS for a --mailbox, not {option!r}")
        store.add_mailbox(email, aliases=[alias])
    for email, sources in paths.items():
        store.load(email, (raw for path in sources for raw in feed.read(path)))


def _prices(options: list[str]) -> dict[str, int]:
    prices = {}
    for option in options:
        method, _, units = option.partition("=")
        if method not in COSTS["new"] or not units.isdecimal():
            raise ValueError(f"--cost takes METHOD=UNITS, not {option!r}")
        prices[method] = int(units)
    return prices
