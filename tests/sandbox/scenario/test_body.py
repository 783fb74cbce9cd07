from collections.abc import Callable
from email.message import EmailMessage

import pytest

from tests.sandbox.scenario.conftest import plain

Small = Callable[[str, str], list[EmailMessage]]


@pytest.mark.parametrize(
    ("client", "language", "line"),
    [
        (
            "gmail",
            "en",
            "On Thu, 29 Oct 2026 at 10:02, Ana Torres <ana.torres@lealup.example> wrote:\n\n> Olá",
        ),
        (
            "gmail",
            "es",
            "El jue, 29 oct 2026 a las 10:02, Ana Torres (<ana.torres@lealup.example>)\nescribió:\n\n> Olá",
        ),
        (
            "gmail",
            "pt",
            "Em qui., 29 de out. de 2026 às 10:02, Ana Torres <ana.torres@lealup.example>\nescreveu:\n\n> Olá",
        ),
        (
            "apple",
            "en",
            "> On 29 Oct 2026, at 10:02, Ana Torres <ana.torres@lealup.example> wrote:\n>\n> Olá",
        ),
        (
            "mobile",
            "es",
            "> El 29 oct 2026, a las 10:02, Ana Torres <ana.torres@lealup.example> escribió:\n>\n> Olá",
        ),
        ("thunderbird", "es", "El 29/10/26 a las 10:02, Ana Torres escribió:\n> Olá"),
        (
            "outlook",
            "en",
            "From: Ana Torres <ana.torres@lealup.example>\nSent: Thursday, October 29, 2026 10:02 AM\nTo: Nuno",
        ),
        (
            "outlook",
            "es",
            "De: Ana Torres <ana.torres@lealup.example>\nEnviado: jueves, 29 de octubre de 2026 10:02\nPara: N",
        ),
        (
            "outlook",
            "pt",
            "Enviado: quinta-feira, 29 de outubro de 2026 10:02\nPara: Nuno Conceição <nuno@cafeluz.example>",
        ),
    ],
)
def test_each_program_quotes_in_its_own_way(small: Small, client: str, language: str, line: str) -> None:
    _, reply, _ = small(client, language)
    assert line in plain(reply)


@pytest.mark.parametrize(
    ("client", "mark"),
    [
        ("gmail", "gmail_quote"),
        ("apple", 'blockquote type="cite"'),
        ("outlook", "<b>From:</b> Ana Torres &lt;"),
    ],
)
def test_html_programs_mark_the_quote(small: Small, client: str, mark: str) -> None:
    _, reply, _ = small(client, "en")
    html = reply.get_body(("html",))
    assert html is not None
    assert mark in html.get_content()


@pytest.mark.parametrize("client", ["thunderbird", "mobile"])
def test_plain_programs_send_no_html(small: Small, client: str) -> None:
    _, reply, _ = small(client, "en")
    assert reply.get_content_type() == "text/plain"


@pytest.mark.parametrize(
    ("client", "language", "charset"),
    [("outlook", "es", "windows-1252"), ("thunderbird", "en", "utf-8"), ("gmail", "pt", "utf-8")],
)
def test_charsets_are_the_programs_own(small: Small, client: str, language: str, charset: str) -> None:
    _, reply, _ = small(client, language)
    part = reply.get_body(("plain",))
    assert part is not None
    assert part.get_content_charset() == charset


def test_latin_1_is_used_where_it_is_enough(mails: dict[str, EmailMessage]) -> None:
    charsets = {part.get_content_charset() for mail in mails.values() for part in mail.walk()}
    assert {"utf-8", "iso-8859-1", "windows-1252"} <= charsets


def test_history_grows_by_one_quote_a_mail(small: Small) -> None:
    _, _, last = small("gmail", "en")
    text = plain(last)
    assert "\n> Não está mal" in text
    assert "\n>> Olá Nuno" in text


def test_quotes_stop_after_three_levels(mails: dict[str, EmailMessage]) -> None:
    for name, mail in mails.items():
        assert ">>>>" not in plain(mail), name


def test_signatures_follow_the_language(small: Small) -> None:
    assert "Customer Success Manager | LealUp" in plain(small("gmail", "en")[0])
    assert "Responsable de Éxito del Cliente | LealUp" in plain(small("gmail", "es")[0])
    assert "Gestora de Sucesso do Cliente | LealUp" in plain(small("gmail", "pt")[0])
