"""`lealup up`, `ui`, `worker`, `slack`, `demo`: the processes that stay."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import opened
from cli.output import console
from cli.slack_face import slack_face
from crm.errors import SettingError

if TYPE_CHECKING:
    from wiring.app import App

_Host = Annotated[str, typer.Option(help="Address to listen on")]
_Port = Annotated[int, typer.Option(min=1, max=65535)]
_BehindLogin = Annotated[bool, typer.Option("--behind-login", help="A proxy in front asks for the login")]
_UserOption = Annotated[str | None, typer.Option("--user", help="Whom the pages serve; the only user by default")]


def register(app: typer.Typer) -> None:
    @app.command()
    def up(
        user: _UserOption = None, host: _Host = "127.0.0.1", port: _Port = 8501, behind_login: _BehindLogin = False
    ) -> None:
        """Everything on one machine: pages, worker and, with tokens, Slack."""
        from wiring.chroma import serving

        _loopback_only(host, behind_login)

        with opened() as house, serving(house.settings.home, house.settings.chroma_url), _working(house):
            _serve_pages(house, user, host, port)

    @app.command()
    def ui(
        user: _UserOption = None, host: _Host = "127.0.0.1", port: _Port = 8501, behind_login: _BehindLogin = False
    ) -> None:
        """Only the pages."""
        from wiring.chroma import serving

        _loopback_only(host, behind_login)

        with opened() as house, serving(house.settings.home, house.settings.chroma_url):
            _serve_pages(house, user, host, port)

    @app.command()
    def worker() -> None:
        """Only the worker: syncs every connected mailbox once a minute."""
        from wiring.chroma import serving

        with opened() as house, serving(house.settings.home, house.settings.chroma_url), _working(house):
            console.print(f"The worker polls every {house.settings.poll_seconds} s. Ctrl-C ends it.")
            _until_stopped()

    @app.command()
    def slack(user: _UserOption = None) -> None:
        """Only Slack, in Socket Mode."""
        from wiring.chroma import serving

        with opened() as house:
            if not house.settings.slack_app_token:
                raise SettingError(
                    sentence="SLACK_APP_TOKEN is not set, and Socket Mode needs it.",
                    next_step="Set it, or let Slack call /slack/events of `lealup up`.",
                )
            with serving(house.settings.home, house.settings.chroma_url), slack_face(house, required=True, user=user):
                console.print("Slack is connected. Ctrl-C ends it.")
                _until_stopped()

    @app.command()
    def demo(
        port: _Port = 8501,
        host: _Host = "127.0.0.1",
        home: Annotated[Path, typer.Option(help="Where the demo lives; made anew at every start")] = Path("demo-home"),
    ) -> None:
        """A complete demo on embedded parts: a local Gmail with 12 customers, backfilled by the real worker."""
        from ui.server import check_address
        from wiring.demo import demo_house

        check_address(host, port)
        with demo_house(home, f"http://{host}:{port}") as house:
            console.print(f"\nThe demo is at http://{host}:{port}  (Ctrl-C ends it)\n")
            _serve_pages(house, None, host, port)


def _loopback_only(host: str, open_: bool) -> None:
    """There is no login yet: whoever reaches the pages is the user."""
    if not open_ and host not in ("127.0.0.1", "::1", "localhost"):
        raise SettingError(
            host,
            sentence=f"The pages have no login yet, and {host} can be reached by others.",
            next_step="Keep 127.0.0.1, put a proxy with a login in front, and then pass --behind-login.",
        )


def _serve_pages(house: App, user: str | None, host: str, port: int) -> None:
    from ui.server import serve

    with slack_face(house, user=user) as routes:
        console.print(f"LealUp is at http://{host}:{port}")
        serve(house, host, port, user=user or "", extra_routes=routes)


@contextmanager
def _working(house: App) -> Iterator[None]:
    """Its syncs end before the index that they write to does."""
    house.worker.start()
    try:
        yield
    finally:
        house.worker.stop()


def _until_stopped() -> None:
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()
