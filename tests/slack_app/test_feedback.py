"""Thumbs below an answer in Slack."""

from __future__ import annotations

from sqlalchemy import delete

from crm import schema
from crm.feedback import votes_of
from slack_app.blocks.answer import COMMENT, VOTE_DOWN, VOTE_UP
from tests.slack_app.conftest import Csm, shown, wait_until


def votes(csm: Csm) -> list[tuple[str, str, str, str]]:
    with csm.world.database.read() as session:
        return [(held.verdict, held.comment, held.face, held.question) for held in votes_of(session, csm.world.ana)]


def test_a_vote_is_kept_shown_and_changed_in_place(csm: Csm) -> None:
    csm.answered("ask ¿Qué pidió María?")
    before = len(csm.posts())
    csm.click(VOTE_UP)
    wait_until(lambda: csm.posts()[before:])
    csm.click(VOTE_DOWN)
    last = wait_until(lambda: csm.posts()[before + 1 :])[0]

    assert votes(csm) == [("down", "", "slack", "¿Qué pidió María?")]
    assert last["replace_original"] is True
    assert "María pidió un descuento" in shown(last)
    buttons = last["blocks"][-1]["elements"]
    assert [held["text"]["text"] for held in buttons] == ["👍 Correcta", "👎 Incorrecta", "Añadir un comentario"]
    assert [held.get("style") for held in buttons] == [None, "primary", None]


def test_a_comment_is_asked_for_in_a_modal_and_kept(ana: Csm) -> None:
    ana.answered("ask ¿Qué pidió María?")
    before = len(ana.posts())
    ana.click(VOTE_DOWN)
    wait_until(lambda: ana.posts()[before:])
    ana.click(COMMENT)
    wait_until(lambda: ana.state()["views"])
    ana.submit(comment="Fue Luis <!channel>.")

    assert votes(ana) == [("down", "Fue Luis <!channel>.", "slack", "¿Qué pidió María?")]


def test_an_answer_that_went_with_its_mail_says_so(ana: Csm) -> None:
    ana.answered("ask ¿Qué pidió María?")
    before = len(ana.posts())
    with ana.world.database.write() as session:
        session.execute(delete(schema.StoredAnswer))
    ana.click(VOTE_UP)
    last = wait_until(lambda: ana.posts()[before:])[0]

    assert "That answer is no longer there." in shown(last)
    assert last["replace_original"] is False
    assert votes(ana) == []
