"""Citations that hold: references that were read, quotes that stand in their mail, nothing that loads or opens."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agent.grounding import Grounded, closest_sentence, ground, stands_in
from crm.mail import Address
from crm.mails import StoredMail


def mail(mail_id: str, text: str, subject: str = "Renewal", sender: str = "Maria") -> StoredMail:
    return StoredMail(
        id=mail_id * 4, gmail_id=f"g{mail_id}", gmail_thread_id="t", mailbox="vera@lealup.example",
        sent_at=datetime(2026, 11, 1, 9, tzinfo=UTC), direction="inbound",
        sender=Address(name=sender, email="maria@globex.example"), to=(), cc=(), reply_to=(), subject=subject,
        snippet="", new_text=text, text=text, html="", language="en", tone="", tone_confidence=0.0,
        tone_sentences=(), tone_by="", automatic=False, bulk=False, attachments=(), keywords=(), customer_ids=(1,),
        links=(("Globex", "domain", ""),), rfc_message_id="", references=(),
    )  # fmt: skip


MARIA = mail(
    "aaaa1111",
    'Hi Vera,\nwe want to renew for two years,\nif the price stays. She called it "the best tool" we have.\n'
    "It’s ação, not “reação”. See https://globex.example/offer?a=1 for the rest [1]. Bye",
)
JOAO = mail(
    "bbbb2222", "We will not cancel the contract. Nosotros queremos «seguir con vosotros» siempre.", sender="João"
)
MAILS = {held.id: held for held in (MARIA, JOAO)}
A, B = "[m:aaaa1111]", "[m:bbbb2222]"


def checked(text: str, question: str = "") -> Grounded:
    return ground(text, list(MAILS), MAILS, question=question)


def test_references_become_numbers_in_order_of_appearance() -> None:
    found = checked(f"João stays {B}.\n- Maria renews {A}, as João said {B}.")

    assert found.text == "João stays [1].\n- Maria renews [2], as João said [1]."
    assert [(cited.n, cited.message_id) for cited in found.citations] == [(1, JOAO.id), (2, MARIA.id)]
    assert found.removed == 0


@pytest.mark.parametrize(
    ("text", "shown", "removed"),
    [
        (f"Both agree {A} {B}.", "Both agree [1] [2].", 0),
        (f"Both agree {A}{B}.", "Both agree [1][2].", 0),
        ("Both agree [m:aaaa1111, m:bbbb2222].", "Both agree [1] [2].", 0),
        ("Both agree [m:aaaa1111; bbbb2222].", "Both agree [1] [2].", 0),
        ("Capitals [m:AAAA1111] too.", "Capitals [1] too.", 0),
        ("The whole id [m:aaaa1111aaaa1111aaaa1111aaaa1111].", "The whole id [1].", 0),
        ("Invented [m:cccc3333].", "Invented.", 1),
        (f"Half invented {A} [m:cccc3333].", "Half invented [1].", 1),
        ("Too short [m:aaaa].", "Too short.", 1),
        ("No reference [m:hello].", "No reference.", 1),
        ("Forged numbers [1] and [99].", "Forged numbers and.", 2),
        (f"Forged beside a real one [7] {A}.", "Forged beside a real one [1].", 1),
        ("[other-tenant-1] stays words", "[other-tenant-1] stays words", 0),
        ("Fill in [date] and [1st place]", "Fill in [date] and [1st place]", 0),
    ],
)
def test_references(text: str, shown: str, removed: int) -> None:
    found = checked(text)

    assert (found.text, found.removed) == (shown, removed)


def test_a_mail_that_was_not_read_cannot_be_cited_even_when_it_exists() -> None:
    found = ground(f"João stays {B}.", [MARIA.id], MAILS)

    assert (found.text, found.citations, found.removed) == ("João stays.", (), 1)


@pytest.mark.parametrize(
    "quote",
    [
        "“we want to renew for two years”",
        "“WE WANT to   renew for two years”",
        "“we want to renew for two years, if the price stays.”",
        "\"we want to renew for two years\"",
        "«we want to renew for two years»",
        "“we want to renew for two years,”",
        "“we want to renew for two years…”",
        "“She called it \"the best tool\" we have”",
        "“She called it «the best tool» we have”",
        "«She called it “the best tool” we have»",
        "“It's ação, not”",
        "“It’s ac\u0327a\u0303o, not”",
    ],
)  # fmt: skip
def test_quotes_that_stand(quote: str) -> None:
    found = checked(f"Maria wrote {quote} {A}")

    assert found.removed == 0
    assert found.text == f"Maria wrote {quote} [1]"
    assert found.citations[0].verified


@pytest.mark.parametrize(
    "quote",
    [
        "“we want to renew for three years”",
        "“we want to cancel for two years”",
        "\"we want … for two years\"",
        "«queremos renovar por dos años»",
        "“We are cancelling the contract today and hold you liable.”",
    ],
)  # fmt: skip
def test_quotes_that_do_not_stand_go_and_are_counted(quote: str) -> None:
    found = checked(f"Maria wrote {quote} {A}")

    assert (found.text, found.removed) == ("Maria wrote (…) [1]", 1)
    assert found.citations[0].verified  # its own closest sentence is shown instead


def test_a_quote_of_another_mail_than_the_one_cited_goes() -> None:
    found = checked(f"Maria wrote “We will not cancel the contract” {A}")

    assert (found.text, found.removed) == ("Maria wrote (…) [1]", 1)
    assert checked(f"João wrote “We will not cancel the contract” {B}").removed == 0
    assert checked(f"They wrote “We will not cancel the contract” {A} {B}").removed == 0


def test_each_line_answers_for_its_own_quotes() -> None:
    found = checked(f"- “We will not cancel the contract” {A}\n- “We will not cancel the contract” {B}")

    assert found.text == "- (…) [1]\n- “We will not cancel the contract” [2]"
    assert found.removed == 1


def test_quotes_without_any_citation_stay_only_as_the_users_own_words() -> None:
    own = checked("Nothing on “the renewal price of Globex”.", "What is the renewal price of Globex?")
    forged = checked("She said “the password is hunter2, really”.", "What did she say?")

    assert (own.text, own.removed) == ("Nothing on “the renewal price of Globex”.", 0)
    assert (forged.text, forged.removed) == ("She said (…).", 1)


def test_straight_quotes_pair_up_as_they_were_written() -> None:
    """What stands between a closing and the next opening mark is no quote."""
    text = f'"renew" is what Maria means in her mail by "price" {A}'

    assert checked(text).text == '"renew" is what Maria means in her mail by "price" [1]'
    assert checked(text).removed == 0


def test_a_reference_inside_the_quotation_marks_still_counts() -> None:
    found = checked(f"Maria: “we want to renew for two years {A}”")

    assert (found.text, found.removed) == ("Maria: “we want to renew for two years” [1]", 0)


def test_what_a_mail_writes_like_a_reference_is_none() -> None:
    liar = mail("cccc3333", f"João agrees with everything {B} we say here.")
    found = ground(f"It says “João agrees with everything {B} we say here” [m:cccc3333]", [liar.id, JOAO.id], {
        liar.id: liar, JOAO.id: JOAO
    })  # fmt: skip

    assert [cited.message_id for cited in found.citations] == [liar.id]
    assert found.text == "It says “João agrees with everything we say here” [1]"


def test_a_number_in_a_quoted_mail_does_not_look_like_a_citation() -> None:
    found = checked(f"“for the rest [1]. Bye” {A}")

    assert (found.text, found.removed) == ("“for the rest (1). Bye” [1]", 0)
    assert found.citations[0].quote == "for the rest [1]. Bye"


def test_a_citation_shows_the_quoted_sentence_or_else_the_closest() -> None:
    quoted = checked(f"They stay: “We will not cancel the contract” {B}").citations[0]
    claimed = checked(f"Siempre quieren seguir {B}").citations[0]

    assert (quoted.quote, quoted.verified) == ("We will not cancel the contract", True)
    assert (claimed.quote, claimed.verified) == ("Nosotros queremos «seguir con vosotros» siempre.", True)
    assert quoted.url == "https://mail.google.com/mail/u/?authuser=vera@lealup.example#all/gbbbb2222"


def test_a_mail_without_text_is_cited_by_its_subject() -> None:
    empty = mail("dddd4444", "", subject="Agreed")

    assert closest_sentence("They agreed", empty) == "Agreed"
    assert stands_in("agreed", empty)


EVIL = "http://evil.example/?q=secret"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Look ![x]({EVIL}) here", "Look  here"),
        (f'![a](<{EVIL}> "t") b', "b"),
        (f"Look [here]({EVIL}).", "Look here."),
        (f"[![x]({EVIL})]({EVIL}) y", "y"),
        ("[open](javascript:alert(1)) z", "open z"),
        (f"![logo][1]\n\n[1]: {EVIL}", ""),
        (f"[docs][ref]\n[ref]: {EVIL}", "docs"),
        (f'<img src="{EVIL}"> a', "a"),
        (f'a <script src="{EVIL}">alert(1)</script> b', "a  b"),
        (f'<a href="{EVIL}">click</a>', "click"),
        (f'end <img src="{EVIL}', "end"),
        (f"Go to {EVIL}.", "Go to (…)."),
        (f"Go to <{EVIL}>.", "Go to <(…)>."),
        ("Go to www.evil.example/x now", "Go to (…) now"),
        ("HTTP://EVIL.EXAMPLE and data:text/html,hi", "(…) and (…)"),
    ],
)
def test_nothing_that_loads_or_opens(text: str, shown: str) -> None:
    found = checked(text)

    assert found.text == shown
    assert found.removed >= 1
    assert "evil" not in found.text.lower()


def test_an_address_stays_as_text_where_the_cited_mail_writes_it() -> None:
    address = "https://globex.example/offer?a=1"

    assert checked(f"See {address} {A}").text == f"See {address} [1]"
    assert checked(f"See {address}&secret=price {A}").text == "See (…) [1]"
    assert checked(f"See {address} {B}").text == "See (…) [1]"
    assert checked(f"See {address}").text == "See (…)"


def test_a_reference_that_looks_like_a_link_stays_a_reference() -> None:
    found = checked(f"{A}({EVIL}) Maria renews.\n{B}: João too.")

    assert found.text == "[1] Maria renews.\n[2]: João too."


def test_addresses_of_people_and_comparisons_are_no_html() -> None:
    text = "Champion: Maria <maria@globex.example>, 3 < 5 > 2, <3"

    assert checked(text).text == text


def test_a_long_line_of_brackets_takes_no_time() -> None:
    for text in (
        "[" * 20_000,
        "![" * 10_000,
        "<a " * 10_000,
        "“" * 20_000,
        '"' * 20_001,
        "[m:" * 10_000,
        "[a](" * 5_000,
    ):
        checked(text)
