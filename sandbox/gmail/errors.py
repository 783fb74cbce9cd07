"""Errors in the JSON form of Google's APIs."""

from typing import Any

_STATUSES = {
    400: ("INVALID_ARGUMENT", "invalidArgument"),
    401: ("UNAUTHENTICATED", "authError"),
    403: ("PERMISSION_DENIED", "forbidden"),
    404: ("NOT_FOUND", "notFound"),
    409: ("ABORTED", "conflict"),
    429: ("RESOURCE_EXHAUSTED", "rateLimitExceeded"),
    500: ("INTERNAL", "backendError"),
    503: ("UNAVAILABLE", "backendError"),
    504: ("DEADLINE_EXCEEDED", "backendError"),
}
_RATE_REASONS = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded", "quotaExceeded"})


class ApiError(Exception):
    """An answer of status `code`; `reason` is the machine-readable word in `errors`."""

    def __init__(
        self, code: int, message: str, *, reason: str = "", headers: dict[str, str] | None = None,
        location: str = "", details: list[dict[str, Any]] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.code = code
        self.message = message
        self.status, usual_reason = _STATUSES.get(code, ("UNKNOWN", "backendError"))
        self.reason = reason or usual_reason
        self.headers = headers or {}
        self._location = location
        self._details = details

    def body(self) -> dict[str, Any]:
        domain = "usageLimits" if self.reason in _RATE_REASONS else "global"
        entry = {"message": self.message, "domain": domain, "reason": self.reason}
        if self.code == 401:
            entry |= {"location": "Authorization", "locationType": "header"}
        elif self._location:
            entry |= {"location": self._location, "locationType": "parameter"}
        error = {"code": self.code, "message": self.message, "errors": [entry], "status": self.status}
        if self._details:
            error["details"] = self._details
        return {"error": error}


class ConnectionDroppedError(Exception):
    """The connection is cut without an answer."""


def invalid_argument(message: str, *, reason: str = "", location: str = "") -> ApiError:
    return ApiError(400, message, reason=reason, location=location)


def not_found() -> ApiError:
    return ApiError(404, "Requested entity was not found.")


def unauthenticated() -> ApiError:
    return ApiError(
        401,
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
        headers={"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'},
    )


def insufficient_scope(scopes: frozenset[str]) -> ApiError:
    return ApiError(
        403,
        "Request had insufficient authentication scopes.",
        reason="insufficientPermissions",
        headers={
            "WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="insufficient_scope", '
            f'scope="{" ".join(sorted(scopes))}"'
        },
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                "domain": "googleapis.com",
                "metadata": {"service": "gmail.googleapis.com"},
            }
        ],
    )
