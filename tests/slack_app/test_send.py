from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from typing import Any

from gmail.oauth import READONLY
from tests.slack_app.conftest import Csm, shown, wait_until
from tests.slack_app.world import NOW, REPLY


def buttons(card: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {held["action_id"]: held for held in card["blocks"][-1]["elements"]}


def sent(csm: Csm) -> dict[str, Any]:
    found: dict[str, Any] = wait_until(lambda: [card for card in csm.cards() if shown(card).startswith("Sent ·")])[0]
    return found


def whispers(csm: Csm, before: int) -> str:
    """What the app said privately after a click."""
    return shown(wait_until(lambda: csm.posts()[before:])[0])


def test_a_draft_becomes_a_card_and_a_confirmed_click_sends_it_once(csm: Csm) -> None:
    card = csm.card()
    text = shown(card)
    assert "From: Ana <ana@lealup.example>\nTo: María López <m@acme.example>\nSubject: Re: Renovación" in text
    assert REPLY in text
    assert csm.world.gmail.sent == []
    csm.click("draft_send")
    assert "Open in Gmail" in shown(sent(csm))
    assert "authuser=ana@lealup.example#all/gm1" in shown(sent(csm))
    assert [message_from_bytes(raw, policy=policy.default)["To"] for raw in csm.world.gmail.sent] == [
        "María López <m@acme.example>"
    ]
    assert csm.world.gmail.sent[0] == csm.world.draft().raw, "the very bytes that were stored"
    wait_until(lambda: csm.world.assistant.settled == ["thread-1"])


def test_the_confirmation_names_every_recipient(ana: Csm) -> None:
    question = buttons(ana.card())["draft_send"]["confirm"]
    assert question["text"]["text"] == "From Ana <ana@lealup.example> to María López <m@acme.example>."


def test_a_second_click_sends_nothing(ana: Csm) -> None:
    card = ana.card()
    value = buttons(card)["draft_send"]["value"]
    ana.click("draft_send")
    sent(ana)
    before = len(ana.posts())
    ana.click("draft_send", message_ts=card["ts"], value=value)
    assert "This reply was already sent." in whispers(ana, before)
    assert len(ana.world.gmail.sent) == 1


def test_a_double_click_sends_once(ana: Csm) -> None:
    card = ana.card()
    value = buttons(card)["draft_send"]["value"]
    with ThreadPoolExecutor(4) as people:
        clicks = [people.submit(ana.click, "draft_send", message_ts=card["ts"], value=value) for _ in range(4)]
    assert all(click.result()["acked"] for click in clicks)
    sent(ana)
    wait_until(lambda: len(ana.posts()) >= 4)  # the draft's notice and three late clicks
    assert len(ana.world.gmail.sent) == 1
    assert shown(ana.cards()[-1]).startswith("Sent ·")


def test_somebody_elses_draft_can_not_be_sent(ana: Csm) -> None:
    ana.world.link("U0002", ana.world.luis)
    card = ana.card()
    value = buttons(card)["draft_send"]["value"]
    for action in ("draft_send", "draft_edit", "draft_discard"):
        before = len(ana.posts())
        ana.click(action, user="U0002", message_ts=card["ts"], value=value)
        assert "belongs to somebody else" in whispers(ana, before)
    assert ana.world.gmail.sent == []
    assert ana.world.draft().status == "draft"


def test_an_unlinked_slack_user_can_not_send(ana: Csm) -> None:
    card = ana.card()
    value = buttons(card)["draft_send"]["value"]
    before = len(ana.posts())
    ana.click("draft_send", user="U0002", message_ts=card["ts"], value=value)
    assert "not linked yet" in whispers(ana, before)
    assert ana.world.gmail.sent == []


def test_without_the_send_scope_nothing_is_approved(ana: Csm) -> None:
    ana.card()
    ana.world.set_mailbox(scopes=[READONLY])
    before = len(ana.posts())
    ana.click("draft_send")
    assert "Sending is not enabled for this mailbox. <https://lealup.example/settings|Open LealUp>" in whispers(
        ana, before
    )
    assert ana.world.draft().status == "draft"


def test_a_disconnected_mailbox_says_where_to_connect(ana: Csm) -> None:
    ana.card()
    ana.world.set_mailbox(sealed_token="")
    before = len(ana.posts())
    ana.click("draft_send")
    assert "Gmail is not connected" in whispers(ana, before)


def test_a_refused_mail_can_be_sent_again(ana: Csm) -> None:
    ana.card()
    ana.world.gmail.status = 400
    before = len(ana.posts())
    ana.click("draft_send")
    assert "Gmail refused the mail." in whispers(ana, before)
    ana.world.gmail.status = 200
    ana.click("draft_send")
    sent(ana)
    assert len(ana.world.gmail.sent) == 1


def test_an_approved_reply_can_be_undone(csm: Csm) -> None:
    csm.card()
    csm.world.moving.clear()
    csm.click("draft_send")
    waiting = wait_until(lambda: [card for card in csm.cards() if shown(card).startswith("Approved.")])[0]
    assert "It leaves at 2026-11-20 11:00:10 (Europe/Madrid)." in shown(waiting)
    csm.click("draft_undo")
    wait_until(lambda: shown(csm.cards()[-1]).startswith("*Reply for your approval"))
    csm.world.moving.set()
    wait_until(lambda: csm.world.clock() > NOW)
    assert csm.world.draft().status == "draft" and csm.world.gmail.sent == []
    csm.click("draft_send")
    sent(csm)
    assert len(csm.world.gmail.sent) == 1


def test_an_undo_that_comes_too_late_says_so(ana: Csm) -> None:
    card = ana.card()
    value = buttons(card)["draft_send"]["value"]
    ana.click("draft_send")
    sent(ana)
    before = len(ana.posts())
    ana.click("draft_undo", message_ts=card["ts"], value=value)
    assert "already sent" in whispers(ana, before)


def test_what_the_worker_has_sent_is_shown_as_sent(ana: Csm) -> None:
    ana.card()
    ana.world.moving.clear()
    ana.click("draft_send")
    wait_until(lambda: [card for card in ana.cards() if shown(card).startswith("Approved.")])
    ana.world.clock.advance(seconds=10)
    assert ana.world.sender.send_due() == 1
    ana.world.moving.set()
    sent(ana)
    assert len(ana.world.gmail.sent) == 1


def test_a_warning_that_the_card_did_not_show_is_shown_first(ana: Csm) -> None:
    ana.card()
    ana.world.set_reply_to("m@elsewhere.example")
    before = len(ana.posts())
    ana.click("draft_send")
    assert "a warning on this draft that you have not seen" in whispers(ana, before)
    wait_until(lambda: "asks for replies at m@elsewhere.example" in shown(ana.cards()[-1]))
    assert ana.world.draft().status == "draft"
    ana.click("draft_send")
    sent(ana)
    assert len(ana.world.gmail.sent) == 1


def test_discard_takes_the_buttons_away(csm: Csm) -> None:
    card = csm.card()
    value = buttons(card)["draft_send"]["value"]
    csm.click("draft_discard")
    wait_until(lambda: shown(csm.cards()[-1]).startswith("Discarded"))
    assert csm.world.draft().status == "discarded"
    wait_until(lambda: csm.world.assistant.settled == ["thread-1"])
    before = len(csm.posts())
    csm.click("draft_send", message_ts=card["ts"], value=value)
    assert "already discarded" in whispers(csm, before)
    assert csm.world.gmail.sent == []


def test_an_edit_is_a_new_version_that_the_old_card_can_not_send(csm: Csm) -> None:
    card = csm.card()
    value = buttons(card)["draft_send"]["value"]
    csm.click("draft_edit")
    view = wait_until(lambda: csm.state()["views"])[0]
    assert view["blocks"][-1]["element"]["initial_value"] == REPLY.rstrip("\n")
    assert csm.submit(text="Olá, é só isto.")["acked"] is True
    wait_until(lambda: "Olá, é só isto." in shown(csm.cards()[-1]))
    assert (csm.world.draft().version, csm.world.draft().status) == (2, "draft")
    before = len(csm.posts())
    csm.click("draft_send", message_ts=card["ts"], value=value)
    assert "has changed since" in whispers(csm, before)
    assert csm.world.gmail.sent == []
    csm.click("draft_send")
    sent(csm)
    assert b"Ol=C3=A1, =C3=A9 s=C3=B3 isto." in csm.world.gmail.sent[0]


def test_a_wrong_address_is_refused_beside_its_input(ana: Csm) -> None:
    ana.card()
    ana.click("draft_edit")
    wait_until(lambda: ana.state()["views"])
    assert "is not an e-mail address" in ana.submit(to="nobody")["ack"]["errors"]["to"]
    assert "is not an e-mail address" in ana.submit(cc="María <m@x>")["ack"]["errors"]["cc"]
    assert "needs a text" in ana.submit(text="  ")["ack"]["errors"]["text"]
    assert ana.world.draft().version == 1


def test_a_modal_left_open_while_the_mail_went_out_saves_nothing(ana: Csm) -> None:
    ana.card()
    ana.click("draft_edit")
    wait_until(lambda: ana.state()["views"])
    ana.click("draft_send")
    sent(ana)
    late = ana.submit(text="Too late")
    assert "already sent" in shown(late["ack"]["view"])
    assert ana.world.draft().version == 1


def test_a_lost_answer_is_shown_as_such_and_not_sent_again(ana: Csm) -> None:
    card = ana.card()
    value = buttons(card)["draft_send"]["value"]
    ana.world.gmail.status = 500
    ana.click("draft_send")
    wait_until(lambda: "it is never sent twice" in shown(ana.cards()[-1]))
    ana.world.gmail.status = 200
    before = len(ana.posts())
    ana.click("draft_send", message_ts=card["ts"], value=value)
    assert "not known yet whether the mail went out" in whispers(ana, before)
    assert ana.world.gmail.sent == []


def test_an_uncertain_reply_is_looked_for_and_put_aside(ana: Csm) -> None:
    ana.card()
    ana.world.gmail.status = 500
    ana.click("draft_send")
    wait_until(lambda: {"draft_look", "draft_discard"} <= buttons(ana.cards()[-1]).keys())
    ana.world.gmail.status = 200
    before = len(ana.posts())
    ana.click("draft_look")
    assert "Sent mail can't be looked at" in whispers(ana, before)  # its mailbox can't be read here
    assert "Discarding puts it aside here and takes nothing back" in shown(ana.cards()[-1])
    ana.click("draft_discard")
    wait_until(lambda: shown(ana.cards()[-1]).startswith("Discarded"))
    assert "put aside while nobody knew" in shown(ana.cards()[-1])
    assert (ana.world.draft().status, ana.world.gmail.sent) == ("discarded", [])


def test_a_card_that_can_not_be_updated_does_not_hide_that_the_mail_went_out(ana: Csm) -> None:
    value = buttons(ana.card())["draft_send"]["value"]
    elsewhere = ana.answered("acme")  # an ephemeral message: chat.update does not know those
    assert elsewhere["response_type"] == "ephemeral"
    before = len(ana.posts())
    ana.click("draft_send", message_ts=ana.state()["ephemerals"][-1]["ts"], value=value)
    assert whispers(ana, before).startswith("Approved. It leaves at")
    wait_until(lambda: shown(ana.posts()[-1]).startswith("Sent ·"))
    assert len(ana.world.gmail.sent) == 1
    assert ana.world.draft().status == "sent"


def test_a_reply_is_approved_for_later_and_can_be_undone(ana: Csm) -> None:
    ana.card()
    ana.click("draft_later")
    view = wait_until(lambda: ana.state()["views"])[0]
    assert "to María López <m@acme.example>" in shown(view)
    assert "is not a moment" in ana.submit(moment="soon")["ack"]["errors"]["moment"]
    assert "has passed" in ana.submit(moment="2026-11-20 10:59")["ack"]["errors"]["moment"]
    assert ana.submit(moment="2026-11-21 09:00")["acked"] is True
    wait_until(lambda: "It leaves at 2026-11-21 09:00:00 (Europe/Madrid)." in shown(ana.cards()[-1]))
    assert ana.world.gmail.sent == []
    ana.click("draft_undo")
    wait_until(lambda: "Reply for your approval" in shown(ana.cards()[-1]))
    assert ana.world.draft().status == "draft"


def test_a_draft_is_worded_anew_and_the_old_card_can_not_send_it(ana: Csm) -> None:
    card = ana.card()
    value = buttons(card)["draft_send"]["value"]
    ana.click("draft_regenerate")
    wait_until(lambda: ana.state()["views"])
    picked = {"way": {"way": {"selected_option": {"value": "warmer"}}}}
    assert ana.control("action", type="view_submission", values=picked)["acked"] is True
    wait_until(lambda: "Worded anew: warmer" in shown(ana.cards()[-1]))
    before = len(ana.posts())
    ana.click("draft_send", message_ts=card["ts"], value=value)
    assert "has changed since" in whispers(ana, before)
    assert ana.world.gmail.sent == []


def test_a_blocked_draft_has_no_send_button_and_sends_nothing(ana: Csm) -> None:
    ana.card()
    ana.click("draft_edit")
    wait_until(lambda: ana.state()["views"])
    ana.submit(text="Son 55.500 EUR.")
    wait_until(lambda: "Son 55.500" in shown(ana.cards()[-1]))
    ana.world.block()
    before = len(ana.posts())
    ana.click("draft_send")
    assert "It can't be sent like this" in whispers(ana, before)
    wait_until(lambda: set(buttons(ana.cards()[-1])) == {"draft_edit", "draft_regenerate", "draft_discard"})
    assert (ana.world.draft().status, ana.world.gmail.sent) == ("draft", [])
