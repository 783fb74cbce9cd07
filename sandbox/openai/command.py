"""`python -m sandbox openai`."""

import argparse
import signal
import socket
import sys

import uvicorn

from sandbox.openai import script
from sandbox.openai.server import create_app


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 (default) takes any free port")
    parser.add_argument(
        "--script",
        metavar="FILE",
        help=f"YAML or JSON rules of the model, or one of {', '.join(script.BUILT_IN)} (default: assistant)",
    )


def run(args: argparse.Namespace) -> int:
    """Serves until Ctrl-C or SIGTERM. Exit code 2 when the script or the address is unusable."""
    try:
        model = script.load(args.script)
        listener = socket.create_server((args.host, args.port))
    except (script.ScriptError, OSError) as error:
        print(f"sandbox openai: {error}", file=sys.stderr)
        return 2
    # uvicorn raises the signal that stopped it once more; ending on request is a success.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, lambda *_: None)
    print(f"sandbox openai on http://{args.host}:{listener.getsockname()[1]}/v1", flush=True)
    config = uvicorn.Config(create_app(model), log_level="warning", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[listener])
    return 0
