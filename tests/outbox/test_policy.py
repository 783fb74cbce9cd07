"""What a human is warned of before approving, each with its reason."""

from __future__ import annotations

import pytest

from outbox.drafts import Draft, create_reply, edit
from tests.house import House
from tests.outbox.desk import drafted, received, told


def changed(house: House, draft: Draft, **fields: object) -> Draft:
    with house.app.database.write() as session:
        values = {"text": draft.text, **fields}
        return edit(session, house.clock, house.me, draft.id, sha256=draft.sha256, **values)  # type: ignore[arg-type]


def test_an_ordinary_reply_warns_of_nothing(house: House) -> None:
    assert told(drafted(house, received(house))) == ()


def test_a_recipient_outside_the_thread(house: House) -> None:
    draft = drafted(house, received(house))

    known = changed(house, draft, to=["pedro@globex.example"])
    new = changed(house, known, to=["eve@elsewhere.example"])

    assert told(known) == ("pedro@globex.example is not part of this thread, though the domain is.",)
    assert told(new) == ("eve@elsewhere.example is not part of this thread, and elsewhere.example is new to it.",)


def test_a_hidden_recipient_is_not_hidden_from_the_warning(house: House) -> None:
    draft = changed(house, drafted(house, received(house)), bcc=["eve@evil.example"])

    assert told(draft) == ("eve@evil.example is not part of this thread, and evil.example is new to it.",)


def test_somebody_of_an_earlier_mail_of_the_thread_is_part_of_it(house: House) -> None:
    received(house, Cc="pedro@globex.example", Message_ID="<first@globex.example>")
    mail = received(
        house, subject="Re: Renewal", days_ago=1, References="<first@globex.example>",
        In_Reply_To="<first@globex.example>",
    )  # fmt: skip

    assert told(changed(house, drafted(house, mail), cc=["pedro@globex.example"])) == ()


def test_another_customers_words_block_but_a_common_phrase_does_not(house: House) -> None:
    """On both dialects: whose words they are is asked of the lexical index."""
    house.customer("Hooli", domains=["hooli.example"])
    phrase = "the new dashboards are slow every monday morning"
    sources = [
        received(house, customer=name, sender=f"Ann <ann@{name.lower()}.example>", subject=f"S {name}", text=text).id
        for name, text in (("Initech", f"{phrase}, we leave and go to somebody else now"), ("Hooli", phrase))
    ]
    mail = received(house)

    def blocked(text: str) -> bool:
        with house.app.database.write() as session:
            return create_reply(
                session, house.clock, house.me, mail_id=mail.id, text=text, sources=sources, by_assistant=True
            ).blocked

    assert blocked(phrase) and blocked("we leave and go to somebody else now")
    received(house, subject="Dashboards", text=f"{phrase} here too", days_ago=1)
    assert not blocked(phrase), "the customer who is answered writes the same"
    assert blocked("we leave and go to somebody else now")


def test_replies_asked_for_elsewhere(house: House) -> None:
    assert told(drafted(house, received(house, Reply_To="Maria <maria@evil.example>"))) == (
        "The sender asks for replies at maria@evil.example; this goes to maria@globex.example.",
    )


@pytest.mark.parametrize("named", ["Initech", "initech", "INITECH's price", "see initech.example", "«Inítech»"])
def test_another_customer_named(house: House, named: str) -> None:
    draft = drafted(house, received(house), f"As we agreed with {named}.")

    assert told(draft) == ("The text names another customer: Initech.",)


def test_the_customer_itself_and_parts_of_words_are_not_another_customer(house: House) -> None:
    assert told(drafted(house, received(house), "Globex and Initechnology are fine.")) == ()


@pytest.mark.parametrize("text", ["The offer is attached.", "Te adjunto la oferta.", "Segue em anexo a proposta."])
def test_an_attachment_promised_and_missing(house: House, text: str) -> None:
    assert told(drafted(house, received(house), text)) == ("The text speaks of an attachment; this reply has none.",)


def test_placeholders_left_open_are_named_once_each(house: House) -> None:
    draft = drafted(house, received(house), "See you on [date], again on [date], at [place].")

    assert told(draft) == ("Still to be filled in: [date]", "Still to be filled in: [place]")
    assert told(changed(house, draft, text="See you on Monday.")) == ()
