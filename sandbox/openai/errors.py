"""Errors in OpenAI's JSON shape."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


class ApiError(Exception):
    """Becomes `{"error": {message, type, param, code}}` with the status."""

    def __init__(self, status: int, message: str, *, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.param = status, code, param


def error_body(status: int, message: str, *, code: str | None = None, param: str | None = None) -> dict[str, Any]:
    kind = _TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


async def respond(_: Request, error: Exception) -> JSONResponse:
    """Starlette's handler of `ApiError`."""
    assert isinstance(error, ApiError)
    body = error_body(error.status, str(error), code=error.code, param=error.param)
    return JSONResponse(body, error.status)


async def not_found(request: Request, _: Exception) -> JSONResponse:
    message = f"Invalid URL ({request.method} {request.url.path})"
    return JSONResponse(error_body(404, message), 404)
