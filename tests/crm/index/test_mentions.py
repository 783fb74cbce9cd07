"""The exhaustive scan for mentions: every mail in scope, every form of a term."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm import schema
from crm.index.mentions import scan
from crm.mails import MailFilter, list_mails
from crm.passing import count_mails
from tests.crm.index.conftest import Stock
from tests.house import NOW


def test_mentions_read_every_mail_across_pages(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.mails._PAGE", 4)
    for number in range(11):
        stock.add(f"Mail {number}", "We will cancel the contract." if number in (0, 4, 7, 10) else "All is well.",
                  days_ago=20 - number, indexed=False)  # fmt: skip
    stock.add("Hidden", "We cancel.", status="deleted")
    stock.add("Other", "We cancel.", customer="Initech")

    with stock.database.read() as session:
        found = scan(session, stock.me.workspace_id, ["cancel"], MailFilter(customer_ids=[stock.customers["Globex"]]))
        nothing = scan(session, stock.me.workspace_id, ["cancel"], MailFilter(since=NOW + timedelta(days=1)))

    assert found.read == 11
    assert [mention.mail.subject for mention in found.matches] == ["Mail 0", "Mail 4", "Mail 7", "Mail 10"]
    assert {mention.quote for mention in found.matches} == {"We will cancel the contract."}
    assert (nothing.read, nothing.matches) == (0, ())


def test_a_multiple_of_the_page_is_read_to_its_end(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.mails._PAGE", 3)
    for number in range(6):
        stock.add(f"Mail {number}", "nothing", days_ago=1, indexed=False)  # all at the same instant
    with stock.database.read() as session:
        assert scan(session, stock.me.workspace_id, ["cancel"], MailFilter()).read == 6
        pages = [list_mails(session, stock.me.workspace_id, MailFilter(), limit=2, offset=at) for at in (0, 2, 4)]
        assert len({mail.id for page in pages for mail in page}) == 6
        assert count_mails(session, stock.me.workspace_id, MailFilter()) == 6


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("Salesforce", "We compare you with Salesforce™ this week."),
        ("Gainsight", "Gainsight℠ is cheaper."),
        ("Salesforce", "We prefer Salesforce’s pricing."),
        ("Salesforce", "WE PREFER SALESFORCE'S PRICING."),
        ("factura", "La factura№5 no cuadra."),
        ("renovación", "A renovação depende do preço."),
        ("CANCEL", "WE ARE CANCELLING OUR PLAN"),
        ("customer's data", "Who sees our customers' data, and the customer’s data at rest?"),
        ("darse de baja", "Queremos darnos de baja en junio."),
        ("LU-4821", "See LU-4821."),
    ],
)
def test_no_form_of_a_term_escapes_the_scan(stock: Stock, term: str, text: str) -> None:
    stock.add("Said", text)
    stock.add("Not said", "We met in Porto and liked the lunch.")
    with stock.database.read() as session:
        found = scan(session, stock.me.workspace_id, [term], MailFilter())
    assert [mention.mail.subject for mention in found.matches] == ["Said"]


def test_what_a_mail_was_marked_with_is_a_mention_whatever_its_words(stock: Stock) -> None:
    said = "We will do without you from May."
    marks = [
        schema.MailKeyword(
            term=term, form=said, start=0, end=len(said), negated=False, hypothetical=False, sentence=said
        )
        for term in ("cancel", "competitor:zentria")
    ]
    stock.add("Said", said, days_ago=2, keywords=marks)
    supposed = "Without a date by May we would do without you."
    unsure = schema.MailKeyword(
        term="cancel", form=supposed, start=0, end=len(supposed), negated=False, hypothetical=True, sentence=supposed
    )  # fmt: skip
    stock.add("Supposed", supposed, days_ago=2, keywords=[unsure])
    glad = "Good news: we closed two large accounts and will hire."
    misread = schema.MailKeyword(
        term="cancel", form=glad, start=0, end=len(glad), negated=False, hypothetical=False, sentence=glad
    )
    stock.add("Glad", glad, days_ago=2, keywords=[misread], tone="positive")
    stock.add("Short", "We cancel.", days_ago=1)

    def asked(term: str, **chosen: Any) -> list[tuple[str, str, bool]]:
        with stock.database.read() as session:
            found = scan(session, stock.me.workspace_id, [term], MailFilter(**chosen))
        return [(mention.mail.subject, mention.quote, mention.hypothetical) for mention in found.matches]

    both = [("Said", said, False), ("Short", "We cancel.", False)]
    assert asked("cancelación") == asked("cancel") == both
    assert asked("competitor") == [("Said", said, False)]
    assert asked("refund") == asked("Cancelled contracts of Zentria") == []
    assert asked("cancel", since=NOW - timedelta(days=1.5)) == both[1:]
    assert asked("cancel", customer_ids=[stock.customers["Initech"]]) == []


def test_words_asked_for_as_they_are_written_are_not_found_by_marks(stock: Stock) -> None:
    said = "We will do without you from May."
    mark = schema.MailKeyword(
        term="cancel", form=said, start=0, end=len(said), negated=False, hypothetical=False, sentence=said
    )
    stock.add("Said", said, keywords=[mark])
    stock.add("Ours", said, direction="outbound", keywords=[
        schema.MailKeyword(term="cancel", form=said, start=0, end=len(said), negated=False, hypothetical=False, sentence=said)
    ])  # fmt: skip
    with stock.database.read() as session:
        meant = scan(session, stock.me.workspace_id, ["cancel"], MailFilter())
        written = scan(session, stock.me.workspace_id, ["cancel"], MailFilter(), verbatim=True)
    assert [mention.mail.subject for mention in meant.matches] == ["Said"]
    assert written.matches == ()


def test_how_a_sentence_was_marked_tells_whether_it_denies(stock: Stock) -> None:
    said = "Cancel the contract? Not us."
    mark = schema.MailKeyword(
        term="cancel", form="Cancel", start=0, end=6, negated=True, hypothetical=False, sentence="Cancel the contract?"
    )
    stock.add("Said", said, keywords=[mark])
    with stock.database.read() as session:
        (found,) = scan(session, stock.me.workspace_id, ["cancel"], MailFilter()).matches
    assert found.negated and found.form == "Cancel"


def test_a_denial_of_one_word_is_none_of_another_in_its_sentence(stock: Stock) -> None:
    said = "We are not cancelling, but there is a critical bug in the export."
    mark = schema.MailKeyword(
        term="cancel", form="cancelling", start=11, end=21, negated=True, hypothetical=False, sentence=said
    )
    stock.add("Said", said, keywords=[mark])
    with stock.database.read() as session:
        (found,) = scan(session, stock.me.workspace_id, ["bug", "cancelling"], MailFilter()).matches
    assert (found.form, found.negated) == ("bug", False)
