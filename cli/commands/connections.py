"""`lealup connect`, `disconnect`, `delete-data`, `rotate-key`."""

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

_NOT_REVOKED = {
    "waiting": "Google can't be reached: the revocation is repeated by the worker until Google has heard it. "
    "You can also revoke it at myaccount.google.com/permissions.",
    "lost": "The token can't be opened any more: revoke the access at myaccount.google.com/permissions.",
}
_REVOKED = {
    "yes": "revoked",
    "waiting": "its revocation is repeated until Google answers",
    "lost": "revoke it at myaccount.google.com/permissions: no key opens the token any more",
}
_WAIT = 300  # seconds for a human to consent
_UserOption = Annotated[str | None, typer.Option("--user", help="E-mail address of the user; the only one by default")]


def register(app: typer.Typer) -> None:
    @app.command()
    def connect(
        user: _UserOption = None,
        send: Annotated[bool, typer.Option("--send", help="Also ask for permission to send replies")] = False,
        mailbox: Annotated[str, typer.Option("--mailbox", help="Reconnect this account; no other may come back")] = "",
        as_json: Annotated[bool, typer.Option("--json")] = False,
    ) -> None:
        """Connect the user's Gmail: prints the consent URL and waits until Google comes back."""
        from gmail.oauth import can_send
        from ingestion.mailboxes import mailboxes_of

        with opened() as house:
            principal = house.principal(user)
            address = _connect(house, principal, send, mailbox, quiet=as_json)
            with house.database.read() as session:
                granted = any(can_send(box.scopes) for box in mailboxes_of(session, principal) if box.email == address)
        if as_json:  # what Google granted, which may be more or less than what was asked for
            print_json({"mailbox": address, "send": granted})
        else:
            console.print(f"{address} is connected{' and may send replies' if granted else ', read-only'}.")
            if send and not granted:
                console.print("The permission to send was not granted: replies can be drafted, not sent.")

    @app.command()
    def disconnect(user: _UserOption = None) -> None:
        """Revoke the access at Google. The mail indexed so far stays."""
        from ingestion.mailboxes import connected_mailboxes

        with opened() as house:
            principal = house.principal(user)
            with house.database.read() as session:
                boxes = connected_mailboxes(session, principal)
            for box in boxes:
                revoked = house.access.disconnect(principal, box.id)
                console.print(f"{box.email} is disconnected; its mail stays until you ask for deletion.")
                if revoked != "yes":
                    console_error.print(_NOT_REVOKED[revoked])

    @app.command("delete-data")
    def delete_data(
        user: _UserOption = None,
        status: Annotated[bool, typer.Option("--status", help="Show earlier requests and their receipts")] = False,
        as_json: Annotated[bool, typer.Option("--json")] = False,
    ) -> None:
        """Delete all mail of the user's mailboxes everywhere, and print the receipt.

        The request is written down first: what an interruption leaves is finished by the worker, or by running it again.
        """
        from ingestion.mailboxes import mailboxes_of

        with opened() as house:
            principal = house.principal(user)
            if status:
                receipts = house.deletions.receipts(principal)
            else:
                with house.database.read() as session:
                    boxes = mailboxes_of(session, principal)
                if not boxes:
                    raise NotConnected(principal.email)
                requests = [house.deletions.request(principal, box.id) for box in boxes]
                receipts = tuple(house.deletions.run(request) for request in requests)
        if as_json:
            print_json([receipt.as_json() for receipt in receipts])
        elif not receipts:
            console.print("There was no request to delete data.")
        for receipt in () if as_json else receipts:
            _print_receipt(receipt)
        if not status and any(not receipt.complete for receipt in receipts):
            raise LealUpError("left over", sentence="Some data could not be deleted.", next_step="Run it again.")

    @app.command("rotate-key")
    def rotate_key() -> None:
        """Seal every Gmail token with the newest key.

        With LEALUP_SECRET_KEY put the new key in front first, and take the former one away afterwards. Without it a new
        key is made in the home and the former one is dropped.
        """
        from crm.key_file import new_key, read_keys, write_keys
        from ingestion.resealing import reseal_everything

        with opened() as house:
            own_file = not house.settings.secret_key
            path = house.settings.key_file
            if own_file:
                write_keys(path, [new_key(), *read_keys(path)])
            done = reseal_everything(house.database, house.clock, house.box)
            if own_file:
                write_keys(path, read_keys(path)[:1])
        console.print(f"{done.sealed} tokens are sealed with the newest key.")
        if not own_file:
            console.print("The former keys in LEALUP_SECRET_KEY are no longer needed.")
        for address in done.lost:
            console_error.print(f"{address} is disconnected: no key opens its token. Reconnect it.")


def _print_receipt(receipt: Receipt) -> None:
    when = f"{receipt.requested_at:%Y-%m-%d %H:%M} UTC"
    console.print(f"Receipt {receipt.id} for {receipt.mailbox}, requested {when}: {receipt.state}")
    for place, (before, after) in receipt.counts.items():
        console.print(
            f"  {place}: {before} found" if after is None else f"  {place}: {before - after} deleted, {after} left"
        )
    console.print(f"  access at Google: {_REVOKED.get(receipt.revoked, 'not revoked yet')}")


def _connect(house: App, principal: Principal, send: bool, mailbox: str, *, quiet: bool) -> str:
    with _Callback() as callback:
        url = house.access.start(principal, redirect_uri=callback.address, send=send, mailbox=mailbox)
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
