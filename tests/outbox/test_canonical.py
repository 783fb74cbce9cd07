"""What is shown is what is stored, hashed, approved, sent, and what Gmail then holds."""

from __future__ import annotations

import hashlib
import html
import re
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.errors import DraftConflict, InputError, NotFound
from crm.mail import Address
from gmail.compose import File, Reply, compose, read_reply, safe_name
from outbox import drafts
from outbox.drafts import edit, restore
from outbox.files import MOST_BYTES, MOST_FILES, Attached
from outbox.signature import set_signature, signed, unsigned
from tests.house import CSM, House
from tests.one_dialect import database_url  # noqa: F401 (a fixture)
from tests.outbox.desk import approved, drafted, in_sent, received, sent, stored

NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"),
    max_size=400,
)
LOCALS = st.from_regex(r"[a-z][a-z0-9.+-]{0,10}[a-z0-9]", fullmatch=True).filter(lambda local: ".." not in local)
PEOPLE = st.builds(lambda name, local: Address(name=name, email=f"{local}@globex.example"), NAMES, LOCALS)
FILES = st.builds(
    File, name=NAMES, type=st.sampled_from(["application/pdf", "text/plain", "message/rfc822", "x/y", ""]),
    data=st.binary(min_size=1, max_size=200),
)  # fmt: skip


