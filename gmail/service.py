"""The Gmail client of google-api-python-client, at Google or at one address that speaks like it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import google_auth_httplib2
import httplib2
import httpx
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build_from_document
from langchain_google_community.gmail.utils import build_gmail_service

_TIMEOUT = 30  # seconds without a byte


def build_service(credentials: Credentials, google_url: str = "") -> Any:
    """A Gmail v1 resource; `google_url` (empty = Google) redirects every call.

    `client_options.api_endpoint` would redirect plain calls only and leave batches at Google, so the bundled discovery
    document is rebuilt around the address instead. Its own connection is for one thread: `another_connection` for others.
    """
    if not google_url:
        return build_gmail_service(credentials=credentials)
    document = json.loads(
        files("googleapiclient.discovery_cache.documents").joinpath("gmail.v1.json").read_text("utf-8")
    )
    document["rootUrl"] = document["baseUrl"] = f"{google_url}/"
    document.pop("mtlsRootUrl", None)
    http = google_auth_httplib2.AuthorizedHttp(credentials, http=httplib2.Http(timeout=_TIMEOUT))
    return build_from_document(document, http=http)


def another_connection(service: Any) -> google_auth_httplib2.AuthorizedHttp:
    """One more connection with the service's credentials, for `execute(http=…)` in another thread.

    What is not thread-safe in a service is its httplib2 connection: https://googleapis.github.io/google-api-python-client/docs/thread_safety.html
    """
    return google_auth_httplib2.AuthorizedHttp(service._http.credentials, http=httplib2.Http(timeout=_TIMEOUT))


class _Once:
    """An httplib2-shaped transport that tries once.

    httplib2 repeats a request, POST included, when the connection closes without an answer: for a send that is a second
    mail. httpx does not.
    """

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> tuple[httplib2.Response, bytes]:
        answer = httpx.request(method, uri, content=body, headers=dict(headers or {}), timeout=_TIMEOUT)
        return httplib2.Response({**answer.headers, "status": str(answer.status_code)}), answer.content

    def close(self) -> None:
        """Nothing is kept open."""


def once(service: Any) -> google_auth_httplib2.AuthorizedHttp:
    """The service's credentials over a transport that never repeats a request, with a token that is still good.

    The token is refreshed here, so that a failure of that can't be taken for a failure of what follows. Raises
    `google.auth.exceptions.RefreshError`, or `httpx.HTTPError` when Google can't be reached.
    """
    credentials = service._http.credentials
    if not credentials.valid:
        credentials.refresh(google_auth_httplib2.Request(_Once()))
    return google_auth_httplib2.AuthorizedHttp(credentials, http=_Once())
