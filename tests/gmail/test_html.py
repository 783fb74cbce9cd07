"""HTML to readable text, and to markup that does nothing."""

import pytest

from gmail.html import sanitise, to_text


def test_lists_tables_and_links_are_readable() -> None:
    text = to_text(
        "<p>Hello&nbsp;Ana</p><ul><li>one</li><li>two<ol><li>inner</li></ol></li></ul>"
        "<table><tr><th>Plan</th><th>Price</th></tr><tr><td>Pro</td><td>90&euro;</td></tr></table>"
        '<p>See <a href="https://docs.example/x">the guide</a> or <a href="https://a.example">https://a.example</a></p>'
    )
    assert text == (
        "Hello Ana\n\n- one\n- two\n  1. inner\n\nPlan | Price\nPro | 90€\n\n"
        "See the guide <https://docs.example/x> or https://a.example"
    )


@pytest.mark.parametrize(
    "hidden",
    [
        "<style>p{color:red}</style>",
        "<script>alert(1)</script>",
        '<div style="display:none">x</div>',
        '<span style="font-size:0px">x</span>',
        "<div hidden>x</div>",
        "<!-- x -->",
        "<head><title>x</title></head>",
    ],
)
def test_what_no_reader_sees_is_not_text(hidden: str) -> None:
    assert to_text(f"<div>seen{hidden}</div>") == "seen"


def test_cited_blocks_are_marked() -> None:
    assert (
        to_text('<p>new</p><blockquote type="cite"><p>old</p><p>older</p></blockquote>') == "new\n\n> old\n>\n> older"
    )


def test_breaks_and_inline_elements() -> None:
    assert to_text("a<br>b<br><br>c <b>d</b><i>e</i>") == "a\nb\n\nc de"


@pytest.mark.parametrize(
    "active",
    [
        '<img src="https://t.example/pixel.gif">',
        '<a href="javascript:alert(1)">x</a>',
        "<iframe src=https://e.example></iframe>",
        '<p onclick="x()">x</p>',
        '<p style="background:url(https://t.example/p)">x</p>',
        "<form action=https://e.example><input></form>",
        "<style>@import url(https://t.example)</style>",
        '<svg onload="x()"></svg>',
        '<link rel=stylesheet href="https://t.example">',
    ],
)
def test_nothing_active_or_remote_is_left(active: str) -> None:
    clean = sanitise(f"<p>text</p>{active}")
    assert "<p>text</p>" in clean
    for trace in (
        "t.example",
        "e.example",
        "javascript",
        "onclick",
        "onload",
        "<img",
        "<form",
        "<iframe",
        "url(",
    ):
        assert trace not in clean


def test_links_stay_and_open_apart() -> None:
    clean = sanitise('<a href="https://a.example">a</a>')
    assert 'href="https://a.example"' in clean
    assert "noopener" in clean and 'target="_blank"' in clean
