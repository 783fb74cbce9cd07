"""The pure builders, and that Slack would take what they build."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from agent.answer import Answer
from crm.errors import DraftConflict
from outbox.drafts import Draft
from outbox.warning import PolicyWarning
from sandbox.slack.blocks import check_blocks, check_view
from slack_app.blocks.answer import answer_message
from slack_app.blocks.draft import Ref, draft_card, handled_card
from slack_app.blocks.failure import failure
from slack_app.blocks.modal import Edited, Place, edit_modal
from slack_app.blocks.text import chunks, escape, link, pack, unescape
from slack_app.subcommand import named, rest, whole
from tests.slack_app.conftest import shown
from tests.slack_app.world import BASE_URL, NOW, citation

MADRID = ZoneInfo("Europe/Madrid")
DRAFT = Draft(
    id="abc", version=1, status="draft", sha256="f" * 64, raw=b"", mailbox="ana@lealup.example",
    senders=("ana@lealup.example",), files=(), asked="", send_at=None, mail_id="m",
    customers=("Acme <Robotics>",), sender="Ana <ana@lealup.example>", to=("María López <m@acme.example>",),
    cc=(), bcc=(), subject="Re: *Hola* <@U1>", text="Olá\n", warnings=(), gmail_id="", error="",
    created_at=NOW, updated_at=NOW,
)  # fmt: skip
ANSWER = Answer(
    answer="Ela pediu <!here> [1].", language="pt", model="offline", mode="extractive", not_found=False,
    scope={}, citations=(citation(),), tools=(), draft_id=None, removed=0, thread="t", trace_id="t" * 16, seconds=0.1,
)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["", "kurz", "wort " * 3000, "x" * 9001, ("línea ñandú\n" * 250 + "\n") * 20, escape("<&>" * 3000)],
)
def test_chunks_are_the_text_and_fit(text: str) -> None:
    pieces = chunks(text)
    assert "".join(pieces) == text
    assert all(0 < len(piece) <= 3000 for piece in pieces)


def test_a_chunk_never_ends_inside_an_entity() -> None:
    text = "x" * 2998 + escape("<b>")
    assert chunks(text) == ["x" * 2998, "&lt;b&gt;"]


def test_pack_keeps_lines_whole() -> None:
    assert pack(["aa", "bb", "cc"], limit=5) == ["aa\nbb", "cc"]


def test_escaping_and_back() -> None:
    assert escape("<!channel> & co") == "&lt;!channel&gt; &amp; co"
    assert unescape(escape("a &lt; <b> & c")) == "a &lt; <b> & c"


def test_a_link_can_not_be_broken_out_of() -> None:
    assert link("https://x/?a=b|<!here>", "a|b<c>") == "<https://x/?a=b%7C%3C!here%3E|a¦b&lt;c&gt;>"


def test_the_longest_mail_fits_into_one_card() -> None:
    text = ("palabra " * 40 + "\n") * 320
    longest = replace(
        DRAFT, text=text[:100_000], warnings=tuple(map(PolicyWarning.from_json, ("One.", "Two & three.")))
    )
    blocks = draft_card(longest, thread="t", base_url=BASE_URL).blocks
    check_blocks(list(blocks))
    assert text[:100_000] == "".join(block["text"]["text"] for block in blocks[3:-3])


def test_mail_in_a_card_is_plain_text() -> None:
    hostile = replace(DRAFT, text="<!channel> *bold* :bomb: <https://evil.example|click>\n")
    blocks = draft_card(hostile, thread="t", base_url=BASE_URL).blocks
    exact = [block["text"] for block in blocks if block["type"] == "section"][1:]
    assert [held["type"] for held in exact] == ["plain_text", "plain_text"]
    assert exact[1] == {"type": "plain_text", "text": hostile.text, "emoji": False}
    assert "Subject: Re: *Hola* <@U1>" in exact[0]["text"]


def test_recipients_who_do_not_fit_with_names_are_asked_by_address() -> None:
    people = tuple(f"A Person With A Long Name <p{n}@acme.example>" for n in range(10))
    send = draft_card(replace(DRAFT, cc=people), thread="t", base_url=BASE_URL).blocks[-1]["elements"][0]
    assert send["confirm"]["text"]["text"].endswith("p8@acme.example, p9@acme.example.")
    assert "m@acme.example" in send["confirm"]["text"]["text"]


def test_without_room_for_every_recipient_there_is_no_send_button() -> None:
    people = tuple(f"person{n}@acme.example" for n in range(30))
    message = draft_card(replace(DRAFT, cc=people), thread="t", base_url=BASE_URL)
    check_blocks(list(message.blocks))
    assert [held["action_id"] for held in message.blocks[-1]["elements"]] == [
        "draft_edit", "draft_regenerate", "draft_discard",
    ]  # fmt: skip
    assert "Send it in LealUp" in shown({"blocks": message.blocks})


def test_a_ref_survives_its_button() -> None:
    ref = Ref(draft_id="a-_b", sha256="0" * 64, thread="x_1-y")
    assert Ref.decode(ref.encode()) == ref


def test_the_modal_carries_everything_back() -> None:
    ref, place = Ref(draft_id="abc", sha256="f" * 64, thread="t"), Place(channel="D1", ts="1.2")
    view = edit_modal(DRAFT, ref, place, base_url=BASE_URL)
    check_view(view)
    typed = {name: {name: {"value": name}} for name in ("to", "subject", "text")} | {"cc": {"cc": {"value": None}}}
    assert Edited.read({**view, "state": {"values": typed}}) == Edited(
        ref=ref, place=place, to="to", cc="", subject="subject", text="text"
    )


def test_a_mail_too_long_for_slack_is_edited_in_the_app() -> None:
    ref, place = Ref(draft_id="abc", sha256="f" * 64, thread="t"), Place(channel="D1", ts="1.2")
    view = edit_modal(replace(DRAFT, text="x" * 3001), ref, place, base_url=BASE_URL)
    check_view(view)
    assert "submit" not in view
    assert "Edit it in LealUp" in shown(view)


@pytest.mark.parametrize(
    ("status", "said"),
    [("sent", "Sent ·"), ("discarded", "Discarded"), ("sending", "It is still being sent")],
)
def test_a_handled_card_has_no_buttons(status: str, said: str) -> None:
    message = handled_card(replace(DRAFT, status=status, gmail_id="g1"))  # type: ignore[arg-type]
    assert shown({"blocks": message.blocks}).startswith(said)
    assert all(block["type"] != "actions" for block in message.blocks)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Searched: all"), ("es", "Búsqueda: todos"), ("pt", "Pesquisa: todos"), ("de", "Sear")],
)
def test_an_answer_speaks_its_language(language: str, words: str) -> None:
    message = answer_message(replace(ANSWER, language=language), question="?", zone=MADRID)
    assert words in shown({"blocks": message.blocks})
    assert "&lt;!here&gt;" in message.text


def test_a_very_long_answer_with_many_sources_fits() -> None:
    many = tuple(citation(n, "cita & <más> " * 100) for n in range(1, 200))
    message = answer_message(replace(ANSWER, answer="<x> " * 9000, citations=many), question="?" * 4000, zone=MADRID)
    check_blocks(list(message.blocks))
    assert len(message.text) <= 3000


def test_a_source_whose_quote_is_not_verified_says_so() -> None:
    message = answer_message(
        replace(ANSWER, citations=(replace(citation(), verified=False),)), question="?", zone=MADRID
    )
    assert "(citação não verificada)" in shown({"blocks": message.blocks})


def test_a_failure_shows_its_fixed_sentence_only() -> None:
    message = failure(DraftConflict("internal detail"), trace="abc", base_url=BASE_URL)
    text = shown({"blocks": message.blocks})
    assert text.startswith(DraftConflict.sentence)
    assert "internal" not in text
    assert "Trace id abc" in text


def test_the_words_after_the_command() -> None:
    typed = {"text": "  Ask   what's up &amp; down?  "}
    assert named("ask")(typed)
    assert not named("draft")(typed)
    assert rest(typed) == "what's up & down?"
    assert whole({"text": ""}) == ""
    assert named("help", "")({"text": None})
