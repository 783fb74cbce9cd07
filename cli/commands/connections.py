"""`lealup connect`, `disconnect`, `delete-data`."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qs, urlsplit

import httpx
import typer

from cli.opening import opened
from cli.output import console, print_json
from cli.output import progress_console as console_error
from crm.errors import GoogleUnavailable, LealUpError, NotConnected, OAuthRefused

if TYPE_CHECKING:
    from crm.identity import Principal
    from ingestion.deletion import Receipt
    from wiring.app import App

_WAIT = 300  # seconds for a human to consent
_UserOption = Annotated[str | None, typer.Option("--user", help="E-mail address of the user; the only one by default")]


def register(app: typer.Typer) -> None:
    @app.command()
    def connect(
        user: _UserOption = None,
        send: Annotated[bool, typer.Option("--send", help="Also ask for permission to send replies")] = False,
        as_json: Annotated[bool, typer.Option("--json")] = False,
    ) -> None:
        """Connect the user's Gmail: prints the consent URL and waits until Google comes back."""
        with opened() as house:
            principal = house.principal(user)
            address = _connect(house, principal, send, quiet=as_json)
        if as_json:
            print_json({"mailbox": address, "send": send})
        else:
            console.print(f"{address} is connected{' and may send replies' if send else ', read-only'}.")

    @app.command()
    def disconnect(user: _UserOption = None) -> None:
        """Revoke the access at Google. The mail indexed so far stays."""
        from ingestion.mailboxes import connected_mailboxes

        with opened() as house:
            principal = house.principal(user)
            with house.database.read() as session:
                boxes = connected_mailboxes(session, principal)
            for box in boxes:
                house.access.disconnect(principal, box.id)
                console.print(f"{box.email} is disconnected; its mail stays until you ask for deletion.")

    @app.command("delete-data")
    def delete_data(user: _UserOption = None, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
        """Delete all mail of the user's mailboxes everywhere, and print the receipt."""
        from ingestion.mailboxes import mailboxes_of

        with opened() as house:
            principal = house.principal(user)
            with house.database.read() as session:
                boxes = mailboxes_of(session, principal)
            if not boxes:
                raise NotConnected(principal.email)
            receipts = [_delete(house, principal, box.id) for box in boxes]
        if as_json:
            print_json([receipt.as_json() for receipt in receipts])
        else:
            for receipt in receipts:
                console.print(f"Receipt {receipt.id} for {receipt.mailbox}:")
                for place, (before, after) in receipt.counts.items():
                    console.print(f"  {place}: {before} deleted, {after} left")
        if any(not receipt.complete for receipt in receipts):
            raise LealUpError("left over", sentence="Some data could not be deleted.", next_step="Run it again.")


def _delete(house: App, principal: Principal, mailbox_id: int) -> Receipt:
    from ingestion.deletion import delete_mailbox_data

    try:
        house.access.disconnect(principal, mailbox_id)
    except LealUpError as error:  # the mail goes all the same; Google's page can revoke what is left
        console_error.print(error.for_user())
    return delete_mailbox_data(
        house.database,
        house.clock,
        house.index,
        house.vectors,
        house.sync.lease_for,
        lambda: house.assistant.forget(principal),
        principal,
        mailbox_id,
    )


def _connect(house: App, principal: Principal, send: bool, *, quiet: bool) -> str:
    with _Callback() as callback:
        url = house.access.start(principal, redirect_uri=callback.address, send=send)
        if not quiet:
            console.print(f"Open this address and allow the access:\n\n{url}\n")
        if house.settings.google_url:
            _try_without_browser(url)
        answer = callback.wait(_WAIT)
    return house.access.finish(
        state=answer.get("state", ""), code=answer.get("code", ""), error=answer.get("error", "")
    )


def _try_without_browser(url: str) -> None:
    """A local Google that consents by itself redirects straight to us; any other shows its page to a browser."""
    try:
        httpx.get(url, follow_redirects=True, timeout=10)
    except httpx.HTTPError as error:
        raise GoogleUnavailable(type(error).__name__) from None


class _Callback:
    """A one-shot listener on loopback for the redirect (RFC 8252 §7.3)."""

    def __init__(self) -> None:
        self._answer: dict[str, str] = {}
        self._came = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                if parts.path != "/oauth/callback":
                    self.send_error(404)
                    return
                outer._answer = {key: values[0] for key, values in parse_qs(parts.query).items()}
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; charset=utf-8")
                self.end_headers()
                self.wfile.write(b"You can close this window and go back to the terminal.")
                outer._came.set()

            def log_message(self, format: str, *args: object) -> None:
                """Silent: the request line holds the code."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/oauth/callback"

    def __enter__(self) -> _Callback:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait(self, seconds: float) -> dict[str, str]:
        if not self._came.wait(seconds):
            raise OAuthRefused("timeout", sentence="Nobody came back from Google in time.")
        return self._answer
