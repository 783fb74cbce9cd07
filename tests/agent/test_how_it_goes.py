"""How a matter goes, whose pace, who waits: read by what is asked, whatever word stands beside it."""

from __future__ import annotations

import pytest

from agent.offline.answering import _denied
from agent.offline.leaning import asks_of_all_again
from agent.offline.routing import about_state, our_pace, route
from agent.scope import resolve
from tests.agent.test_scope import MADRID, NOW, ask, customer, people


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("hows the acme renewal going", "search"),
        ("where do we stand on the Acme renewal?", "search"),
        ("¿cómo va la renovación de Mercado Verde?", "search"),
        ("resumime lo de la renovación de Mercado Verde", "search"),
        ("como vai a renovação da Lusitânia?", "search"),
        ("when does Acme renew?", "record"),
        ("¿cuándo renueva Mercado Verde?", "record"),
        ("qual é a data de renovação da Lusitânia?", "record"),
        ("what score did we get in the committee of Acme?", "search"),
        ("what's Acme's health score?", "health"),
        ("which customer has the lowest score?", "health"),
        ("quick overview of Acme's plan and renewal date", "record"),
    ],
)
def test_how_it_goes_is_told_by_mails_and_when_by_records(question: str, kind: str) -> None:
    assert route(question, ask(question)) == kind


@pytest.mark.parametrize(
    "question", ["hows the import going", "how's the import?", "como vai a importação?", "como estão as faturas?"]
)
def test_how_it_goes_asks_for_the_newest(question: str) -> None:
    assert (
        about_state(question)
        and not about_state("como vai funcionar a integração?")
        and not about_state("¿cómo van a pagar?")
    )


@pytest.mark.parametrize(
    ("question", "ours"),
    [
        ("how long did I take to answer Joanna when she asked for news?", True),
        ("¿cuánto tardé en contestar a Joanna?", True),
        ("quanto tempo demorámos a responder à Joanna?", True),
        ("how long did Joanna take to answer me?", False),
        ("¿cuánto tardó Joanna en contestarnos?", False),
    ],
)
def test_whose_pace_is_told_by_who_took_it(question: str, ours: bool) -> None:
    assert our_pace(question, ask(question)) is ours


def test_in_the_is_no_denial() -> None:
    found = {"terms": ["telemóvel"]}
    assert not _denied("alguém falou de letra pequena no telemóvel?", found, "pt")
    assert _denied("quem não vai cancelar?", {"terms": ["cancelar"]}, "pt")
    assert _denied("which customers are not going to cancel?", {"terms": ["cancel"]}, "en")


@pytest.mark.parametrize(
    ("question", "again"),
    [
        ("and who owes me a reply?", True),
        ("which customers are at risk?", True),
        ("which of those are at risk?", False),
        ("and which is most at risk?", False),
        ("who asked for a discount?", False),
        ("what do they want?", False),
    ],
)
def test_who_of_all_waits_is_asked_anew_after_a_list(question: str, again: bool) -> None:
    assert asks_of_all_again(question, ask(question)) is again


@pytest.mark.parametrize(
    ("question", "names"),
    [("is rose happy with us?", ["Rose Whitfield"]), ("the price rose", []), ("is the price rose?", [])],
)
def test_a_name_that_is_a_word_is_a_name_where_one_is_spoken_of(question: str, names: list[str]) -> None:
    bakery = customer(1, "Bluebird", (), "bluebird.example", {"Rose Whitfield": "rose@bluebird.example"})
    assert people(resolve(question, customers=[bakery], now=NOW, zone=MADRID)) == names
