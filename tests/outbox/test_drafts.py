"""Replies as bytes: who gets them, what they say, and that what is shown is what would be sent."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import update

from crm import schema
from crm.errors import DraftConflict, InputError, NotAllowed, NotConnected, NotFound
from outbox.drafts import MAX_TEXT, create_reply, discard, edit, get, list_drafts
from tests.house import COLLEAGUE, CSM, JOAO, MARIA, House, letter
from tests.outbox.desk import approved, decoded, drafted, received, stored


def test_a_reply_goes_to_everybody_of_the_mail_but_ourselves(house: House) -> None:
    mail = received(house, to=f"Vera <{CSM}>, Pedro <pedro@globex.example>", Cc=f"ana@globex.example, {CSM}")

    draft = drafted(house, mail)

    assert draft.to == (MARIA,)
    assert draft.cc == ("Pedro <pedro@globex.example>", "ana@globex.example")
    assert draft.bcc == ()
    assert draft.status == "draft"
    assert draft.customers == ("Globex",)
    assert draft.mailbox == CSM


def test_a_reply_to_our_own_last_mail_goes_to_its_recipients(house: House) -> None:
    house.mail(letter(sender=CSM, to=MARIA, subject="Price", text="Here it is.", Cc="pedro@globex.example"))
    house.sync()

    draft = drafted(house, house.timeline("Globex")[0])

    assert (draft.to, draft.cc) == ((MARIA,), ("pedro@globex.example",))


def test_a_colleague_of_ours_in_copy_stays_in_copy(house: House) -> None:
    draft = drafted(house, received(house, Cc="luis@partner.example"))

    assert draft.cc == ("luis@partner.example",)


def test_reply_to_is_not_followed_but_shown(house: House) -> None:
    mail = received(house, Reply_To="maria@evil.example")

    draft = drafted(house, mail)

    assert draft.recipients == (MARIA,)
    assert [warning for warning in draft.warnings if "maria@evil.example" in warning.sentence]


def test_the_reply_leaves_from_the_alias_that_was_written_to(start_gmail, make_house) -> None:  # type: ignore[no-untyped-def]
    url, store = start_gmail()
    store.mailbox(CSM).addresses.add("success@lealup.example")
    house: House = make_house(url, store)
    house.connect()
    mail = received(house, to="success@lealup.example")

    draft = drafted(house, mail)

    assert draft.sender == "Vera <success@lealup.example>"
    assert draft.recipients == (MARIA,)


def test_references_carry_the_whole_chain(house: House) -> None:
    mail = received(
        house, Message_ID="<c@globex.example>", References="<a@globex.example> <b@lealup.example>",
        In_Reply_To="<b@lealup.example>",
    )  # fmt: skip

    message = decoded(drafted(house, mail).raw)

    assert message["In-Reply-To"] == "<c@globex.example>"
    assert str(message["References"]).split() == ["<a@globex.example>", "<b@lealup.example>", "<c@globex.example>"]


@pytest.mark.parametrize(
    ("subject", "answered"),
    [
        ("Renewal", "Re: Renewal"),
        ("Re: Renewal", "Re: Renewal"),
        ("RE: Renewal", "RE: Renewal"),
        ("re: Renewal", "re: Renewal"),
        ("Res: Renovação", "Res: Renovação"),
        ("RV: Renovación", "RV: Renovación"),
        ("Fwd: Renewal", "Re: Fwd: Renewal"),
        ("Reunión mañana", "Re: Reunión mañana"),
        ("Resumo: preço", "Re: Resumo: preço"),
        ("¿Renovación? – «precio» 😀", "Re: ¿Renovación? – «precio» 😀"),
        ("A" * 400, "Re: " + "A" * 400),
    ],
)
def test_subjects(house: House, subject: str, answered: str) -> None:
    draft = drafted(house, received(house, subject=subject.strip()))

    assert draft.subject == answered
    assert str(decoded(draft.raw)["Subject"]) == answered


def test_accents_and_emoji_come_back_letter_for_letter(house: House) -> None:
    text = "Olá Maria,\n\nação, coração, ¿mañana? «sí» – 日本 😀\n\n.\nFrom here\n\nVera\n"

    draft = drafted(house, received(house), text)

    assert draft.text == text
    html = decoded(draft.raw).get_body(("html",))
    assert html is not None and "¿mañana? «sí» – 日本 😀" in html.get_content()


def test_what_is_shown_is_read_from_the_bytes_that_are_hashed(house: House) -> None:
    draft = drafted(house, received(house))

    message = decoded(draft.raw)
    plain = message.get_body(("plain",))
    assert draft.sha256 == hashlib.sha256(draft.raw).hexdigest()
    assert plain is not None and plain.get_content().replace("\r\n", "\n") == draft.text
    assert str(message["To"]) == ", ".join(draft.to)
    with house.app.database.write() as session:  # other bytes under the same row are what is shown, hash or not
        changed = draft.raw.replace(b"here it is", b"something else")
        session.execute(update(schema.Draft).where(schema.Draft.id == draft.id).values(raw=changed))
    assert "something else" in stored(house, draft).text


def test_html_is_the_text_escaped_and_nothing_else(house: House) -> None:
    draft = drafted(
        house, received(house), '<script>alert(1)</script> & <img src="http://evil.example/x">\nsecond line'
    )

    html = decoded(draft.raw).get_body(("html",))
    assert html is not None
    content = html.get_content()
    assert "<script" not in content and "<img" not in content
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in content
    assert "<br>second line" in content


@pytest.mark.parametrize(
    "name",
    ["Evil\r\nBcc: x@evil.example", "Evil\nBcc: x@evil.example", "Evil\x0bBcc: x@evil.example", 'A "B", C <x@y.z>'],
)
def test_a_line_break_in_a_name_starts_no_header(house: House, name: str) -> None:
    mail = received(house)
    with house.app.database.write() as session:
        session.execute(update(schema.Mail).where(schema.Mail.id == mail.id).values(sender_name=name))

    message = decoded(drafted(house, mail).raw)

    assert message["Bcc"] is None
    assert [address.addr_spec for address in message["To"].addresses] == ["maria@globex.example"]


@pytest.mark.parametrize(
    "subject", ["Price\r\nBcc: x@evil.example", "Price\nBcc: x@evil.example\n\nbody", "a\u2028b\x85c"]
)
def test_a_line_break_in_a_subject_starts_no_header(house: House, subject: str) -> None:
    draft = drafted(house, received(house))

    with house.app.database.write() as session:
        changed = edit(session, house.clock, house.me, draft.id, sha256=draft.sha256, text=draft.text, subject=subject)

    message = decoded(changed.raw)
    assert message["Bcc"] is None
    assert changed.subject == " ".join(subject.split())
    assert changed.text == draft.text


def test_a_long_subject_with_accents_survives_the_folding_of_headers(house: House) -> None:
    draft = drafted(house, received(house))
    subject = ("Ação de renovação " * 100).strip()

    with house.app.database.write() as session:
        changed = edit(session, house.clock, house.me, draft.id, sha256=draft.sha256, text=draft.text, subject=subject)

    assert changed.subject == subject
    assert max(map(len, changed.raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("text", ["", "   \n\t "])
def test_an_empty_text_is_refused(house: House, text: str) -> None:
    mail = received(house)

    with pytest.raises(InputError, match="empty"):
        drafted(house, mail, text)


def test_a_huge_text_is_refused_and_the_longest_allowed_is_kept(house: House) -> None:
    mail = received(house)

    with pytest.raises(InputError):
        drafted(house, mail, "a" * (MAX_TEXT + 1))
    longest = "ñ" * (MAX_TEXT - 1)
    assert drafted(house, mail, longest).text == longest + "\n"


def test_half_a_character_is_refused_with_a_sentence(house: House) -> None:
    mail = received(house)

    with pytest.raises(InputError):
        drafted(house, mail, "an emoji cut in two: \ud83d")


def test_a_mail_that_is_not_in_ones_own_mailbox_cannot_be_answered(house: House) -> None:
    mail = received(house)
    other = house.join(COLLEAGUE)

    with pytest.raises(NotConnected), house.app.database.write() as session:
        create_reply(session, house.clock, other, mail_id=mail.id, text="Hi")


def test_an_unknown_mail_cannot_be_answered(house: House) -> None:
    with pytest.raises(NotFound), house.app.database.write() as session:
        create_reply(session, house.clock, house.me, mail_id="0" * 32, text="Hi")


def test_an_edit_is_a_new_version_with_new_bytes(house: House) -> None:
    draft = drafted(house, received(house))

    with house.app.database.write() as session:
        changed = edit(
            session, house.clock, house.me, draft.id, sha256=draft.sha256, text="Shorter.",
            to=["Pedro <pedro@globex.example>"], cc=[], bcc=["boss@lealup.example"],
        )  # fmt: skip

    assert (changed.version, changed.text) == (draft.version + 1, "Shorter.\n")
    assert changed.sha256 == hashlib.sha256(changed.raw).hexdigest() != draft.sha256
    assert changed.recipients == ("Pedro <pedro@globex.example>", "boss@lealup.example")
    assert decoded(changed.raw)["In-Reply-To"] == decoded(draft.raw)["In-Reply-To"]
    assert decoded(changed.raw)["References"] == decoded(draft.raw)["References"]


def test_an_edit_of_an_older_version_is_a_conflict(house: House) -> None:
    draft = drafted(house, received(house))
    with house.app.database.write() as session:
        edit(session, house.clock, house.me, draft.id, sha256=draft.sha256, text="First.")

    with pytest.raises(DraftConflict), house.app.database.write() as session:
        edit(session, house.clock, house.me, draft.id, sha256=draft.sha256, text="Second.")

    assert stored(house, draft).text == "First.\n"


@pytest.mark.parametrize("typed", ["nobody", "a@b", "a b@globex.example", "@globex.example", "maria@"])
def test_what_is_no_address_is_refused(house: House, typed: str) -> None:
    draft = drafted(house, received(house))

    with pytest.raises(InputError), house.app.database.write() as session:
        edit(session, house.clock, house.me, draft.id, sha256=draft.sha256, text="Hi", to=[typed])


def test_a_reply_to_nobody_is_refused(house: House) -> None:
    draft = drafted(house, received(house))

    with pytest.raises(InputError), house.app.database.write() as session:
        edit(session, house.clock, house.me, draft.id, sha256=draft.sha256, text="Hi", to=[], cc=[], bcc=[])


def test_discarding_twice_is_once_and_a_discarded_draft_cannot_be_edited(house: House) -> None:
    house.connect(send=True)
    draft = drafted(house, received(house))
    for _ in range(2):
        with house.app.database.write() as session:
            assert discard(session, house.clock, house.me, draft.id).status == "discarded"

    with pytest.raises(DraftConflict), house.app.database.write() as session:
        edit(session, house.clock, house.me, draft.id, sha256=draft.sha256, text="Again.")
    with pytest.raises(DraftConflict):
        approved(house, draft)


def test_drafts_belong_to_their_user(house: House) -> None:
    draft = drafted(house, received(house))
    other = house.join(COLLEAGUE)

    with house.app.database.read() as session:
        assert list_drafts(session, other) == ()
        assert [held.id for held in list_drafts(session, house.me)] == [draft.id]
        with pytest.raises(NotAllowed):
            get(session, other, draft.id)
        with pytest.raises(NotFound):
            get(session, house.me, "no-such-draft")
    with pytest.raises(NotAllowed), house.app.database.write() as session:
        discard(session, house.clock, other, draft.id)


def test_the_other_customer_of_a_shared_thread_is_part_of_the_reply(house: House) -> None:
    mail = received(house, Cc=JOAO)

    draft = drafted(house, mail)

    assert draft.customers == ("Globex", "Initech")
    assert draft.cc == (JOAO,)
