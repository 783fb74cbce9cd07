"""Which customers a mail belongs to, and by which rule (A1, A2, A4, A5)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crm.association import Directory, Match, associate
from crm.generic_domains import GENERIC, is_generic
from crm.mail import Address, ParsedMail
from ingestion.store import addresses_of

DIRECTORY = Directory(
    domains={"globex.example": 1, "eu.globex.example": 2, "gmail.com": 3, "initech.com.br": 4},
    contacts={"ana@gmail.com": (3,), "pia@globex.example": (1, 4), "consultant@agency.example": (1, 4)},
    own=frozenset({"vera@lealup.example", "vera@globex.example"}),
)


def _customers(*addresses: str) -> dict[int, tuple[str, str]]:
    return {match.customer_id: (match.rule, match.detail) for match in associate(addresses, DIRECTORY)}


def test_a_domain_matches_itself() -> None:
    assert associate(["maria@globex.example"], DIRECTORY) == (
        Match(customer_id=1, rule="domain", detail="globex.example"),
    )


def test_a_domain_matches_its_subdomains_but_not_its_lookalikes() -> None:
    assert _customers("ops@mail.us.globex.example") == {1: ("domain", "globex.example")}
    assert _customers("x@notglobex.example", "x@globex.example.evil.test", "x@example") == {}


def test_the_longest_registered_domain_wins() -> None:
    assert _customers("x@eu.globex.example", "y@it.eu.globex.example") == {2: ("domain", "eu.globex.example")}


def test_case_and_spaces_do_not_matter() -> None:
    assert _customers("  Maria@GLOBEX.Example ") == {1: ("domain", "globex.example")}


def test_generic_domains_never_match_by_domain_even_on_a_customers_record() -> None:
    assert _customers("stranger@gmail.com") == {}
    assert _customers("ana@gmail.com") == {3: ("contact", "ana@gmail.com")}
    assert _customers("x@sub.gmail.com") == {}


def test_the_domain_rule_stands_before_the_contact_rule_and_a_customer_is_listed_once() -> None:
    assert _customers("pia@globex.example") == {1: ("domain", "globex.example"), 4: ("contact", "pia@globex.example")}


def test_two_customers_in_one_mail() -> None:
    assert set(_customers("a@globex.example", "b@initech.com.br")) == {1, 4}
    assert set(_customers("consultant@agency.example")) == {1, 4}


def test_our_own_addresses_are_never_a_customer() -> None:
    assert _customers("vera@lealup.example", "VERA@globex.example") == {}


def test_what_is_no_address_matches_nothing() -> None:
    assert _customers("", "globex.example", "undisclosed-recipients:;", "@", "x@") == {}


def test_reply_to_is_not_a_participant() -> None:
    maria = Address(name="Maria", email="maria@globex.example")
    mail = ParsedMail(
        message_id=None, subject="", sender=Address(name="", email="x@shop.example"), to=(), cc=(), bcc=(),
        reply_to=(maria,), date=None, in_reply_to=None, references=(), headers={}, charset=None, text="", html=None,
        new_text="", quoted_text="", signature="", attachments=(), automatic=False, bulk=False, error=None,
    )  # fmt: skip
    assert addresses_of(mail) == ("x@shop.example",)


def test_the_list_of_generic_domains_knows_the_languages_of_the_product() -> None:
    for domain in ("gmail.com", "outlook.com", "hotmail.com", "yahoo.com.br", "icloud.com", "proton.me", "terra.com.br",
                   "uol.com.br", "sapo.pt", "telefonica.net", "hotmail.es"):  # fmt: skip
        assert is_generic(domain)
    assert is_generic(" GMail.com. ")
    assert not is_generic("globex.example")
    assert all(domain == domain.lower() and "." in domain for domain in GENERIC)


@given(st.lists(st.text(max_size=30)), st.randoms())
def test_order_and_repetition_change_nothing_and_nothing_raises(addresses: list[str], random: object) -> None:
    known = ["maria@globex.example", "ana@gmail.com"]
    assert associate([*addresses, *known], DIRECTORY) == associate([*known, *reversed(addresses), *known], DIRECTORY)
