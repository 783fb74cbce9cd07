import csv
import json
from collections.abc import Callable
from datetime import date, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from sandbox.scenario.builder import build
from sandbox.scenario.schedule import anchor_instant
from sandbox.scenario.story import StoryError, load_story
from tests.sandbox.scenario.conftest import ANCHOR, plain

STORIES = sorted((Path(__file__).parents[3] / "sandbox" / "scenario" / "stories").glob("*.yaml"))


def _tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_runs_at_one_instant_write_the_same_bytes(scenario: Path, tmp_path: Path) -> None:
    build(tmp_path, ANCHOR)
    assert _tree(tmp_path) == _tree(scenario)


def test_a_second_run_replaces_the_first(tmp_path: Path) -> None:
    build(tmp_path, ANCHOR)
    later = anchor_instant("2027-02-01", ANCHOR)
    build(tmp_path, later)
    description = json.loads((tmp_path / "scenario.json").read_text())
    names = [path.name for path in (tmp_path / "mailbox").iterdir()]
    assert len(names) == description["mails"]
    assert description["at"] == "2027-02-01T18:00:00+01:00"
    assert not [name for name in names if "-20260810-" in name]


def test_a_foreign_mailbox_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mailbox").mkdir()
    (tmp_path / "mailbox" / "mine.eml").write_text("mine")
    with pytest.raises(StoryError, match="nothing was written"):
        build(tmp_path, ANCHOR)
    assert (tmp_path / "mailbox" / "mine.eml").read_text() == "mine"


def test_the_demo_has_twelve_customers_and_about_three_hundred_mails(scenario: Path) -> None:
    description = json.loads((scenario / "scenario.json").read_text())
    assert description["customers"] == 12
    assert 270 <= description["mails"] <= 340
    assert (description["user"], description["timezone"]) == ("ana.torres@lealup.example", "Europe/Madrid")


def test_mails_are_sound_ordered_and_never_in_the_future(mails: dict[str, EmailMessage]) -> None:
    dates: list[datetime] = []
    for name, mail in mails.items():
        assert not [defect for part in mail.walk() for defect in part.defects], name
        assert plain(mail).strip(), name
        assert str(mail["From"]) and str(mail["To"]) and str(mail["Subject"]), name
        dates.append(parsedate_to_datetime(mail["Date"]))
    assert dates == sorted(dates)
    assert dates[-1] < ANCHOR
    assert len({str(mail["Message-ID"]) for mail in mails.values()}) == len(mails)


def test_early_in_the_day_the_order_of_todays_mails_survives(tmp_path: Path, scenario: Path) -> None:
    midnight = anchor_instant("2026-11-03T00:05", ANCHOR)
    build(tmp_path, midnight)
    keys = [path.name.split("-", 3)[3] for path in sorted((tmp_path / "mailbox").iterdir())]
    evening = [path.name.split("-", 3)[3] for path in sorted((scenario / "mailbox").iterdir())]
    last = parsedate_to_datetime(
        next(
            line.partition(b": ")[2].decode()
            for line in max((tmp_path / "mailbox").iterdir()).read_bytes().splitlines()
            if line.startswith(b"Date: ")
        )
    )
    assert keys == evening
    assert last < midnight


def test_replies_follow_mails_that_exist_and_came_before(mails: dict[str, EmailMessage]) -> None:
    seen: dict[str, str] = {}
    replies = 0
    for name, mail in mails.items():
        if mail["In-Reply-To"]:
            replies += 1
            parent = mail["In-Reply-To"].strip()
            assert parent in seen, name
            assert mail["References"].split() == [*seen[parent].split(), parent], name
        seen[mail["Message-ID"].strip()] = mail["References"] or ""
    assert replies > 150