@given(
    to=st.lists(PEOPLE, min_size=1, max_size=3), bcc=st.lists(PEOPLE, max_size=2), sender=PEOPLE,
    subject=NAMES, text=TEXTS, files=st.lists(FILES, max_size=2),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_what_is_read_from_the_bytes_is_what_was_composed(
    to: list[Address], bcc: list[Address], sender: Address, subject: str, text: str, files: list[File]
) -> None:
    raw = compose(
        Reply(
            sender=sender, to=to, cc=(), bcc=bcc, subject=subject, text=text, in_reply_to="<a@b.example>",
            references=["<a@b.example>"], draft_id="d1", date=datetime(2026, 11, 3, 9, 0, tzinfo=UTC), files=files,
        )
    )  # fmt: skip
    shown = read_reply(raw)

    assert [person.email for person in (shown.sender, *shown.to, *shown.bcc)] == [
        person.email for person in (sender, *to, *bcc)
    ]
    assert shown.text.rstrip("\n") == text.rstrip("\n")
    assert [(file.name, file.data) for file in shown.files] == [(safe_name(file.name), file.data) for file in files]
    assert (shown.in_reply_to, list(shown.references), shown.draft_id) == ("<a@b.example>", ["<a@b.example>"], "d1")
    assert read_reply(compose(shown)) == shown, "reading and writing again changes nothing"
    assert b"\r\nBcc: " in raw if bcc else b"\r\nBcc: " not in raw


@given(text=TEXTS)
@settings(max_examples=40, deadline=None)
def test_the_html_is_the_text_and_nothing_that_acts(text: str) -> None:
    raw = compose(
        Reply(
            sender=Address(name="", email=CSM), to=[Address(name="", email="m@x.example")], cc=(), bcc=(), subject="S",
            text=text + "<script>alert(1)</script><img src=x onerror=y>", in_reply_to="", references=(), draft_id="d",
            date=datetime(2026, 11, 3, tzinfo=UTC),
        )
    )  # fmt: skip
    part = message_from_bytes(raw, policy=policy.default).get_body(("html",))
    assert part is not None
    markup = str(part.get_content())

    assert set(re.findall(r"<(/?\w+)", markup)) <= {"p", "/p", "br"}
    assert html.unescape(re.sub(r"<[^>]*>", " ", markup)).split() == read_reply(raw).text.split()


def test_files_and_alias_are_in_the_bytes_that_gmail_holds(start_gmail, make_house) -> None:  # type: ignore[no-untyped-def]
    url, store = start_gmail()
    store.mailbox(CSM).addresses.add("success@lealup.example")
    house: House = make_house(url, store)
    house.connect(send=True)
    draft = drafted(house, received(house))
    offer = File(name="../Oferta año.pdf", type="application/pdf", data=b"%PDF-1.7 \x00\xff")
    assert draft.senders == (CSM, "success@lealup.example")
    with house.app.database.write() as session:
        changed = edit(
            session, house.clock, house.me, draft.id, sha256=draft.sha256, files=[offer],
            sender="success@lealup.example", bcc=["boss@lealup.example"],
        )  # fmt: skip
    assert changed.files == (
        Attached(name="Oferta año.pdf", type="application/pdf", size=11, sha256=hashlib.sha256(offer.data).hexdigest()),
    )
    with house.app.database.write() as session:  # another change keeps what it does not name
        final = edit(session, house.clock, house.me, draft.id, sha256=changed.sha256, text="The offer is attached.")
    assert (final.files, final.sender, final.bcc, [held.kind for held in final.warnings]) == (
        changed.files, "Vera <success@lealup.example>", ("boss@lealup.example",), ["outside"],
    )  # fmt: skip

    approved(house, final)
    sent(house, final)

    (held,) = in_sent(house)
    assert held == stored(house, final).raw and hashlib.sha256(held).hexdigest() == final.sha256
    assert read_reply(held).files == [File(name="Oferta año.pdf", type="application/pdf", data=offer.data)]


def test_a_foreign_address_and_too_much_are_refused(house: House) -> None:
    house.connect(send=True)
    draft = drafted(house, received(house))
    for wrong in (
        {"sender": "ceo@lealup.example"},
        {"sender": "maria@globex.example"},
        {"files": [File(name="empty", type="", data=b"")]},
        {"files": [File(name="big", type="", data=b"x" * (MOST_BYTES + 1))]},
        {"files": [File(name="many", type="", data=b"x")] * (MOST_FILES + 1)},
    ):
        with pytest.raises(InputError), house.app.database.write() as session:
            edit(session, house.clock, house.me, draft.id, sha256=draft.sha256, **wrong)
    with pytest.raises(DraftConflict), house.app.database.write() as session:  # addresses are a human's to give
        edit(session, house.clock, house.me, draft.id, sha256=draft.sha256, to=["eve@evil.example"], by_assistant=True)
    assert stored(house, draft) == draft


def test_every_version_is_kept_and_an_earlier_one_can_be_taken(house: House) -> None:
    draft = drafted(house, received(house), "One.")
    with house.app.database.write() as session:
        second = edit(session, house.clock, house.me, draft.id, sha256=draft.sha256, text="Two.", cc=["p@x.example"])
        third = restore(session, house.clock, house.me, draft.id, sha256=second.sha256, version=1)
        with pytest.raises(DraftConflict):
            restore(session, house.clock, house.me, draft.id, sha256=second.sha256, version=2)
        with pytest.raises(NotFound):
            restore(session, house.clock, house.me, draft.id, sha256=third.sha256, version=9)
        kept = drafts.list_versions(session, house.me, draft.id)

    assert (third.text, third.cc, third.version, third.status) == ("One.\n", (), 3, "draft")
    assert [(held.number, held.author, held.how) for held in kept] == [
        (3, CSM, "from 1"), (2, CSM, "edit"), (1, CSM, "reply"),
    ]  # fmt: skip
    assert [held.sha256 for held in kept] == [hashlib.sha256(held.raw).hexdigest() for held in kept]
    assert len({held.sha256 for held in kept}) == 3, "another version, another hash, another approval"


def test_the_signature_is_part_of_what_is_approved(house: House) -> None:
    with house.app.database.write() as session:
        set_signature(session, house.clock, house.me, "\nVera  \r\n-- \r\nCSM · LealUp\n\n")
        with pytest.raises(InputError):
            set_signature(session, house.clock, house.me, "x" * 3_000)
    draft = drafted(house, received(house), "Hello.")

    assert draft.text == "Hello.\n\n-- \nVera\nCSM · LealUp\n"
    assert b"\r\n-- =20\r\n" in draft.raw or b"\r\n--=20\r\n" in draft.raw
    assert signed(unsigned(draft.text, "Vera\nCSM · LealUp"), "Vera\nCSM · LealUp") == draft.text
    assert unsigned(draft.text, "Somebody else") == draft.text
