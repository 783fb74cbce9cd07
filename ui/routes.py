"""What the web face serves beside its pages: Google's consent and the health check."""

from __future__ import annotations

import hmac
import html
import logging
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from crm.errors import LealUpError, OAuthRefused
from crm.trace import operation
from ingestion.mailboxes import mailboxes_of
from ui.components.connect_link import CALLBACK, START
from ui.deps import Served
from wiring.app import App

_log = logging.getLogger(__name__)
_COOKIE = "lealup_oauth"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>LealUp Inbox</title>
<meta name="viewport" content="width=device-width"></head>
<body style="font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem">
<h1 style="font-size:1.3rem">Gmail was not connected</h1><p>{sentence}</p>
<p style="opacity:.6">Trace id: {trace_id}</p><p><a href="{back}">Back to Settings</a></p></body></html>"""


def routes(served: Served) -> list[Route]:
    """GET /oauth/start (`send=1` asks for sending too, `mailbox=` reconnects that one), /oauth/callback and /healthz."""
    app = served.app

    def start(request: Request) -> Response:
        with operation() as trace_id:
            try:
                url = app.access.start(
                    served.principal(),
                    redirect_uri=app.settings.base_url + CALLBACK,
                    send=request.query_params.get("send") == "1",
                    mailbox=request.query_params.get("mailbox", ""),
                )
            except LealUpError as error:
                return _failed(app, error, trace_id)
        response = RedirectResponse(url, status_code=303)
        response.set_cookie(_COOKIE, _state_of(url), max_age=600, httponly=True, samesite="lax", path=CALLBACK)
        return response

    def callback(request: Request) -> Response:
        asked = request.query_params
        with operation() as trace_id:
            try:
                state = asked.get("state", "")
                if not state or not hmac.compare_digest(state.encode(), request.cookies.get(_COOKIE, "").encode()):
                    # somebody else's consent must not end in this user's account
                    raise OAuthRefused("state", sentence="This connection was not started in this browser.")
                address = app.access.finish(state=state, code=asked.get("code", ""), error=asked.get("error", ""))
                _first_sync(served, address)
            except LealUpError as error:
                return _failed(app, error, trace_id)
        response = RedirectResponse(f"{app.settings.base_url}/settings?connected=1", status_code=303)
        response.delete_cookie(_COOKIE, path=CALLBACK)
        return response

    def healthz(_request: Request) -> Response:
        try:
            with app.database.read() as session:
                session.execute(text("SELECT 1"))
        except SQLAlchemyError:
            _log.exception("health check failed")
            return JSONResponse({"status": "failing", "database": False}, status_code=503)
        return JSONResponse({"status": "ok", "database": True})

    return [Route(START, start), Route(CALLBACK, callback), Route("/healthz", healthz)]


def _first_sync(served: Served, address: str) -> None:
    """Without waiting for the next poll: who has just connected looks at the progress bar."""
    with served.app.database.read() as session:
        found = [box.id for box in mailboxes_of(session, served.principal()) if box.email == address]
    for mailbox_id in found:
        served.syncs.start(served.app, mailbox_id)


def _failed(app: App, error: LealUpError, trace_id: str) -> Response:
    _log.warning("connection failed", extra={"fields": {"kind": type(error).__name__}})
    back = html.escape(f"{app.settings.base_url}/settings")
    page = _PAGE.format(sentence=html.escape(error.for_user()), trace_id=trace_id, back=back)
    return HTMLResponse(page, status_code=400, headers={"Content-Security-Policy": _POLICY})


def _state_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["state"][0]