def test_labels_say_where_each_mail_lies(mails: dict[str, EmailMessage]) -> None:
    for name, mail in mails.items():
        labels = mail["X-Gmail-Labels"].split(",")
        places = {"INBOX", "SENT", "SPAM", "TRASH", "DRAFT"}.intersection(labels)
        assert len(places) == 1, name
        if places == {"SENT"}:
            assert "ana" in mail["From"].addresses[0].addr_spec, name
    used = {label for mail in mails.values() for label in mail["X-Gmail-Labels"].split(",")}
    assert {"INBOX", "SENT", "SPAM", "TRASH", "DRAFT"} <= used


def test_automatic_and_bulk_mail_is_marked(mails: dict[str, EmailMessage]) -> None:
    away = next(mail for name, mail in mails.items() if "noise-onboarding-guide-2" in name)
    assert away["Auto-Submitted"] == "auto-replied"
    assert away["Subject"] == "Automatic reply: Short guide for your new planners"
    assert "wrote:" not in plain(away)
    bounce = next(mail for name, mail in mails.items() if "noise-roll-ups-2" in name)
    assert bounce.get_all("Return-Path") == ["<>"]
    news = next(mail for name, mail in mails.items() if "noise-retencao" in name)
    assert news["Precedence"] == "bulk"
    assert "unsubscribe" in str(news["List-Unsubscribe"]) or "sair@" in str(news["List-Unsubscribe"])


def test_the_invitation_carries_a_calendar_part_with_a_real_instant(mails: dict[str, EmailMessage]) -> None:
    mail = next(mail for name, mail in mails.items() if "noise-offsite-invitation" in name)
    part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert part.get_param("method") == "REQUEST"
    assert "DTSTART:20261109T090000Z" in part.get_content()


def test_the_injected_mail_hides_its_orders_in_white(mails: dict[str, EmailMessage]) -> None:
    mail = next(mail for name, mail in mails.items() if "noise-injected" in name)
    html = mail.get_body(("html",))
    assert html is not None
    assert "color:#ffffff" in html.get_content() and "ignore previous instructions" in html.get_content()
    assert mail["From"].addresses[0].addr_spec == "jonas.weber@globex.example"


def test_the_tables_describe_every_customer_and_contact(scenario: Path) -> None:
    with (scenario / "customers.csv").open(encoding="utf-8", newline="") as file:
        customers = {row["name"]: row for row in csv.DictReader(file)}
    with (scenario / "contacts.csv").open(encoding="utf-8", newline="") as file:
        contacts = list(csv.DictReader(file))
    header, *_ = (scenario / "customers.csv").read_text(encoding="utf-8").splitlines()
    assert header == "name,aliases,domains,arr,plan,status,renewal_date,segment,owner,language"
    assert customers["Acme Robotics"]["renewal_date"] == date(2026, 12, 5).isoformat()
    assert customers["Grupo Editorial Cervantes"]["domains"] == "cervantes.example;grupocervantes.example"
    assert {row["customer"] for row in contacts} == set(customers)
    assert {"name": "Lucía Herrera", "email": "lucia.herrera@cervantes.example"}.items() <= next(
        row for row in contacts if row["email"].startswith("lucia")
    ).items()


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_every_story_loads_and_concerns_ana(path: Path) -> None:
    story = load_story(path)
    for thread in story.threads:
        for number, mail in enumerate(thread.mails):
            people = " ".join((mail.sender, *mail.to, *mail.cc))
            assert "csm" in people.split() or "ana" in people, f"{path.name} {thread.key}[{number}]"


@pytest.mark.parametrize("client", ["gmail", "outlook", "apple", "thunderbird", "mobile"])
@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_accents_survive_every_program_and_charset(
    small: Callable[[str, str], list[EmailMessage]], client: str, language: str
) -> None:
    first, reply, last = small(client, language)
    assert str(reply["Subject"]).removeprefix("RE: ").removeprefix("Re: ") == "Preços: café à açoriana"
    assert reply["From"].addresses[0].display_name == "Nuno Conceição"
    assert "Não está mal, coração: 'añejo' é 12 %." in plain(reply)
    assert "São 40 € por mês." in plain(reply)
    assert "Olá Nuno, ¿qué tal?" in plain(first)
    assert "Não está mal, coração" in plain(last)
