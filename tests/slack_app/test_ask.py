from __future__ import annotations

import pytest

from crm.errors import AmbiguousCustomer, Disconnected, ModelUnavailable, NotConnected, UnknownCustomer
from tests.slack_app.conftest import Csm, shown, wait_until


def test_a_question_is_acked_with_itself_and_answered_once_in_its_place(csm: Csm) -> None:
    result = csm.type("ask ¿Qué pidió María &amp; cía.?")
    assert result["acked"] is True
    assert "¿Qué pidió María &amp; cía.?" in shown(result["ack"])
    posts = wait_until(csm.posts)
    assert len(posts) == 1
    assert posts[0]["replace_original"] is True
    assert posts[0]["response_type"] == "ephemeral"
    assert csm.world.assistant.asked == [("ana@lealup.example", "¿Qué pidió María & cía.?")]
    state = csm.state()
    assert len(state["ephemerals"]) == 1
    assert state["messages"] == {}, "nothing for others to read"


def test_an_answer_shows_its_sources_and_scope(ana: Csm) -> None:
    text = shown(ana.answered("ask ¿Qué pidió María?"))
    assert "María pidió un descuento del 10 % &lt;!channel&gt; [1]." in text
    assert "[1] Acme Robotics · 2026-11-20 · María López" in text
    assert "<https://mail.google.com/mail/u/?authuser=ana@lealup.example#all/18f|Gmail>" in text
    assert "> “un descuento del 10 %”" in text
    assert "Búsqueda: Acme Robotics · desde 2026-08-22 · hasta 2026-11-20 · 1 correos" in text


def test_nothing_unfurls(ana: Csm) -> None:
    posted = ana.answered("ask ¿Qué pidió María?")
    assert posted["unfurl_links"] is False
    assert posted["unfurl_media"] is False
    assert all(block["type"] in ("section", "context", "actions") for block in posted["blocks"])


def test_an_empty_question_gets_the_usage(ana: Csm) -> None:
    assert "`/csm ask QUESTION`" in shown(ana.type("ask  ")["ack"])
    assert ana.world.assistant.asked == []


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (NotConnected("x"), "Gmail is not connected for this user. <https://lealup.example/settings|Open LealUp>"),
        (Disconnected("x"), "Gmail access was revoked. <https://lealup.example/settings|Open LealUp>"),
        (UnknownCustomer("Globex <b>"), "No customer is called “Globex &lt;b&gt;”. `/csm health` lists"),
        (AmbiguousCustomer("Acme", ("Acme A", "Acme B")), "“Acme” fits several customers: Acme A, Acme B."),
        (ModelUnavailable("x"), "The language model does not answer."),
        (RuntimeError("secret: token"), "Something went wrong."),
    ],
)
def test_each_failure_has_its_sentence_and_a_trace_id(ana: Csm, failure: Exception, said: str) -> None:
    ana.world.assistant.failure = failure
    text = shown(ana.answered("ask ¿Qué pidió María?"))
    assert said in text
    assert "Trace id " in text
    assert "secret" not in text
