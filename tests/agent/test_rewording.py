"""A draft worded anew: by the embedded default, and as a version like any other."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from agent.offline.rewording import reworded
from agent.rewording import How, Rewording
from crm.errors import DraftConflict, InputError
from crm.identity import Principal
from crm.mail import Address
from crm.signals.language import LANGUAGES
from outbox import drafts
from outbox.approvals import approve
from outbox.signature import set_signature
from tests.house import House
from tests.outbox.desk import received, stored

ME = Principal(workspace_id=1, user_id=1, email="v@x.example", name="Vera Costa", timezone="Europe/Madrid")
ASKED = {
    "en": "Write a reply to Maria thanking her for the offer and asking for a call on Tuesday",
    "es": "Escribe una respuesta a María agradeciendo la oferta y proponiendo una llamada el martes",
    "pt": "Escreva uma resposta para a Maria agradecendo a oferta e propondo uma chamada na terça-feira",
}
PLAIN = {
    "en": "Hi Maria,\n\nThank you for the offer. Could we have a call on Tuesday?\n\nBest regards,\nVera Costa",
    "es": "Hola, Maria:\n\nGracias por la oferta. ¿Podríamos tener una llamada el martes?\n\nSaludos cordiales,\nVera Costa",
    "pt": "Olá, Maria,\n\nAgradeço pela oferta. Podemos marcar uma chamada na terça-feira?\n\nAtenciosamente,\nVera Costa",
}
WARM = {"en": "Please let me know if", "es": "Quedo a su disposición", "pt": "Fico à disposição"}


def task(
    how: How,
    language: str = "en",
    *,
    text: str = "",
    asked: str = "",
    before: tuple[How, ...] = (),
    by_hand: bool = False,
) -> Rewording:
    mail: Any = SimpleNamespace(
        language=language,
        subject="Renewal",
        direction="inbound",
        to=(),
        cc=(),
        sender=Address(name="Maria Silva", email="maria@globex.example"),
    )
    return Rewording(
        principal=ME, text=text or PLAIN[language], how=how, before=before, by_hand=by_hand,
        asked=asked or ASKED[language], mail=cast(Any, mail),
    )  # fmt: skip


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_the_embedded_default_words_its_own_draft_anew(language: str) -> None:
    shorter, warmer = reworded(task("shorter", language)), reworded(task("warmer", language))

    assert len(shorter) < len(PLAIN[language]) and "Vera Costa" in shorter
    assert WARM[language] in warmer and "Vera Costa" in warmer
    for other in LANGUAGES:
        assert reworded(task(other, language)).split() == PLAIN[other].split()


def test_ways_add_up() -> None:
    """Warmer, then in Spanish: warm Spanish; the last language and the last tone count."""
    text = reworded(task("es", before=("shorter", "warmer", "pt")))

    assert text.startswith("Hola, Maria:") and WARM["es"] in text


@pytest.mark.parametrize("way", ["shorter", "warmer", "en", "es", "pt"])
def test_what_a_human_wrote_is_left_to_the_human(way: How) -> None:
    for own in (task(way, by_hand=True), task(way, asked=" ")):
        with pytest.raises(InputError, match="by hand"):
            reworded(own)


def test_as_short_as_it_gets() -> None:
    with pytest.raises(InputError, match="short"):
        reworded(task("shorter", text=reworded(task("shorter"))))


def test_a_new_wording_is_a_version_under_the_same_signature(house: House) -> None:
    house.connect(send=True)
    received(house, subject="Renewal")
    app, me = house.app, house.me
    with app.database.write() as session:
        set_signature(session, house.clock, me, "Vera Costa\nCustomer Success")
    draft_id = app.assistant.ask(me, "Write a reply to Globex thanking them for the offer").draft_id
    assert draft_id is not None
    with app.database.read() as session:
        draft = drafts.get(session, me, draft_id)
    assert draft.text.endswith("\n-- \nVera Costa\nCustomer Success\n")

    spanish = app.assistant.reword(me, draft.id, sha256=draft.sha256, how="es")

    assert spanish.version == 2 and spanish.sha256 != draft.sha256 and spanish.recipients == draft.recipients
    assert spanish.text.startswith("Hola") and spanish.text.count("Customer Success") == 1
    with app.database.read() as session:
        kept = drafts.list_versions(session, me, draft.id)
    assert [(held.number, held.author, held.how) for held in kept] == [
        (2, "assistant", "es"), (1, "assistant", "reply"),
    ]  # fmt: skip
    with app.database.write() as session:
        again = drafts.restore(session, house.clock, me, draft.id, sha256=spanish.sha256, version=1)
        approve(session, house.clock, me, draft.id, sha256=again.sha256, warned=again.warned, face="web")
    assert (again.text, again.version) == (draft.text, 3)
    with pytest.raises(DraftConflict):  # an approval is the human's to take back
        app.assistant.reword(me, draft.id, sha256=again.sha256, how="shorter")
    assert stored(house, again).status == "approved"
