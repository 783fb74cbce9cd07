"""`python -m sandbox`: local stand-ins for Gmail, an OpenAI-compatible model and Slack, and the demo's mails."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

_COMMANDS = {
    "gmail": "a stateful local Gmail and Google OAuth",
    "openai": "an OpenAI-compatible chat and embeddings server",
    "slack": "a local Slack: Web API, response URLs, Socket Mode",
    "scenario": "write the demo mailbox, customers.csv and contacts.csv",
}


def main(arguments: Sequence[str]) -> int:
    """Run one command; only the chosen command's package is imported."""
    overview = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = overview.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, sentence in _COMMANDS.items():
        commands.add_parser(name, help=sentence, add_help=False)
    chosen = overview.parse_args(arguments[:1]).command
    command = import_module(f"sandbox.{chosen}.command")
    parser = argparse.ArgumentParser(prog=f"python -m sandbox {chosen}", description=_COMMANDS[chosen])
    command.add_arguments(parser)
    code: int = command.run(parser.parse_args(arguments[1:]))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
