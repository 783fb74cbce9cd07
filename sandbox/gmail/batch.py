"""Google's batch format: a multipart/mixed of HTTP requests in, of HTTP responses out.

https://developers.google.com/workspace/gmail/api/guides/batch
"""

import email
import hashlib
import json
from dataclasses import dataclass
from http import HTTPStatus

from sandbox.gmail.call import Answer, Call
from sandbox.gmail.errors import invalid_argument

MOST = 100


@dataclass(frozen=True, kw_only=True)
class Inner:
    content_id: str
    call: Call


def parse(content_type: str, body: bytes, authorization: str) -> list[Inner]:
    """The calls of a batch. Raises an ApiError when it is malformed or holds more than 100."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    parts = email.message_from_bytes(head + body).get_payload()
    if not isinstance(parts, list) or not parts:
        raise invalid_argument("Failed to parse batch request, error: no parts found in multipart/mixed body.")
    if len(parts) > MOST:
        raise invalid_argument(f"The batch request exceeds the maximum of {MOST} calls: {len(parts)}.")
    found = []
    for position, part in enumerate(parts):
        content = part.get_payload(decode=True)
        if part.get_content_type() != "application/http" or not isinstance(content, bytes):
            raise invalid_argument("Failed to parse batch request, error: each part must be application/http.")
        call = _call(content, authorization, position)
        found.append(Inner(content_id=str(part.get("Content-ID", "")).strip(), call=call))
    return found


def render(answers: list[tuple[str, Answer]]) -> tuple[str, bytes]:
    """(content type, body) of the responses, each under its request's Content-ID with `response-` in front."""
    parts = [_part(content_id, answer) for content_id, answer in answers]
    boundary = f"batch_{hashlib.sha256(b''.join(parts)).hexdigest()[:32]}"
    delimiter = f"--{boundary}\r\n".encode("ascii")
    body = b"".join(delimiter + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode("ascii")
    return f"multipart/mixed; boundary={boundary}", body


def _call(content: bytes, authorization: str, position: int) -> Call:
    line, _, rest = content.lstrip().partition(b"\n")
    words = line.decode("latin-1").split()
    if len(words) < 2:
        raise invalid_argument("Failed to parse batch request, error: a part has no request line.")
    message = email.message_from_bytes(rest)
    path, _, query = words[1].partition("?")
    if "://" in path:
        path = "/" + path.split("://", 1)[1].partition("/")[2]
    _, _, body = rest.replace(b"\r\n", b"\n").partition(b"\n\n")
    return Call(
        verb=words[0].upper(),
        path=path,
        query=query,
        body=body.strip(),
        authorization=str(message.get("Authorization", "")) or authorization,
        position=position,
    )


def _part(content_id: str, answer: Answer) -> bytes:
    lines = ["Content-Type: application/http"]
    if content_id:
        lines.append(f"Content-ID: <response-{content_id.strip('<>')}>")
    content = b"" if answer.body is None else json.dumps(answer.body, ensure_ascii=False).encode("utf-8", "replace")
    lines += ["", f"HTTP/1.1 {answer.status} {_phrase(answer.status)}", "Content-Type: application/json; charset=UTF-8"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    lines += [f"Content-Length: {len(content)}", "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace") + content


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
