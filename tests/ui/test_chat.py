"""Chat over the real offline assistant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from streamlit.testing.v1 import AppTest

from agent.answer import Answer, Citation, Step, Token
from agent.assistant import Assistant
from crm.errors import ModelUnavailable
from crm.identity import Principal
from outbox import drafts
from tests.ui.conftest import HOSTILE, NOW, receive, texts
from ui import deps
from wiring.app import App

Visit = Callable[..., AppTest]


def test_an_empty_workspace_is_told_what_to_do_first(visit: Visit) -> None:
    at = visit()
    assert not at.exception
    assert any("Import them" in caption.value for caption in at.caption)


def test_examples_name_a_real_customer_and_a_click_asks(visit: Visit, globex: int) -> None:
    at = visit()
    first = at.button(key="example-0")
    assert "Globex" in first.label
    first.click().run()
    assert not at.exception
    assert len(at.chat_message) == 2
    assert at.query_params["thread"]


def test_a_question_is_answered_with_scope_and_sources(visit: Visit, globex: int) -> None:
    at = visit()
    at.chat_input[0].set_value("Summarize the last 2 emails with Maria at Globex.").run()
    shown = texts(at)
    assert not at.exception
    assert "renew" in shown and "Globex" in shown
    assert "extractive, no language model" in shown
    assert at.button(key="cite-0-1").label.startswith("1 ")


def test_a_source_opens_its_mail_with_the_quote_marked(visit: Visit, app: App, me: Principal, globex: int) -> None:
    mail_id = receive(app, me, subject="Prices", text="The price is too high for us.", days_ago=1, thread="t2")
    deps.provide(replace(app, assistant=_Said(_answer("Too high [1].", mail_id, "price is too HIGH"))))
    at = visit()
    at.chat_input[0].set_value("What about prices?").run()
    at.button(key="cite-0-1").click().run()
    assert "The <mark>price is too high</mark> for us." in texts(at)
    assert "mail.google.com" in at.get("link_button")[0].proto.url


def test_what_a_mail_or_a_model_says_is_never_markup(visit: Visit, app: App, me: Principal, globex: int) -> None:
    mail_id = receive(app, me, subject=HOSTILE, text=HOSTILE, days_ago=1, thread="t2")
    deps.provide(replace(app, assistant=_Said(_answer(HOSTILE, mail_id, "", sender=HOSTILE))))
    at = visit()
    at.chat_input[0].set_value(HOSTILE).run()
    at.button(key="cite-0-1").click().run()
    assert "&lt;img src=" in texts(at)
    assert "<img" not in texts(at)
    assert not any("evil.test/y.png" in element.value for element in at.markdown)
    assert r"\!\[x\]" in at.button(key="cite-0-1").label


def test_a_failure_is_one_sentence_with_a_trace_id_and_can_be_asked_again(visit: Visit, app: App, globex: int) -> None:
    deps.provide(replace(app, assistant=_Said(ModelUnavailable("secret detail"))))
    at = visit()
    at.chat_input[0].set_value("Anything new?").run()
    shown = at.error[0].value.replace("\\", "")
    assert "does not answer" in shown and "Trace id" in shown and "secret" not in shown
    deps.provide(app)
    at.button(key="again-0").click().run()
    assert not at.error
    assert len(at.chat_message) == 2


def test_a_conversation_is_read_back_by_its_address(visit: Visit, globex: int) -> None:
    at = visit()
    at.chat_input[0].set_value("What was discussed with Globex?").run()
    again = visit(thread=str(at.query_params["thread"]))
    assert "What was discussed with Globex?" in texts(again)
    assert len(again.chat_message) == 2


def test_a_conversation_read_back_says_where_its_draft_is(visit: Visit, globex: int) -> None:
    at = visit()
    at.chat_input[0].set_value("Write a reply to Maria's last email thanking her.").run()
    again = visit(thread=str(at.query_params["thread"]))
    assert again.get("page_link")[0].proto.label == "1 draft waits for your decision"


def test_new_conversation_leaves_the_old_one(visit: Visit, globex: int) -> None:
    at = visit()
    at.chat_input[0].set_value("What was discussed with Globex?").run()
    at.button(key="new-conversation").click().run()
    assert not at.chat_message
    assert "thread" not in at.query_params


def test_an_asked_draft_shows_its_card_and_settles_once_handled(
    visit: Visit, app: App, me: Principal, globex: int
) -> None:
    at = visit()
    at.chat_input[0].set_value("Write a reply to Maria's last email thanking her.").run()
    draft = drafts_of(app, me)[0]
    assert "maria@globex.test" in texts(at)
    at.button(key=f"discard-{draft.id}-1").click().run()
    assert not at.exception
    assert drafts_of(app, me)[0].status == "discarded"
    thread = str(at.query_params["thread"])
    assert app.assistant.settle(me, thread) is None, "the waiting conversation was resumed"


def drafts_of(app: App, me: Principal) -> tuple[drafts.Draft, ...]:
    with app.database.read() as session:
        return drafts.list_drafts(session, me)


class _Said(Assistant):
    """An assistant that streams a fixed answer, or fails."""

    def __init__(self, outcome: Answer | Exception) -> None:
        self._outcome = outcome

    def stream(self, *_: Any, **__: Any) -> Iterator[Step | Token | Answer]:
        yield Step(text="Scope: Globex")
        if isinstance(self._outcome, Exception):
            raise self._outcome
        yield Token(text=self._outcome.answer)
        yield self._outcome

    def settle(self, *_: Any) -> None:
        return None


def _answer(text: str, mail_id: str, quote: str, sender: str = "Maria") -> Answer:
    citation = Citation(
        n=1, message_id=mail_id, gmail_id="g1", customer="Globex", date=NOW, sender=sender, quote=quote,
        verified=bool(quote), url="https://mail.google.com/",
    )  # fmt: skip
    return Answer(
        answer=text, language="en", model="scripted", mode="model", not_found=False, citations=(citation,),
        scope={"customers": [], "people": [], "since": None, "until": None, "searched": 1}, tools=(),
        draft_id=None, removed=0, thread="t", trace_id="0", seconds=0.1,
    )  # fmt: skip
