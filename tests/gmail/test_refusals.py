"""Google's refusals, each with what a user can do about it; Google's own words are never shown."""

from __future__ import annotations

import pytest
from google.auth.exceptions import RefreshError

from crm.errors import Disconnected, GoogleUnavailable, LealUpError, MessageGone, QuotaExceeded, RequestRefused
from gmail import refusals


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ({"error": "invalid_grant", "error_description": "Bad Request"}, Disconnected, "password changed"),
        ({"error": "invalid_grant", "error_subtype": "invalid_rapt"}, Disconnected, "session policy"),
        ({"error": "invalid_grant", "error_description": "Account has been deleted"}, Disconnected, "deleted"),
        ({"error": "admin_policy_enforced", "error_description": "x"}, Disconnected, "admin"),
        ({"error": "invalid_client", "error_description": "secret"}, GoogleUnavailable, "OAuth client"),
        ({"error": "internal_failure", "error_description": "x"}, GoogleUnavailable, "can't be reached"),
    ],
)
def test_what_the_token_endpoint_means(answer: dict[str, str], kind: type[LealUpError], words: str) -> None:
    text = f"{answer['error']}: {answer.get('error_description')}"
    found = refusals.of_refresh(RefreshError(text, answer))  # type: ignore[no-untyped-call]
    assert type(found) is kind
    assert words in found.sentence
    assert "description" not in found.for_user() and "Bad Request" not in found.for_user()


@pytest.mark.parametrize(
    ("status", "reason", "kind", "words"),
    [
        (401, "authError", Disconnected, "revoked"),
        (403, "domainPolicy", Disconnected, "admin"),
        (403, "insufficientPermissions", Disconnected, "permission to read"),
        (403, "accessNotConfigured", RequestRefused, "not enabled"),
        (403, "dailyLimitExceeded", QuotaExceeded, "quota"),
        (404, "notFound", MessageGone, "no longer exists"),
        (400, "invalidArgument", RequestRefused, ""),
    ],
)
def test_what_a_refused_call_means(status: int, reason: str, kind: type[LealUpError], words: str) -> None:
    found = refusals.of_call(status, [reason])
    assert type(found) is kind
    assert words in found.sentence


def test_gmail_switched_off_for_an_account() -> None:
    found = refusals.of_call(400, ["failedPrecondition"], message="Mail service not enabled")
    assert type(found) is Disconnected
    assert "switched off" in found.sentence
