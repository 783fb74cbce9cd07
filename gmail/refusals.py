"""What Google's refusals mean: access that ended and why, a wrong installation, a quota, a message that is gone.

https://developers.google.com/workspace/gmail/api/guides/handle-errors and
https://developers.google.com/identity/protocols/oauth2#expiration
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from google.auth.exceptions import RefreshError

from crm.errors import Disconnected, GoogleUnavailable, LealUpError, MessageGone, QuotaExceeded, RequestRefused

_DAILY = frozenset({"dailyLimitExceeded", "quotaExceeded"})
_POLICY = frozenset({"domainPolicy", "admin_policy_enforced", "org_internal", "ADMIN_POLICY_ENFORCED"})
_SCOPE = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})
_NOT_ENABLED = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})
_CLIENT = frozenset({"invalid_client", "unauthorized_client", "deleted_client", "disabled_client"})
_RECONNECT = "Reconnect in Settings → Gmail or with `lealup connect`; the sync goes on where it stopped."
_BY_ITSELF = "Ask your Google Workspace admin to allow LealUp; the sync then goes on by itself."

_LIKELY = (
    "Google no longer accepts the access: it was revoked, the password changed, an admin changed the policy, it was unused "
    "for six months, or the OAuth app is in testing, where access ends after seven days."
)


def of_refresh(error: RefreshError) -> LealUpError:
    """What the token endpoint's refusal means. Google's own text is looked at and never shown."""
    answer = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], Mapping) else {}
    code = str(answer.get("error", ""))
    text = f"{error.args[0] if error.args else ''} {answer.get('error_subtype', '')}".lower()
    if "invalid_rapt" in text or "rapt_required" in text:
        return Disconnected(
            "invalid_rapt",
            sentence="Your company's session policy at Google asks for a new login.",
            next_step=_RECONNECT,
        )
    if code in _POLICY or any(reason in text for reason in _POLICY):
        return _by_policy(code)
    if "invalid_grant" in text:
        gone = "deleted" in text or "disabled" in text
        sentence = "The Google account was deleted or disabled." if gone else _LIKELY
        return Disconnected("invalid_grant", sentence=sentence, next_step=_RECONNECT)
    if code in _CLIENT or any(reason in text for reason in _CLIENT):
        return GoogleUnavailable(
            code, sentence="Google does not accept this installation's OAuth client.",
            next_step="Correct LEALUP_GOOGLE_CLIENT_ID and LEALUP_GOOGLE_CLIENT_SECRET (docs/gmail.md) and start again.",
        )  # fmt: skip
    return GoogleUnavailable("token refresh")


def of_call(status: int, reasons: Collection[str], *, message: str = "") -> LealUpError:
    """What a refused API call means. A 401 stands here only after a forced refresh: the client repeats it once."""
    held = frozenset(reasons)
    detail = f"HTTP {status} {sorted(held)}"
    if status == 404:
        return MessageGone(str(status))
    if status == 403 and held & _DAILY:
        return QuotaExceeded(f"HTTP {status}")
    if status == 403 and held & _NOT_ENABLED:
        return RequestRefused(
            detail, sentence="The Gmail API is not enabled in this installation's Google project.",
            next_step="Enable it in the Google Cloud console (docs/gmail.md).",
        )  # fmt: skip
    if status == 403 and held & _POLICY:
        return _by_policy(detail)
    if status == 403 and held & _SCOPE:
        return Disconnected(
            detail, sentence="The permission to read mail was not granted or was taken back.",
            next_step="Reconnect in Settings → Gmail and leave the permission to read mail ticked.",
        )  # fmt: skip
    if status == 400 and "mail service not enabled" in message.lower():
        return Disconnected(
            detail, sentence="Gmail is switched off for this Google account.",
            next_step="Ask your Google Workspace admin; the sync then goes on by itself.",
        )  # fmt: skip
    if status in (401, 403):
        return Disconnected(detail, sentence=_LIKELY, next_step=_RECONNECT)
    return RequestRefused(detail)


def _by_policy(detail: str) -> Disconnected:
    return Disconnected(
        detail, sentence="Your Google Workspace admin does not allow LealUp to access Gmail.", next_step=_BY_ITSELF
    )
