"""What the faces make of hostile text: every address, script and active element that would come alive in it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from agent.answer import Answer
from crm.identity import Principal
from crm.timeline.export import write
from crm.timeline.item import Item
from outbox.drafts import Draft
from slack_app.blocks.answer import answer_message
from slack_app.blocks.draft import draft_card
from slack_app.blocks.text import Message
from ui import inert
from ui.components.answer import prose

BASE_URL = "http://127.0.0.1:8501"
_OURS = {"mail.google.com", urlsplit(BASE_URL).netloc}
_TAGS = {"div", "p", "br", "ul", "li", "span", "b", "mark", "html", "body"}
_ATTRIBUTES = {"class", "title"}
_SLACK_LINK = re.compile(r"<([^<>|\s]+)(?:\|[^<>]*)?>")
_LIVE_MARKDOWN = re.compile(r"(?<!\\)[\[\]<>`]|(?<![\\\u2060])://")
_FORMULA = re.compile(r"^\s*[=+\-@\t\r]")


def answer_loads(answer: Answer, question: str, principal: Principal) -> Iterator[str]:
    """On the page (text, buttons of the sources) and in Slack."""
    yield from html_loads(prose(answer.answer))
    for citation in answer.citations:
        yield from label_loads(f"{citation.customer} · {citation.sender} · {citation.attachment}")
        yield from html_loads(inert.marked(citation.quote, citation.quote))
        if urlsplit(citation.url).netloc not in _OURS:
            yield f"page: {citation.url}"
    yield from slack_loads(answer_message(answer, question=question, zone=principal.zone))


def draft_loads(draft: Draft) -> Iterator[str]:
    """On its card in Slack, and in the HTML part that would leave."""
    yield from slack_loads(draft_card(draft, thread="t", base_url=BASE_URL))
    part = message_from_bytes(draft.raw, policy=policy.default).get_body(("html",))
    if part is not None:
        yield from html_loads(str(part.get_content()))


def label_loads(text: str) -> Iterator[str]:
    """Where the page takes only markdown."""
    yield from (f"page: markdown {found}" for found in _LIVE_MARKDOWN.findall(inert.label(text)))


def html_loads(source: str) -> Iterator[str]:
    parser = _Active()
    parser.feed(source)
    parser.close()
    yield from (f"html: {found}" for found in parser.found)


def slack_loads(message: Message) -> Iterator[str]:
    posted = message.as_posted()
    if posted["unfurl_links"] or posted["unfurl_media"]:
        yield "slack: unfurls"
    yield from _mrkdwn(message.text)
    for held in _objects(posted["blocks"]):
        if held.get("type") == "image" or "image_url" in held:
            yield "slack: an image"
        if held.get("type") == "mrkdwn":
            if not held.get("verbatim"):
                yield "slack: mrkdwn that is not verbatim"
            yield from _mrkdwn(str(held["text"]))


def export_loads(items: list[Item], principal: Principal) -> Iterator[str]:
    """Cells that a spreadsheet would compute, and JSON that is none."""
    sheet, plain = io.StringIO(newline=""), io.StringIO()
    write(items, sheet, "csv", principal.zone)
    write(items, plain, "json", principal.zone)
    for row in csv.reader(io.StringIO(sheet.getvalue())):
        yield from (f"csv: {cell[:40]}" for cell in row if _FORMULA.match(cell))
    if len(json.loads(plain.getvalue())) != len(items):
        yield "json: entries are missing"


def _mrkdwn(text: str) -> Iterator[str]:
    for target in _SLACK_LINK.findall(text):
        if target.startswith(("!", "@", "#")) or urlsplit(target).netloc not in _OURS:
            yield f"slack: {target}"


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for held in value.values():
            yield from _objects(held)
    elif isinstance(value, list | tuple):
        for held in value:
            yield from _objects(held)


class _Active(HTMLParser):
    """Tags other than those of plain text, and attributes other than those that only name or describe."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            self.found.append(f"<{tag}>")
        self.found += [f"{name}={value}" for name, value in attrs if name not in _ATTRIBUTES]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
