"""`python -m sandbox slack`."""

import argparse

from sandbox.running import serve
from sandbox.slack.server import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, create_app


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 (default) takes any free port")
    parser.add_argument("--signing-secret", default=SIGNING_SECRET, help="signs the HTTP requests to the app")
    parser.add_argument("--bot-token", default=BOT_TOKEN)
    parser.add_argument("--app-token", default=APP_TOKEN)


def run(args: argparse.Namespace) -> int:
    """Serves until Ctrl-C or SIGTERM. Exit code 2 when the address is unusable."""
    app = create_app(signing_secret=args.signing_secret, bot_token=args.bot_token, app_token=args.app_token)
    return serve(app, args.host, args.port, "slack")
