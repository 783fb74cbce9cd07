"""`python -m sandbox openai`."""

import argparse
import sys

from sandbox.openai import script
from sandbox.openai.server import create_app
from sandbox.running import serve


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
    except script.ScriptError as error:
        print(f"sandbox openai: {error}", file=sys.stderr)
        return 2
    return serve(create_app(model), args.host, args.port, "openai", path="/v1")
