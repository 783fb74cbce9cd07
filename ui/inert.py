"""Text of strangers on a page: shown as it is, never run, never loaded, never linked.

Mail, answers of a model and names from a header go through `html` into `st.html`, where they are text and
nothing else. `label` is for the places that only take Streamlit's markdown: buttons, alerts, captions.
"""

from __future__ import annotations

import html as _html
import re
import string

_PUNCTUATION = re.compile(f"[{re.escape(string.punctuation)}]")
# Markdown turns bare addresses into links after it has read the escapes, so a word joiner keeps them apart.
_AUTOLINK = re.compile(r"(?<=[:w.\w])(?=(?://|@))|(?<=www)(?=\.)", re.IGNORECASE)
_JOINER = "\u2060"


def html(text: str) -> str:
    """Text as HTML source that renders as exactly that text."""
    return _html.escape(text, quote=True)


def label(text: str) -> str:
    """Text as one line of Streamlit markdown, with no emphasis, image, link, directive or formula in it."""
    apart = _AUTOLINK.sub(_JOINER, " ".join(text.split()))
    return _PUNCTUATION.sub(r"\\\g<0>", apart)


def marked(text: str, quote: str) -> str:
    """`html` with the quote highlighted where it stands, case and whitespace aside."""
    found = _find(text, quote)
    if found is None:
        return html(text)
    start, end = found.span()
    return f"{html(text[:start])}<mark>{html(text[start:end])}</mark>{html(text[end:])}"


def holds(text: str, quote: str) -> bool:
    return _find(text, quote) is not None


def _find(text: str, quote: str) -> re.Match[str] | None:
    words = quote.split()
    return re.search(r"\s+".join(map(re.escape, words)), text, re.IGNORECASE) if words else None
