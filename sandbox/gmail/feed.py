"""Mails from disk: an mbox file, a Maildir, a folder of mail files, or one mail."""

import re
from collections.abc import Iterator
from pathlib import Path

_ENVELOPE_DATE = re.compile(rb"\d\d:\d\d(?::\d\d)? .*\d{4}")
_HEADER_LINE = re.compile(rb">?[!-9;-~]+[ \t]*:|>From ")
_ESCAPED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)


class FeedError(ValueError):
    """The path holds no mail that can be read."""


def read(path: Path) -> Iterator[bytes]:
    """Every mail under `path`, in a stable order. Raises `FeedError` when the path does not exist.

    A folder with `cur` and `new` is a Maildir (with any subfolders); in another folder every file is one mail,
    except `*.mbox` files and hidden ones.
    """
    if path.is_dir():
        yield from _maildir(path) if (path / "cur").is_dir() or (path / "new").is_dir() else _folder(path)
    elif path.is_file():
        yield from _file(path)
    else:
        raise FeedError(f"{path} does not exist")


def _folder(path: Path) -> Iterator[bytes]:
    for file in sorted(path.rglob("*")):
        if file.is_file() and not file.name.startswith("."):
            yield from _mbox(file.read_bytes()) if file.suffix == ".mbox" else (file.read_bytes(),)


def _maildir(path: Path) -> Iterator[bytes]:
    for file in sorted(path.rglob("*")):
        if file.parent.name in ("cur", "new") and file.is_file() and not file.name.startswith("."):
            yield file.read_bytes()


def _file(path: Path) -> Iterator[bytes]:
    content = path.read_bytes()
    if content.startswith(b"From ") or not content.strip():
        yield from _mbox(content)
    else:
        yield content


def _mbox(content: bytes) -> Iterator[bytes]:
    """Split at `From ` lines behind an empty line, when an envelope date or a header shows they are no prose."""
    lines = content.splitlines(keepends=True)
    mail: list[bytes] | None = None
    is_behind_empty_line = True
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else b""
        if is_behind_empty_line and line.startswith(b"From ") and _is_envelope(line, following):
            if mail is not None:
                yield _unescaped(mail)
            mail = []
        elif mail is not None:
            mail.append(line)
        is_behind_empty_line = not line.strip(b"\r\n")
    if mail is not None:
        yield _unescaped(mail)


def _is_envelope(line: bytes, following: bytes) -> bool:
    return _ENVELOPE_DATE.search(line) is not None or _HEADER_LINE.match(following) is not None


def _unescaped(lines: list[bytes]) -> bytes:
    if lines and not lines[-1].strip(b"\r\n"):
        lines = lines[:-1]  # the empty line that separates mails
    return _ESCAPED_FROM.sub(rb"\1", b"".join(lines))
