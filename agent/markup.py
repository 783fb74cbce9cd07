"""Taking out of an answer what could load or open something: images, links, HTML.

A picture's address is how a manipulated model would carry mail out (CVE-2025-32711), so no face gets to see one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_HTML_BLOCK = re.compile(r"<(script|style|iframe|object)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_HTML_TAG = re.compile(
    r"</?[a-z][a-z0-9-]*(?:\s[^<>]*)?/?>|<(?:img|a|svg|link|base|meta)\b[^>]*\Z|<!--.*?(?:-->|\Z)", re.I | re.S
)
_IMAGE = re.compile(r"!\[[^\]\n]*\](?:\([^)]*\)|\[[^\]\n]*\])?")
_LINK = re.compile(r"\[(?!m:)([^\[\]\n]*)\]\((?:[^()\n]|\([^()\n]*\))*\)")
_AFTER_MARK = re.compile(r"(\[m:[^\]\n]*\])\((?:[^()\n]|\([^()\n]*\))*\)")
_REFERENCED = re.compile(r"\[(?!m:)([^\[\]\n]+)\]\[[^\[\]\n]*\]")
_DEFINITION = re.compile(
    r"^[ \t]*\[(?!m:)[^\]\n]+\]:[ \t]*<?(?:[a-z][a-z0-9+.-]*:|//|www\.).*$", re.MULTILINE | re.IGNORECASE
)
_URL = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]*://|\bwww\.|\b(?:javascript|data|vbscript|file):)[^\s<>\"“”«»]+", re.IGNORECASE
)
_CLOSING = ".,;:!?)]}'’…*_`"


def plain(text: str) -> tuple[str, int]:
    """Without images, HTML and link targets; a link leaves its words. Also says how many were taken out."""
    removed = 0
    for pattern, left in (
        (_HTML_BLOCK, ""), (_DEFINITION, ""), (_IMAGE, ""), (_HTML_TAG, ""), (_LINK, r"\1"), (_AFTER_MARK, r"\1"),
        (_REFERENCED, r"\1"),
    ):  # fmt: skip
        text, count = pattern.subn(left, text)
        removed += count
    return text, removed


def without_foreign_addresses(text: str, sources: Iterable[str]) -> tuple[str, int]:
    """Web addresses stay, as text, only where one of the sources writes the very same one."""
    known = {address for source in sources for address in _addresses(source)}
    removed = 0

    def check(found: re.Match[str]) -> str:
        nonlocal removed
        address = found.group().rstrip(_CLOSING)
        if address in known:
            return found.group()
        removed += 1
        return "(…)" + found.group()[len(address) :]

    return _URL.sub(check, text), removed


def _addresses(text: str) -> Iterable[str]:
    return (found.group().rstrip(_CLOSING) for found in _URL.finditer(text))
