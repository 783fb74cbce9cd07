"""The entry point: settings are read here, errors become one sentence with a trace id here."""

from __future__ import annotations

import logging
import signal
import sys

import typer
from typer.exceptions import TyperException

from cli.commands import (
    alerts,
    answers,
    attachments,
    benches,
    connections,
    coverage,
    drafts,
    evals,
    export,
    feedback,
    filters,
    health,
    keywords,
    linking,
    maintenance,
    notes,
    prompts,
    records,
    serving,
    signature,
    syncing,
    text,
    timeline,
    workspace,
)
from crm.errors import LealUpError
from crm.trace import configure_logging, operation

_log = logging.getLogger(__name__)

app = typer.Typer(
    name="lealup",
    help="The open assistant for Customer Success Managers who live in Gmail.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for group in (
    workspace,
    records,
    timeline,
    export,
    notes,
    connections,
    attachments,
    syncing,
    coverage,
    linking,
    filters,
    answers,
    prompts,
    feedback,
    health,
    keywords,
    alerts,
    text,
    drafts,
    evals,
    serving,
    signature,
    maintenance,
    benches,
):
    group.register(app)


def main() -> None:
    """Run the command; exit code 0 only on success, errors on stderr as one sentence and a trace id."""
    configure_logging("WARNING")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # an exit unwinds: what was started is ended too
    with operation() as trace:
        try:
            code = app(standalone_mode=False)
        except LealUpError as error:
            _log.info("command failed", extra={"fields": {"cause": type(error).__name__}})
            print(f"{error.for_user()} (trace id {trace})", file=sys.stderr)
            code = error.exit_code
        except TyperException as error:  # a wrong option or argument
            print(f"{error.format_message()} See `lealup --help`. (trace id {trace})", file=sys.stderr)
            code = 2
        except (typer.Abort, KeyboardInterrupt):
            print("Stopped. Nothing is lost; run it again to go on.", file=sys.stderr)
            code = 130
        except BrokenPipeError:  # `lealup … | head`
            sys.stderr.close()
            code = 0
        except Exception as error:  # noqa: BLE001
            code = _unexpected(error, trace)
    sys.exit(code if isinstance(code, int) else 0)


def _unexpected(error: Exception, trace: str) -> int:
    """A store that is locked, full or away is told like any expected failure; the rest is a bug."""
    from crm.database import store_failure  # SQLAlchemy: `--help` should not wait for it

    known = store_failure(error)
    if known is None:
        _log.exception("unexpected failure")
        print(f"Something went wrong; the log has the details. (trace id {trace})", file=sys.stderr)
        return 1
    _log.warning("store unavailable", extra={"fields": {"cause": str(known)}})
    print(f"{known.for_user()} (trace id {trace})", file=sys.stderr)
    return known.exit_code
