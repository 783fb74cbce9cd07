"""Pages of a timeline equal a scan of all its mails, whatever the filter, on both databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, select, text, update

import crm
import crm.timeline.mails as inner
from crm import schema
from crm.errors import InputError, UnknownCustomer
from crm.folding import fold
from crm.mails import MailFilter, StoredMail, list_mails, read_texts
from crm.passing import count_mails
from crm.timeline.filter import Filter
from crm.timeline.item import read_cursor
from crm.timeline.page import addresses, read_all, read_page
from tests.crm.timeline.conftest import AT, Stock

_PEOPLE = ("maria@acme.example", "joao@acme.example", "ana@leal.example")
_TEXTS = ("", "Renovación del contrato", "the invoice", "FACTURA 100% pagada", "naïve", 'say "hi"', "año_nuevo", "ab")
_WORDS = ("", "nov", "contrato renov", "FACT", "100%", "año", '"hi', "o_n", "ab", "a", "zzzz", "maria invoice", "ç")
_FILES = ("Factura-100%.pdf", "plan.docx", "Año.pdf")

_mails = st.lists(
    st.fixed_dictionaries(
        {
            "minutes": st.integers(0, 12),  # several at the same instant
            "customers": st.sampled_from(["acme", "globex", "both"]),
            "sender": st.sampled_from(_PEOPLE),
            "to": st.lists(st.sampled_from(_PEOPLE), max_size=2, unique=True),
            "subject": st.sampled_from(_TEXTS),
            "text": st.sampled_from(_TEXTS),
            "direction": st.sampled_from(["inbound", "outbound"]),
            "tone": st.sampled_from(["", "positive", "negative"]),
            "words": st.lists(st.sampled_from(["cancel", "price"]), max_size=2),
            "negated": st.lists(st.just("problem"), max_size=1),
            "files": st.lists(st.sampled_from(_FILES), max_size=2),
            "automatic": st.booleans(),
            "bulk": st.booleans(),
            "status": st.sampled_from(["stored", "stored", "stored", "filtered"]),
            "indexed": st.sampled_from([True, True, True, False]),
        }
    ),
    max_size=14,
)
_instants = st.none() | st.integers(0, 12).map(lambda n: AT - timedelta(minutes=n))
_filters = st.builds(
    Filter,
    since=_instants,
    until=_instants,
    person=st.sampled_from(["", "", *_PEOPLE, "nobody@acme.example"]),
    direction=st.sampled_from([None, None, "inbound", "outbound"]),
    tone=st.sampled_from(["", "", "negative"]),
    keyword=st.sampled_from(["", "", "cancel", "problem"]),
    attachment=st.sampled_from([False, False, True]),
    attachment_name=st.sampled_from(["", "", "fact", "año", "100% pdf"]),
    text=st.sampled_from(_WORDS),
    shared=st.sampled_from([False, False, True]),
    automatic=st.sampled_from(["shown", "shown", "hidden", "only"]),
)


def _passes(mail: StoredMail, chosen: Filter) -> bool:
    """The filter as its docstring says, mail by mail."""
    people = (mail.sender, *mail.to, *mail.cc)
    names = fold(" ".join(file.name for file in mail.attachments))
    parts = (mail.subject, mail.new_text, *(f"{held.name} {held.email}" for held in people), names)
    machine = mail.automatic or mail.bulk
    return (
        (chosen.since is None or mail.sent_at >= chosen.since)
        and (chosen.until is None or mail.sent_at < chosen.until)
        and (not chosen.person or chosen.person in {held.email for held in people})
        and (chosen.direction is None or mail.direction == chosen.direction)
        and (not chosen.tone or mail.tone == chosen.tone)
        and (not chosen.keyword or chosen.keyword in {mark.term for mark in mail.keywords if not mark.negated})
        and (not chosen.attachment or bool(mail.attachments))
        and all(word in names for word in fold(chosen.attachment_name).split())
        and all(word in fold(" ".join(parts)) for word in fold(chosen.text).split())
        and (not chosen.shared or mail.shared)
        and (chosen.automatic == "shown" or machine == (chosen.automatic == "only"))
    )


def _fill(stock: Stock, mails: list[dict[str, Any]]) -> None:
    owners = {"acme": [stock.acme], "globex": [stock.globex], "both": [stock.acme, stock.globex]}
    with stock.database.write() as session:
        for table in ("links", "messages", "participants", "attachments", "mail_keywords", "mails"):
            session.execute(text(f"DELETE FROM {table}"))
        for n, mail in enumerate(mails):
            stock.mail(session, f"m{n}", **{**mail, "customers": owners[mail["customers"]]})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mails=_mails, filters=st.lists(_filters, min_size=6, max_size=6), size=st.integers(1, 5))
def test_pages_equal_a_scan_of_everything(
    stock: Stock, mails: list[dict[str, Any]], filters: list[Filter], size: int
) -> None:
    _fill(stock, mails)
    with stock.database.read() as session:
        everything = list_mails(session, stock.workspace, MailFilter(customer_ids=[stock.acme]), newest_first=True)
        for chosen in filters:
            expected = [mail.id for mail in everything if _passes(mail, chosen)]
            for first, many in ((100, 1000), (1, 1000), (1, 1)):  # one by one; by the index; the index finds too many
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(inner, "_FIRST", first)
                    patch.setattr(inner, "_MANY", many)
                    found = [item.id for item in read_all(session, stock.workspace, stock.acme, chosen, size=size)]
                assert found == expected, chosen


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mails=_mails, filters=st.lists(_filters, min_size=6, max_size=6))
def test_mails_are_counted_as_they_are_listed(stock: Stock, mails: list[dict[str, Any]], filters: list[Filter]) -> None:
    _fill(stock, mails)
    with stock.database.read() as session:
        for whose in ([], [stock.acme], [stock.acme, stock.globex]):
            for chosen in filters:
                asked = MailFilter(
                    customer_ids=whose, since=chosen.since, until=chosen.until, direction=chosen.direction,
                    tone=chosen.tone or None, keyword=chosen.keyword or None,
                )  # fmt: skip
                listed = [mail.id for mail in list_mails(session, stock.workspace, asked)]
                assert count_mails(session, stock.workspace, asked) == len(listed), asked
                assert [mail_id for mail_id, _ in read_texts(session, stock.workspace, asked)] == listed, asked


def _rows(stock: Stock) -> list[Any]:
    with stock.database.read() as session:
        return sorted(session.execute(text("SELECT * FROM timeline")).all())


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mails=_mails, data=st.data())
def test_triggers_keep_the_rows_as_if_they_were_made_anew(stock: Stock, mails: list[dict[str, Any]], data: Any) -> None:
    _fill(stock, mails)
    changes = {
        "tone": update(schema.Mail).values(tone="positive"),
        "when": update(schema.Mail).values(sent_at=AT),
        "erased": update(schema.Mail).values(has_body=False),
        "back": update(schema.Mail).values(has_body=True),
        "binned": update(schema.Message).values(status="filtered"),
        "unlinked": delete(schema.Link).where(schema.Link.customer_id == stock.globex),
        "files": delete(schema.MailAttachment),
        "denied": update(schema.MailKeyword).values(negated=True),
        "people": delete(schema.Participant).where(schema.Participant.kind == "to"),
        "moved": update(schema.Participant).values(email="new@acme.example"),
        "gone": delete(schema.Message),
    }
    for name in data.draw(st.lists(st.sampled_from(sorted(changes)), max_size=4)):
        with stock.database.write() as session:
            session.execute(changes[name])
        kept = _rows(stock)
        with stock.database.write() as session:
            session.execute(text("DELETE FROM timeline"))
            session.execute(update(schema.Mail).values(has_body=~schema.Mail.has_body))
            session.execute(update(schema.Mail).values(has_body=~schema.Mail.has_body))
        assert kept == _rows(stock), name


def test_a_page_costs_the_same_number_of_statements_however_many_mails_it_shows(stock: Stock) -> None:
    with stock.database.write() as session:
        for n in range(60):
            stock.mail(session, f"m{n:02}", minutes=n, text="invoice", files=["f.pdf"], words=["cancel"])
    said: list[str] = []
    event.listen(
        stock.database.engine, "before_cursor_execute", lambda _c, _cu, statement, *_: said.append(str(statement))
    )
    counted: list[int] = []
    for limit in (2, 50):
        said.clear()
        with stock.database.read() as session:
            page = read_page(session, stock.workspace, stock.acme, Filter(text="invoice"), limit=limit)
        assert len(page.items) == limit and all(item.mail and not item.mail.new_text for item in page.items)
        assert not any("mails.new_text" in one for one in said)
        counted.append(len(said))
    assert counted[0] == counted[1] <= 23


def test_health_changes_stand_between_the_mails(stock: Stock) -> None:
    day = AT.date()
    with stock.database.write() as session:
        stock.mail(session, "old", minutes=5 * 24 * 60)
        stock.mail(session, "new")
        for back, score in ((3, 80.0), (2, 80.0), (1, 40.0)):
            session.add(
                schema.HealthSnapshot(
                    customer_id=stock.acme, day=day - timedelta(days=back), score=score, engagement=score, sentiment=score,
                    dimensions={}, cause="", cause_mail_ids=["old"] if score == 40 else [],
                )
            )  # fmt: skip
    with stock.database.read() as session:
        every = list(read_all(session, stock.workspace, stock.acme, Filter(), size=1))
        assert [item.kind for item in every] == ["mail", "health", "health", "mail"]
        assert "80" in every[1].text and "40" in every[1].text
        kinds = [item.kind for item in read_all(session, stock.workspace, stock.acme, Filter(kinds=["health"]))]
        assert kinds == ["health", "health"]
        said = Filter(text="80 40", since=every[1].at, until=every[1].at + timedelta(seconds=1))
        assert [item.place for item in read_page(session, stock.workspace, stock.acme, said).items] == [every[1].place]
        by_mail = read_page(session, stock.workspace, stock.acme, Filter(direction="inbound")).items
        assert [item.kind for item in by_mail] == ["mail", "mail"]


def test_everybody_who_wrote_or_received_is_offered(stock: Stock) -> None:
    with stock.database.write() as session:
        stock.mail(session, "one", sender="zoe@acme.example", to=["ana@leal.example"])
        stock.mail(session, "two", sender="ana@leal.example", to=["bob@acme.example"], words=["cancel"])
        stock.mail(session, "other", sender="eve@globex.example", customers=[stock.globex])
    with stock.database.read() as session:
        assert addresses(session, stock.workspace, stock.acme) == (
            "ana@leal.example", "bob@acme.example", "zoe@acme.example",
        )  # fmt: skip
        with pytest.raises(UnknownCustomer):
            addresses(session, stock.workspace + 1, stock.acme)
        with pytest.raises(UnknownCustomer):
            read_page(session, stock.workspace + 1, stock.acme, Filter())


def test_a_deleted_mail_leaves_no_text(stock: Stock) -> None:
    with stock.database.write() as session:
        stock.mail(session, "one", text="confidential")
    with stock.database.write() as session:
        for model in (schema.Link, schema.Message, schema.Participant):
            session.execute(delete(model))
        session.execute(delete(schema.Mail))
        assert session.scalar(text("SELECT count(*) FROM timeline_texts")) == 0
        assert session.scalars(select(schema.TimelineRow)).all() == []


@pytest.mark.parametrize(
    "written", ["", "yesterday~mail~x", "2026-01-01T00:00:00~mail~x", "2026-01-01T00:00:00+00:00~x~"]
)
def test_what_is_no_cursor_is_refused(written: str) -> None:
    with pytest.raises(InputError):
        read_cursor(written)


def test_a_store_that_is_migrated_has_the_same_rows_and_texts(stock: Stock) -> None:
    with stock.database.write() as session:
        stock.mail(session, "one", text="Renovación", words=["cancel"], files=["Año.pdf"])
        stock.mail(session, "both", customers=[stock.acme, stock.globex], to=["bob@acme.example"], indexed=False)
    kept, texts = _rows(stock), _texts(stock)
    config = Config()
    config.set_main_option("script_location", str(Path(crm.__file__).parent / "migrations"))
    with stock.database.write() as session:
        config.attributes["connection"] = session.connection()
        command.downgrade(config, "0007")
        command.upgrade(config, "head")
    assert len(kept) == 10 and _rows(stock) == kept
    assert len(texts) == 1 and _texts(stock) == texts
    with stock.database.read() as session:
        found = read_page(session, stock.workspace, stock.acme, Filter(text="renovacion año"))
        assert [item.id for item in found.items] == ["one"]


def _texts(stock: Stock) -> list[Any]:
    with stock.database.read() as session:
        return sorted(session.execute(text("SELECT customer_id, mail_id, names, folded FROM timeline_texts")).all())


@pytest.mark.parametrize(
    "typed", ["renewal\0", " ".join(f"w{n}" for n in range(3000)), "x" * 30_000, "renewal\ud800", "\"'%_\\"]
)
def test_whatever_is_typed_is_a_question(stock: Stock, typed: str) -> None:
    with stock.database.write() as session:
        stock.mail(session, "m", subject="Renewal", minutes=1, customers=[stock.acme])
        stock.mail(session, "newer", customers=[stock.acme])
    for chosen in (Filter(text=typed), Filter(attachment_name=typed), Filter(person=typed)):
        with stock.database.read() as session, pytest.MonkeyPatch.context() as patch:
            patch.setattr(inner, "_FIRST", 1)
            found = [item.id for item in read_all(session, stock.workspace, stock.acme, chosen)]
        assert found == (["m"] if chosen.text.startswith("renewal") else []), chosen
