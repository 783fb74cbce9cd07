"""Exports: what strangers wrote stays text, and nothing loads."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from markdown_it import MarkdownIt

from agent.answer import Answer, Citation
from agent.export import Document, as_html, as_markdown, write
from crm.errors import InputError

HOSTILE = (
    '<script src="http://evil.test/x.js"></script><img src=x onerror=alert(1)> ![p](http://evil.test/p.png) '
    "[click](javascript:alert(1)) <http://evil.test> https://evil.test/a_b www.evil.test mail@evil.test `code` # head "
    "**bold** ~~x~~ | a | b | &lt;b&gt; \u202etxt.exe"
)


def document(text: str = HOSTILE, url: str = "https://mail.google.com/mail/u/?authuser=a@b.test#all/18f") -> Document:
    citation = Citation(
        n=1, message_id="m", gmail_id="g", customer=text, date=datetime(2026, 5, 1, 22, 30, tzinfo=UTC), sender=text,
        quote=text, verified=True, url=url, attachment=text,
    )  # fmt: skip
    answer = Answer(
        answer=f"1. {text} [1]\n- {text}\n\n# {text}", language="es", model=text, mode="model", not_found=False,
        scope={"customers": [text], "people": [], "since": "2026-04-30T22:00:00+00:00", "until": None, "searched": 3},
        citations=(citation,), tools=(), draft_id=None, removed=1, thread="t", trace_id="abc", seconds=1.0, id="a",
    )  # fmt: skip
    return Document(
        question=text, answer=answer, asked_at=datetime(2026, 5, 2, tzinfo=UTC), zone=ZoneInfo("Europe/Madrid")
    )


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(html: str) -> _Seen:
    parser = _Seen()
    parser.feed(html)
    return parser


def test_the_page_loads_and_runs_nothing() -> None:
    page = seen(as_html(document()))
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "img", "iframe", "link", "object", "embed", "form", "svg", "video", "audio", "base"}
    attributes = {name for _, attrs in page.tags for name in attrs}
    assert not any(name.startswith("on") or name in ("src", "srcset", "style", "background") for name in attributes)
    links = [attrs["href"] for tag, attrs in page.tags if tag == "a"]
    assert links == ["https://mail.google.com/mail/u/?authuser=a@b.test#all/18f"]
    policy = next(attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None and policy.startswith("default-src 'none';")
    assert "https://evil.test/a_b www.evil.test mail@evil.test" in page.text, "it stands there as text"
    assert "\u202e" not in page.text


@pytest.mark.parametrize("dialect", ["commonmark", "gfm-like"])
def test_the_markdown_is_text_whatever_shows_it(dialect: str) -> None:
    renderer = MarkdownIt(dialect, {"html": True, "linkify": False})
    page = seen(renderer.render(as_markdown(document())))
    names = [tag for tag, _ in page.tags]
    assert set(names) <= {"h1", "h2", "p", "ul", "ol", "li", "blockquote", "hr", "br", "a", "code"}
    assert names.count("h1") == 1 and names.count("h2") == 1
    assert [attrs["href"] for tag, attrs in page.tags if tag == "a"] == [
        "https://mail.google.com/mail/u/?authuser=a@b.test#all/18f"
    ]
    for piece in ("![p](", "[click](", "**bold**", "~~x~~", "&lt;b&gt;", "# head", "<img src=x onerror"):
        assert piece in page.text, piece


def test_a_foreign_address_is_never_the_link_of_a_source() -> None:
    for url in ("http://evil.test", "https://mail.google.com.evil.test/", "https://mail.google.com/)[x](http://e.test"):
        assert "href" not in as_html(document("x", url))
        assert "](" not in as_markdown(document("x", url))


def test_an_export_tells_question_sources_period_and_day_in_the_workspaces_zone(tmp_path: Path) -> None:
    write(tmp_path / "a.md", document("Globex"))
    write(tmp_path / "a.HTML", document("Globex"))
    for text in ((tmp_path / "a.md").read_text(), seen((tmp_path / "a.HTML").read_text()).text):
        plain = re.sub(r"\\", "", text)
        assert "Fuentes" in plain and "“Globex”" in plain and "2026-05-02 00:30" in plain
        assert "desde 2026-05-01 00:00" in plain and "3 correos" in plain and "trace id abc" in plain


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        write(tmp_path / "a.pdf", document())
    assert ".md or .html" in refused.value.for_user()
    with pytest.raises(InputError) as unwritable:
        write(tmp_path / "nowhere" / "a.md", document())
    assert "can't be written" in unwritable.value.for_user()
