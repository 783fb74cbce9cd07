"""HTML mail to readable text, and to markup that is safe to show."""

import re
from urllib.parse import urlsplit

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

# Parsers are quadratic in the depth of the tree; no mail written by a mailer comes near this.
_DEEPEST = 5000
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)[^<>]*>")
_VOID = frozenset(("br", "img", "hr", "meta", "link", "input", "col", "area", "base", "wbr", "p", "li", "td", "tr"))
_DROPPED = frozenset((
    "head", "title", "style", "script", "template", "svg", "object", "embed", "iframe", "noscript",
    "select", "textarea", "button", "map", "audio", "video", "canvas", "math",
))  # fmt: skip
_PARAGRAPH = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre"))
_LINE = frozenset((
    "div", "li", "tr", "dt", "dd", "address", "article", "section", "header", "footer", "center", "form",
    "fieldset", "caption", "tbody", "thead", "figure", "main", "aside", "nav", "body",
))  # fmt: skip
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?![.\d])"
    r"|max-height\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])",
    re.IGNORECASE,
)
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u034f\u00ad\u061c\u180e\u200e\u200f\u202a-\u202e\0]")
# A joiner between two pictographs makes one emoji and stays.
_JOINED = re.compile("(?<=[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f])\u200d(?=[\U0001f000-\U0001faff\u2600-\u27bf])")
_SPACE = re.compile(r"[ \t\r\n\f\v\u00a0\u2000-\u200a\u202f\u3000]+")
_LONGEST_LINK = 150


def tree(html: str) -> LexborHTMLParser:
    """Return the parsed document; markup nested beyond reason loses its tags first."""
    return LexborHTMLParser(flattened(html) or "<html></html>")


def flattened(html: str) -> str:
    """Return `html` itself, or only its words where it is nested too deeply to be parsed in linear time."""
    depth = 0
    for match in _TAG.finditer(html):
        if match[2].lower() not in _VOID:
            depth = max(0, depth - 1) if match[1] else depth + 1
            if depth > _DEEPEST:
                return _TAG.sub(" ", html)
    return html


def to_text(html: str) -> str:
    """Return what a reader sees: paragraphs, lists, tables and links as text, cited blocks behind "> "."""
    return render(tree(html).root)


def render(root: LexborNode | None) -> str:
    """Return the readable text below `root`."""
    writer = _Writer()
    node, inside = root, False
    while node is not None:
        if not inside and writer.enter(node) and node.child is not None:
            node = node.child
            continue
        if not inside:
            writer.leave(node)
        if node.mem_id == (root.mem_id if root else 0):
            break
        if node.next is not None:
            node, inside = node.next, False
        else:
            node, inside = node.parent, True
            if node is not None:
                writer.leave(node)
    return writer.text()


def is_cite(node: LexborNode) -> bool:
    """True for the block a mailer puts around what is answered."""
    attributes = node.attributes
    return attributes.get("type") == "cite" or "gmail_quote" in (attributes.get("class") or "")


