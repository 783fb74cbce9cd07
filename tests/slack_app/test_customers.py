from __future__ import annotations

from tests.slack_app.conftest import Csm, shown, wait_until


def test_a_customers_card(csm: Csm) -> None:
    text = shown(csm.answered("acme robotics"))
    assert "*Acme Robotics* · active" in text
    assert "ARR: 84,000 · Enterprise" in text
    assert "Renewal: 2026-12-22 (in 32 d)" in text
    assert "Last contact: 2026-11-18 · María López · Renovación" in text
    assert "Health: :white_circle: not enough mail" in text


def test_an_ambiguous_name_offers_buttons(ana: Csm) -> None:
    posted = ana.answered("acme")
    assert "“acme” fits several customers" in shown(posted)
    offered = posted["blocks"][-1]["elements"]
    assert [held["text"]["text"] for held in offered] == ["Acme Foods", "Acme Robotics"]
    ana.click(offered[1]["action_id"])
    wait_until(lambda: len(ana.posts()) == 2)
    assert "*Acme Robotics* · active" in shown(ana.posts()[1])
    assert len(ana.state()["ephemerals"]) == 1, "the choice is replaced"


def test_an_unknown_customer(ana: Csm) -> None:
    assert "No customer is called “Ñandú”." in shown(ana.answered("Ñandú"))


def test_health_of_all_and_of_one(ana: Csm) -> None:
    text = shown(ana.answered("health"))
    assert "*Acme Foods*" in text
    assert "*Acme Robotics*" in text
    one = shown(ana.answered("health acmefoods.example"))
    assert "*Acme Foods*" in one
    assert "*Engagement* n/a" in one


def test_help_and_nothing_list_the_commands(ana: Csm) -> None:
    for text in ("help", "", "HELP"):
        listed = shown(ana.type(text)["ack"])
        assert "`/csm draft REQUEST`" in listed
        assert "`/csm link`" in listed
