"""The first sync: what is read, what is left out, and that doing it twice changes nothing."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs

from sqlalchemy import select

from crm import schema
from ingestion.sync import Progress
from tests.house import CSM, JOAO, MARIA, NOW, House, letter, snapshot


def _fields_asked(house: House, gmail_id: str) -> list[str]:
    """The field masks of every fetch of one message; "" stands for the whole message."""
    asked = [entry for entry in house.requests("messages.get") if entry["path"].endswith(gmail_id)]
    assert all(parse_qs(entry["query"]).get("format") == ["full"] for entry in asked)
    return [parse_qs(entry["query"]).get("fields", [""])[0] for entry in asked]


def test_running_it_twice_changes_nothing(house: House) -> None:
    house.mail(letter(subject="Renewal", text="We want to renew."))
    house.mail(letter(sender=JOAO, subject="Fatura", text="A fatura está errada."))
    house.mail(letter(sender="News <news@shop.example>", subject="Sale", text="50 % off"))

    first = house.sync()
    before = snapshot(house)
    house.clear_log()
    second = house.sync()

    assert first.coverage == {
        "listed": 3, "stored": 2, "filtered": {"no_customer": 1}, "quarantined": 0, "pending": 0
    }  # fmt: skip
    assert second.coverage == first.coverage
    assert snapshot(house) == before
    assert house.requests("messages.get") == []
    assert house.requests("messages.list") == []
    assert [mail.new_text for mail in house.timeline("Globex")] == ["We want to renew."]


def test_the_body_of_a_mail_without_a_customer_is_never_asked_for(house: House) -> None:
    private = house.mail(letter(sender="Mum <mum@family.example>", subject="Sunday", text="Lunch at two?"))
    business = house.mail(letter(subject="Renewal", text="We want to renew."))

    house.sync()

    assert len(_fields_asked(house, private.id)) == 1
    assert all(mask and "data" not in mask and "snippet" not in mask for mask in _fields_asked(house, private.id))
    assert _fields_asked(house, business.id)[-1] == ""
    with house.app.database.read() as session:
        held = session.scalars(select(schema.Mail).where(schema.Mail.subject == "Sunday")).one()
    assert (held.has_body, held.text, held.snippet, held.html, held.sender_email) == (
        False, "", "", "", "mum@family.example"
    )  # fmt: skip
    assert house.searched("Lunch at two Sunday") == {"Renewal"}


def test_an_empty_mailbox_is_a_complete_backfill(house: House) -> None:
    report = house.sync()

    assert report.coverage == {"listed": 0, "stored": 0, "filtered": {}, "quarantined": 0, "pending": 0}
    assert house.mailbox().backfill_done_at == NOW
    assert house.mailbox().state == "connected"


def test_an_empty_page_with_a_next_token_is_not_the_end(house: House) -> None:
    house.mail(letter(subject="Renewal"))
    house.fault("empty_page", "messages.list")

    house.sync()

    assert house.subjects("Globex") == ["Renewal"]
    assert len(house.requests("messages.list")) == 2


def test_the_window_is_respected_and_can_be_widened_later(house: House) -> None:
    house.mail(letter(subject="Old", days_ago=200))
    house.mail(letter(subject="Recent", days_ago=80))

    house.sync()
    assert house.subjects("Globex") == ["Recent"]
    house.sync(days=365)

    assert house.subjects("Globex") == ["Old", "Recent"]
    assert house.mailbox().window_start == NOW - timedelta(days=365)


def test_contacts_subdomains_and_generic_domains(house: House) -> None:
    house.mail(letter(sender="Ana <ana.initech@gmail.com>", subject="From her own address"))
    house.mail(letter(sender="Somebody <somebody@gmail.com>", subject="A stranger"))
    house.mail(letter(sender="Ops <ops@eu.globex.example>", subject="From a subdomain"))
    house.mail(letter(sender=f"Vera <{CSM}>", to="Pia <pia@globex.example>", subject="Sent by us"))

    house.sync()

    assert set(house.subjects("Initech")) == {"From her own address"}
    assert set(house.subjects("Globex")) == {"From a subdomain", "Sent by us"}
    rules = {mail.subject: mail.links[0][1:] for mail in (*house.timeline("Globex"), *house.timeline("Initech"))}
    assert rules == {
        "From her own address": ("contact", "ana.initech@gmail.com"),
        "From a subdomain": ("domain", "globex.example"),
        "Sent by us": ("domain", "globex.example"),
    }
    assert {mail.subject: mail.direction for mail in house.timeline("Globex")}["Sent by us"] == "outbound"


def test_a_mail_of_two_customers_is_on_both_timelines(house: House) -> None:
    house.mail(letter(subject="Joint project", Cc=JOAO))

    house.sync()

    assert house.subjects("Globex") == house.subjects("Initech") == ["Joint project"]
    assert house.timeline("Globex")[0].shared


def test_reply_to_puts_a_mail_on_no_timeline(house: House) -> None:
    house.mail(letter(sender="Someone <someone@shop.example>", Reply_To=MARIA))

    assert house.sync().coverage["filtered"] == {"no_customer": 1}


def test_a_thread_joins_when_one_of_its_mails_matches_later(house: House) -> None:
    first = house.mail(letter(sender="Bo <bo@partner.example>", subject="Pilot", text="The pilot begins.", days_ago=5))
    house.sync()
    assert house.subjects("Globex") == []

    answer = letter(subject="Re: Pilot", text="Globex is in.", days_ago=4, In_Reply_To=f"<{first.rfc_id}>")
    house.mail(answer)
    house.sync()

    assert [(mail.subject, mail.links[0][1]) for mail in house.timeline("Globex")] == [
        ("Pilot", "thread"), ("Re: Pilot", "domain")
    ]  # fmt: skip
    assert house.timeline("Globex")[0].new_text == "The pilot begins."
    assert house.searched("pilot begins") >= {"Pilot"}


def test_attachments_are_named_and_sized_without_a_customer_too(house: House) -> None:
    house.mail(_with_attachment(sender="Bo <bo@partner.example>", subject="Offer"))
    house.mail(_with_attachment(sender=MARIA, subject="Contract"))

    house.sync()

    with house.app.database.read() as session:
        held = session.scalars(select(schema.Mail).order_by(schema.Mail.subject)).all()
    assert [[(one.name, one.size, one.type) for one in mail.attachments] for mail in held] == [
        [("términos.pdf", 1000, "application/pdf")]
    ] * 2
    assert house.searched("términos") == {"Contract"}


def test_progress_is_told_phase_by_phase(house: House) -> None:
    for number in range(30):
        house.mail(letter(subject=f"Mail {number}", days_ago=number + 1))
    seen: list[Progress] = []

    house.sync(progress=seen.append)

    phases = list(dict.fromkeys(progress.phase for progress in seen))
    assert phases == ["listing", "fetching", "changes", "indexing"]
    assert [progress for progress in seen if progress.phase == "fetching"][-1] == Progress(
        phase="fetching", done=30, total=30
    )
    assert all(progress.done <= progress.total for progress in seen if progress.total)


def _with_attachment(*, sender: str, subject: str) -> bytes:
    from email import message_from_bytes
    from email.message import EmailMessage
    from email.policy import default

    message = message_from_bytes(letter(sender=sender, subject=subject), policy=default)
    assert isinstance(message, EmailMessage)
    message.add_attachment(b"%PDF" + b"x" * 996, maintype="application", subtype="pdf", filename="términos.pdf")
    return message.as_bytes()