class _Writer:
    """Collects lines while a tree is walked; whitespace collapses as in a browser."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._blank = False
        self._cited = 0
        self._above = 0
        self._pre = 0
        self._lists: list[int] = []
        self._links: list[int] = []

    def enter(self, node: LexborNode) -> bool:
        """Begin a node; False when nothing below it is read."""
        tag = node.tag or ""
        if tag == "-text":
            self._write(node.text_content or "")
            return False
        if tag in _DROPPED or tag.startswith("-") or _is_hidden(node):
            return False
        if tag == "br":
            self._break(keep=True)
        elif tag == "hr":
            self._break()
            self._line.append("---")
            self._break()
        elif tag == "img":
            self._image(node)
        elif tag in _PARAGRAPH or tag in _LINE:
            self._break(blank=tag in _PARAGRAPH and not self._lists)
        if tag in ("ul", "ol"):
            self._lists.append(0 if tag == "ol" else -1)
        elif tag == "li":
            self._bullet()
        elif tag in ("td", "th"):
            self._cell()
        elif tag == "a":
            self._links.append(len(self._line))
        elif tag == "pre":
            self._pre += 1
        elif tag == "blockquote" and is_cite(node):
            self._cited += 1
        return True

    def leave(self, node: LexborNode) -> None:
        """End a node that was entered; a no-op for one that was not."""
        tag = node.tag or ""
        if tag == "-text" or tag in _DROPPED or tag.startswith("-") or tag in ("br", "hr", "img"):
            return
        if _is_hidden(node):
            return
        if tag == "a" and self._links:
            self._link(node, self._links.pop())
        if tag in _PARAGRAPH or tag in _LINE:
            self._break(blank=tag in _PARAGRAPH and len(self._lists) < 2 and tag != "li")
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif tag == "pre":
            self._pre = max(0, self._pre - 1)
        elif tag == "blockquote" and is_cite(node):
            self._cited = max(0, self._cited - 1)

    def text(self) -> str:
        """Return the lines collected so far."""
        self._break()
        return "\n".join(self._lines).strip("\n")

    def _write(self, text: str) -> None:
        text = _visible(text)
        if self._pre:
            first, *rest = text.split("\n")
            self._line.append(first)
            for line in rest:
                self._break(keep=True)
                self._line.append(line)
            return
        text = _SPACE.sub(" ", text)
        if not self._line or self._line[-1].endswith(" "):
            text = text.lstrip(" ")
        if text:
            self._line.append(text)

    def _break(self, *, blank: bool = False, keep: bool = False) -> None:
        """End the line; `keep` writes it even when empty, `blank` asks for an empty line before the next."""
        line = "".join(self._line).rstrip()
        self._line = []
        if line.strip(" |"):
            if self._blank and self._lines:
                self._lines.append(("> " * min(self._cited, self._above)).rstrip())
            self._lines.append("> " * self._cited + line)
            self._above = self._cited
            self._blank = False
        elif keep and self._lines:
            self._blank = True
        self._blank = self._blank or blank

    def _bullet(self) -> None:
        depth = max(0, len(self._lists) - 1)
        bullet = "- "
        if self._lists and self._lists[-1] >= 0:
            self._lists[-1] += 1
            bullet = f"{self._lists[-1]}. "
        self._line.append("  " * depth + bullet)

    def _cell(self) -> None:
        if "".join(self._line).strip(" |"):
            self._line.append(" | ")

    def _image(self, node: LexborNode) -> None:
        """Only a picture that stands for a character is read, as emoji often are."""
        alt = (node.attributes.get("alt") or "").strip()
        if alt and len(alt) <= 8 and not any(character.isascii() for character in alt):
            self._write(alt)

    def _link(self, node: LexborNode, start: int) -> None:
        address = (node.attributes.get("href") or "").strip()
        label = "".join(self._line[start:]).strip()
        if not label or not address.lower().startswith(("http://", "https://", "mailto:")):
            return
        address = address.removeprefix("mailto:").split("?subject")[0]
        if _same(label, address):
            return
        if len(address) > _LONGEST_LINK:
            address = _short(address)
        space = "" if self._line[-1].endswith(" ") else " "
        self._line.append(f"{space}<{address}>")


def _visible(text: str) -> str:
    if text.isascii():
        return text.replace("\0", "")
    return _INVISIBLE.sub("", _JOINED.sub("\ue000", text)).replace("\ue000", "\u200d")


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    return "hidden" in attributes or bool(_HIDDEN.search(attributes.get("style") or ""))


def _same(label: str, address: str) -> bool:
    def bare(text: str) -> str:
        return re.sub(r"^https?://(www\.)?", "", text.strip().lower()).rstrip("/")

    return bare(label) == bare(address)


def _short(address: str) -> str:
    """A tracking address says where it leads by its host."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address[:_LONGEST_LINK]
    return f"{parts.scheme}://{parts.netloc}{parts.path}"[:_LONGEST_LINK]


_TAGS = nh3.ALLOWED_TAGS - {"img", "map", "area"} | {"font", "center"}
_ATTRIBUTES = {
    "*": {"style", "dir", "lang", "align", "valign", "width", "height", "bgcolor", "title"},
    "a": {"href"},
    "font": {"color", "face", "size"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
    "table": {"border", "cellpadding", "cellspacing"},
}
# Properties that neither fetch anything nor leave the place given to the mail.
_STYLES = {
    "color", "background-color", "font-family", "font-size", "font-style", "font-weight", "line-height",
    "text-align", "text-decoration", "text-indent", "vertical-align", "white-space", "border",
    "border-bottom", "border-collapse", "border-color", "border-left", "border-right", "border-style",
    "border-top", "border-width", "list-style-type", "margin", "margin-bottom", "margin-left",
    "margin-right", "margin-top", "padding", "padding-bottom", "padding-left", "padding-right",
    "padding-top", "width", "max-width", "display",
}  # fmt: skip


def sanitise(html: str) -> str:
    """Return markup that shows the mail and does nothing: no images, scripts, forms, or anything remote."""
    return nh3.clean(
        flattened(html),
        tags=_TAGS,
        clean_content_tags={"script", "style", "title", "template"},
        attributes=_ATTRIBUTES,
        filter_style_properties=_STYLES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
