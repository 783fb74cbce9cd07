"""A local Gmail per test, spoken to by Google's own clients."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs, urlsplit

import google_auth_httplib2
import httplib2
import httpx
import pytest
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build_from_document

from sandbox.gmail.clock import SandboxClock
from sandbox.gmail.server import create_app
from sandbox.gmail.settings import Settings
from sandbox.gmail.store import Store
from sandbox.running import running

ANA, BOB = "ana@lealup.example", "bob@lealup.example"
READONLY = "https://www.googleapis.com/auth/gmail.readonly"
SEND = "https://www.googleapis.com/auth/gmail.send"
REDIRECT = "http://127.0.0.1:9/callback"
NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """A running local Gmail, its store, and how to reach it as a client or as a test."""

    url: str
    store: Store

    def authorize_url(self, email: str, scopes: tuple[str, ...], **more: str) -> str:
        asked = {
            "client_id": "sandbox-client", "redirect_uri": REDIRECT, "response_type": "code",
            "scope": " ".join(scopes), "access_type": "offline", "prompt": "consent", "login_hint": email,
        }  # fmt: skip
        return f"{self.url}/o/oauth2/v2/auth?{httpx.QueryParams({**asked, **more})}"

    def code(self, email: str, *scopes: str, **more: str) -> str:
        answer = httpx.get(self.authorize_url(email, scopes, **more))
        return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]

    def token(self, **form: str) -> httpx.Response:
        client = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}
        return httpx.post(f"{self.url}/token", data={**client, **form})

    def exchange(self, code: str, **more: str) -> httpx.Response:
        return self.token(grant_type="authorization_code", code=code, **{"redirect_uri": REDIRECT, **more})

    def credentials(self, email: str, *scopes: str) -> Credentials:
        granted = self.exchange(self.code(email, *(scopes or (READONLY, SEND)))).json()
        return Credentials(  # type: ignore[no-untyped-call]
            token=granted["access_token"], refresh_token=granted["refresh_token"], token_uri=f"{self.url}/token",
            client_id="sandbox-client", client_secret="sandbox-secret", scopes=granted["scope"].split(),
        )  # fmt: skip

    def gmail(self, email: str, *scopes: str) -> Any:
        """The `users()` resource of a real client of this mailbox."""
        return service(self.url, self.credentials(email, *scopes)).users()

    def post(self, path: str, body: object = None, **query: str) -> Any:
        """A control call; bytes are sent as they are, anything else as JSON."""
        content = body if isinstance(body, bytes) else json.dumps({} if body is None else body)
        answer = httpx.post(f"{self.url}/sandbox/{path}", content=content, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        return httpx.get(f"{self.url}/sandbox/{path}").json()


def service(url: str, credentials: Credentials) -> Any:
    document = json.loads(
        files("googleapiclient.discovery_cache.documents").joinpath("gmail.v1.json").read_text("utf-8")
    )
    document["rootUrl"] = document["baseUrl"] = f"{url}/"
    document.pop("mtlsRootUrl", None)
    http = google_auth_httplib2.AuthorizedHttp(credentials, http=httplib2.Http(timeout=10))
    return build_from_document(document, http=http)


def mail(
    sender: str = "Carla <carla@acme.example>",
    to: str = ANA,
    subject: str = "Hello",
    text: str = "Hi",
    date: datetime = NOW,
    **headers: str,
) -> bytes:
    """RFC 822 bytes; `headers` by name with underscores."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = format_datetime(date)
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


Start = Callable[..., Sandbox]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a sandbox: `start({email: [mails]}, aliases={email: [alias]}, **settings)`; it consents by itself."""
    with ExitStack() as stack:

        def run(
            mailboxes: dict[str, list[bytes]] | None = None,
            *,
            aliases: dict[str, list[str]] | None = None,
            **settings: Any,
        ) -> Sandbox:
            store = Store(SandboxClock(base=NOW.timestamp))
            for email, mails in (mailboxes or {ANA: [], BOB: []}).items():
                store.add_mailbox(email, aliases=(aliases or {}).get(email, ()))
                store.load(email, mails)
            app = create_app(store, settings=Settings(**{"auto_consent": True, **settings}))
            return Sandbox(url=stack.enter_context(running(app)), store=store)

        yield run
