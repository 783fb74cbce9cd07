"""`python -m sandbox slack`."""

import argparse
import signal
import socket
import sys

import uvicorn

from sandbox.slack.server import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, create_app


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 (default) takes any free port")
    parser.add_argument("--signing-secret", default=SIGNING_SECRET, help="signs the HTTP requests to the app")
    parser.add_argument("--bot-token", default=BOT_TOKEN)
    parser.add_argument("--app-token", default=APP_TOKEN)


def run(args: argparse.Namespace) -> int:
    """Serves until Ctrl-C or SIGTERM. Exit code 2 when the address is unusable."""
    try:
        listener = socket.create_server((args.host, args.port))
    except OSError as error:
        print(f"sandbox slack: {error}", file=sys.stderr)
        return 2
    app = create_app(signing_secret=args.signing_secret, bot_token=args.bot_token, app_token=args.app_token)
    # uvicorn raises the signal that stopped it once more; ending on request is a success.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, lambda *_: None)
    print(f"sandbox slack on http://{args.host}:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[listener])
    return 0
