"""/slack/link: a logged-in user confirms that a Slack user is theirs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from crm.errors import LealUpError, NotAllowed
from crm.identity import Principal
from crm.trace import operation
from slack_app.deps import Deps
from slack_app.link_page import confirm_page, linked_page, refused_page
from slack_app.links import LinkExpired, SlackUser, redeem, user_of_code

_log = logging.getLogger(__name__)
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "same-origin",  # the address holds the code; the form still needs its Origin header
    "X-Content-Type-Options": "nosniff",
}


def routes(deps: Deps, client: WebClient, *, logged_in: Callable[[Request], Principal]) -> list[Route]:
    """GET asks, POST links. `logged_in` says whose browser it is and raises a `LealUpError` when nobody's."""

    def ask(request: Request) -> str:
        code = request.query_params.get("code", "")
        with deps.database.read() as session:
            user = user_of_code(session, deps.clock, code)
        email = logged_in(request).email
        return confirm_page(slack_name=_name(client, user), team_id=user.team_id, email=email, code=code)

    def link(request: Request, code: str) -> str:
        _same_origin(request, deps.base_url)
        principal = logged_in(request)
        with deps.database.write() as session:
            user = redeem(session, deps.clock, code, principal)
        return linked_page(slack_name=_name(client, user), email=principal.email)

    async def show(request: Request) -> Response:
        return await run_in_threadpool(_answered, lambda: ask(request))

    async def confirm(request: Request) -> Response:
        async with request.form() as form:
            code = str(form.get("code", ""))
        return await run_in_threadpool(_answered, lambda: link(request, code))

    return [Route("/slack/link", show, methods=["GET"]), Route("/slack/link", confirm, methods=["POST"])]


def _answered(page: Callable[[], str]) -> Response:
    with operation() as trace:
        try:
            return HTMLResponse(page(), headers=_HEADERS)
        except LealUpError as error:
            _log.warning("slack linking refused", extra={"fields": {"error": type(error).__name__}})
            status = 410 if isinstance(error, LinkExpired) else 403
            return HTMLResponse(refused_page(error.for_user(), trace=trace), status, headers=_HEADERS)


def _same_origin(request: Request, base_url: str) -> None:
    """Another site must not submit a stranger's code in this user's browser, which names its origin."""
    origin = request.headers.get("origin")
    here = urlsplit(base_url)
    if origin is not None and origin != f"{here.scheme}://{here.netloc}":
        raise NotAllowed(
            "origin",
            sentence="This request came from another site.",
            next_step="Open the link from Slack again.",
        )


def _name(client: WebClient, user: SlackUser) -> str:
    """The person's name in Slack, or the bare id when Slack does not say."""
    try:
        found = client.users_info(user=user.user_id)["user"]
    except (SlackClientError, OSError):
        return user.user_id
    return f"{found.get('real_name') or found['name']} (@{found['name']})"
