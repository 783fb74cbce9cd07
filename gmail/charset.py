"""Bytes to text under charset labels that cannot be trusted."""

import codecs
import re
from functools import lru_cache

from charset_normalizer import from_bytes

# Labels seen in the wild that Python does not know, and supersets that browsers read in the label's place.
_SUPERSETS = {
    "ascii": "cp1252", "us-ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
    "unicode-1-1-utf-7": "utf-7", "x-mac-roman": "mac_roman", "macintosh": "mac_roman", "x-sjis": "cp932",
    "ks_c_5601-1987": "cp949", "x-gbk": "gb18030", "unicode": "utf-16", "ansi": "cp1252",
    "iso-8859-8-i": "iso8859-8",
}  # fmt: skip
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# Bytes below 0x80 carry other letters here, or two-byte letters can look like UTF-8: the label goes first.
_LABEL_FIRST = re.compile(r"utf-?(7|16|32)|iso2022|hz$|cp9\d\d|gb18030|big5|euc")
_SAMPLE = 8192
# More stray bytes than these are no slips of a program.
_MOST_STRAY = 400


@lru_cache(maxsize=256)
def codec(label: str | None) -> str | None:
    """Return the name of the text codec that reads `label`, or None for an unknown one."""
    if not label:
        return None
    cleaned = label.strip().strip("\"'").lower()
    # "windows-1252http-equiv…", "utf-8; format=flowed", "cp-850": labels with a tail or a stray dash.
    for candidate in (
        cleaned,
        re.sub(r"[^\w.:-].*$", "", cleaned),
        re.sub(r"^(cp|windows)-?(\d{3,4}).*", r"cp\2", cleaned),
    ):
        try:
            info = codecs.lookup(_SUPERSETS.get(candidate, candidate))
        except (LookupError, ValueError, UnicodeError):
            continue
        if getattr(info, "_is_text_encoding", True):
            return _SUPERSETS.get(info.name, info.name)
    return None


def decode(content: bytes, label: str | None, *, utf8_first: bool = False) -> tuple[str, str]:
    """Return the text of `content` and the charset it was read with; never raises.

    UTF-8 that decodes strictly is UTF-8 whatever the label says, except under labels whose own bytes can
    look like it. Then the label, then a guess. `utf8_first` is for bytes that Gmail has already re-encoded
    under their old label.
    """
    for bom, name in _BOMS:
        if content.startswith(bom):
            return content.decode(name, errors="replace"), name.removesuffix("-sig")
    declared = codec(label)
    if declared and not utf8_first and _LABEL_FIRST.match(declared):
        text = _strict(content, declared)
        if text is not None:
            return text, (label or declared).strip("\"' ").lower()
    text = _strict(content, "utf-8")
    if text is not None:
        if content.isascii():
            return text, label.strip("\"' ").lower() if label and declared else "us-ascii"
        return text, "utf-8"
    if declared and declared != "utf-8":
        text = _strict(content, declared)
        if text is not None:
            return text, (label or declared).strip("\"' ").lower()
    return _guess(content, declared)


def _strict(content: bytes, name: str) -> str | None:
    try:
        return content.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return None


def _guess(content: bytes, declared: str | None) -> tuple[str, str]:
    """A mostly-ASCII text with a few stray bytes is Western; only denser scripts can be guessed."""
    high = sum(byte >= 0x80 for byte in content[:_SAMPLE])
    # Most bytes form letters of UTF-8: the few others were pasted in by a program that wrote Western ones.
    if declared in (None, "utf-8") and high and 2 * _replaced(content) <= high:
        return _mended(content), "utf-8"
    if high > 0.2 * min(len(content), _SAMPLE):
        best = from_bytes(content[:_SAMPLE]).best()
        if best is not None:
            return content.decode(best.encoding, errors="replace"), best.encoding.replace("_", "-")
    return content.decode("cp1252", errors="replace"), "windows-1252"


def _mended(content: bytes) -> str:
    """Read UTF-8, and what is none as Western."""
    pieces: list[str] = []
    while content:
        try:
            pieces.append(content.decode("utf-8"))
            break
        except UnicodeDecodeError as error:
            if len(pieces) > _MOST_STRAY:
                pieces.append(content.decode("utf-8", errors="replace"))
                break
            pieces.append(content[: error.start].decode("utf-8"))
            pieces.append(content[error.start : error.end].decode("cp1252", errors="replace"))
            content = content[error.end :]
    return "".join(pieces)


def _replaced(content: bytes) -> int:
    return content[:_SAMPLE].decode("utf-8", errors="replace").count("\ufffd")
