"""The structure that mailers give to quotes in HTML, as marks in the text.

Gmail, Outlook, Apple Mail, Thunderbird, Yahoo and their kin wrap what they quote in known elements. The
text of such
a mail gets a private character where a quote, a forward or a signature begins; cited blocks get "> ".
"""

from selectolax.lexbor import LexborHTMLParser, LexborNode

from gmail import quotes
from gmail.html import render, tree

CUT, FORWARD, ATTRIBUTION, SIGNATURE, SIGNATURE_END = "\ue001", "\ue002", "\ue003", "\ue004", "\ue005"
MARKS = (CUT, FORWARD, ATTRIBUTION, SIGNATURE, SIGNATURE_END)

_CUTS = (
    "div#divRplyFwdMsg, div#x_divRplyFwdMsg, div#appendonsend,  div.OutlookMessageHeader,  "
    "hr#stopSpelling,    div[class*=yahoo_quoted], div#x_appendonsend,"
    "div.yahoo-quoted, div#mail-editor-reference-message-container,  div.zmail_extra,  "
    "div.protonmail_quote, div[name=quote],"
    "div.gmx_quote, div[style*='border-top'], div[style*='border:none']"
)
# A line above, as Outlook draws it.
_BORDER = ("border-top:solid", "border-top: solid", "border-top:1", "border-top: 1", "border-top-style:solid")
_SIGNATURES = (
    "div.gmail_signature, div[data-smartmail=gmail_signature],  div.moz-signature,  pre.moz-signature,  "
    "div#Signature,"
    "div#ms-outlook-mobile-signature,  div#AppleMailSignature,   div.protonmail_signature_block,    "
    "span.gmail_signature_prefix, div[class*=signature], div[id*=signature]"
)


def marked_text(html: str) -> str | None:
    """Return the text of `html` with marks, or None where its structure tells nothing of quotes or
    signatures.
    """
    for mark in MARKS:
        html = html.replace(mark, "")
    document = tree(html)
    marked = bool(_mark_quotes(document)) | bool(_mark_signatures(document))
    if not marked and not document.css_first("blockquote[type=cite], blockquote.gmail_quote"):
        return None
    return render(document.root)


def _mark_quotes(document: LexborHTMLParser) -> int:
    count = 0
    for node in document.css("div.gmail_attr, div.moz-cite-prefix, p.moz-cite-prefix"):
        forward = any(quotes.is_forward(line) for line in _lines(node)[:3])
        node.insert_before(FORWARD if forward else ATTRIBUTION)
        count += 1
    for node in document.css("div.moz-forward-container"):
        node.insert_before(FORWARD)
        count += 1
    for node in document.css(_CUTS):
        if _is_cut(node):
            node.insert_before(CUT)
            count += 1
    return count


def _is_cut(node: LexborNode) -> bool:
    """A border is only a quote's when a header block stands below it."""
    attributes = node.attributes
    style = (attributes.get("style") or "").lower()
    if attributes.get("id") == "appendonsend":
        return True
    if "border" not in style:
        return bool(attributes.get("id") or attributes.get("name") == "quote" or attributes.get("class"))
    lines = _lines(node)
    return any(border in style for border in _BORDER) and bool(lines) and quotes.header_block(lines, 0)


def _lines(node: LexborNode) -> list[str]:
    return [line for line in render(node).split("\n") if line.strip()][:12]


def _mark_signatures(document: LexborHTMLParser) -> int:
    count = 0
    for node in document.css(_SIGNATURES):
        node.insert_before(SIGNATURE)
        node.insert_after(SIGNATURE_END)
        count += 1
    return count
