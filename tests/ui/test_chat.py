"""Chat over the real offline assistant."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any

from sqlalchemy import delete
from streamlit.testing.v1 import AppTest

from agent.answer import Answer, Citation, Pulse, Step, Token
from agent.assistant import Assistant
from crm import schema
from crm.errors import ModelUnavailable
from crm.feedback import votes_of
from crm.identity import Principal
from crm.prompts.store import prompts_of
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


def test_a_conversation_is_read_back_by_its_address_with_its_sources(visit: Visit, globex: int) -> None:
    at = visit()
    at.chat_input[0].set_value("What was discussed with Globex?").run()
    again = visit(thread=str(at.query_params["thread"]))
    assert "What was discussed with Globex?" in texts(again)
    assert len(again.chat_message) == 2
    assert again.button(key="cite-0-1").label == at.button(key="cite-0-1").label


def test_a_conversation_read_back_shows_its_draft(visit: Visit, app: App, me: Principal, globex: int) -> None:
    at = visit()
    at.chat_input[0].set_value("Write a reply to Maria's last email thanking her.").run()
    again = visit(thread=str(at.query_params["thread"]))
    again.button(key=f"discard-{drafts_of(app, me)[0].id}-1").click().run()
    once_more = visit(thread=str(at.query_params["thread"]))
    assert not once_more.exception
    assert "The draft was discarded." in texts(once_more)


def test_a_conversation_whose_answers_are_gone_says_where_its_draft_is(visit: Visit, app: App, globex: int) -> None:
    at = visit()
    at.chat_input[0].set_value("Write a reply to Maria's last email thanking her.").run()
    with app.database.write() as session:
        session.execute(delete(schema.StoredAnswer))
    again = visit(thread=str(at.query_params["thread"]))
    assert again.get("page_link")[0].proto.label == "1 draft waits for your decision"


def test_a_vote_is_kept_changed_commented_and_taken_back(visit: Visit, app: App, me: Principal, globex: int) -> None:
    def votes() -> list[tuple[str, str, str]]:
        with app.database.read() as session:
            return [(held.verdict, held.comment, held.question) for held in votes_of(session, me)]

    question = "What was discussed with Globex?"
    at = visit()
    at.chat_input[0].set_value(question).run()
    thumbs = at.feedback[0]
    thumbs.set_value(1).run()
    assert votes() == [("up", "", question)]
    at.feedback[0].set_value(0).run()
    assert votes() == [("down", "", question)]
    at.text_area[0].set_value("It missed the offer.")
    next(button for button in at.button if button.label == "Save comment").click().run()
    assert votes() == [("down", "It missed the offer.", question)]
    again = visit(thread=str(at.query_params["thread"]))
    assert again.feedback[0].value == 0
    again.feedback[0].set_value(None).run()
    assert votes() == []


def test_an_answer_is_copied_and_exported(visit: Visit, globex: int) -> None:
    at = visit()
    at.chat_input[0].set_value("What was discussed with Globex?").run()
    assert at.code[0].value.startswith("# What was discussed with Globex?")
    assert "https://mail.google.com/" in at.code[0].value
    assert {held.proto.label for held in at.get("download_button")} == {"Markdown", "Page to print"}


def test_a_question_becomes_a_prompt_that_runs_with_a_click(visit: Visit, app: App, me: Principal, globex: int) -> None:
    at = visit()
    at.chat_input[0].set_value("What was discussed with Globex?").run()
    next(area for area in at.text_area if area.label == "Question").set_value("What is open with {customer}?")
    next(button for button in at.button if button.label == "Save prompt").click().run()
    with app.database.read() as session:
        (prompt,) = prompts_of(session, me)
    assert (prompt.text, prompt.shared) == ("What is open with {customer}?", False)
    fresh = visit()
    fresh.button(key=f"prompt-{prompt.id}").click().run()
    assert not fresh.chat_message
    fresh.selectbox(key="prompt-value-customer").set_value("Globex").run()
    fresh.button(key="prompt-ask").click().run()
    assert "What is open with Globex?" in texts(fresh)
    assert not fresh.exception


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

    def stream(self, *_: Any, **__: Any) -> Generator[Step | Token | Pulse | Answer]:
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
