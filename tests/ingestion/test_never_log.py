"""The never-log list (S9): such mail has no body, no link and no place in an index, and the coverage says why."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from crm import schema
from crm.errors import InputError, NotAllowed, NotFound
from crm.never_log import add_entry, entries_of, remove_entry
from ingestion.unassigned import unassigned_of
from ingestion.why import explain
from tests.house import COLLEAGUE, CSM, JOAO, MARIA, House, letter


def add(house: House, value: str, *, user: str = CSM, label: bool = False, everybody: bool = False) -> None:
    with house.app.database.write() as session:
        principal = house.app.principal(user)
        add_entry(session, house.clock, principal, value, label=label, everybody=everybody)


def remove(house: House, value: str, *, label: bool = False) -> None:
    with house.app.database.write() as session:
        remove_entry(session, house.clock, house.me, value, label=label)


def mail_row(house: House, gmail_id: str) -> schema.Mail:
    with house.app.database.read() as session:
        return session.get_one(schema.Mail, house.copy(gmail_id).mail_id)


def lexical(house: House) -> set[str]:
    with house.app.database.read() as session:
        return set(session.scalars(text("SELECT mail_id FROM mail_lexical")))


def test_an_address_a_domain_with_its_subdomains_and_a_label_are_never_read(house: House) -> None:
    add(house, "Maria@Globex.example")
    add(house, "@initech.example")
    add(house, "personal", label=True)
    barred = [
        house.mail(letter(subject="From Maria", text="Secret one.")),
        house.mail(letter(sender="Pia <pia@globex.example>", subject="To Maria", Cc=MARIA)),
        house.mail(letter(sender="João <joao@br.initech.example>", subject="From a subdomain")),
        house.mail(
            letter(sender="Pia <pia@globex.example>", subject="Labelled", X_Gmail_Labels="Inbox,Personal/Family"),
            labels={"INBOX", house.store.mailbox(CSM).labels.create("Personal/Family")},
        ),
    ]
    kept = house.mail(letter(sender="Pia <pia@globex.example>", subject="From Pia", days_ago=1))

    report = house.sync()

    assert report.coverage["filtered"] == {"never_log": 4}
    assert (house.subjects("Globex"), house.subjects("Initech")) == (["From Pia"], [])
    for mail in barred:
        asked = [entry for entry in house.requests("messages.get") if entry["path"].endswith(mail.id)]
        assert len(asked) == 1 and "fields=" in asked[0]["query"]
        row = mail_row(house, mail.id)
        assert (row.has_body, row.text, row.links, row.indexed_at) == (False, "", [], None)
    assert lexical(house) == house.app.vectors.ids(house.me.workspace_id) == {house.copy(kept.id).mail_id}
    with house.app.database.read() as session:
        assert unassigned_of(session, house.me) == []
        found = [explain(session, house.me, mail.id)["explanation"] for mail in barred]
        by_address = explain(session, house.me, "maria@globex.example")
    assert [one.rpartition(": ")[2] for one in found] == [
        "maria@globex.example.", "maria@globex.example.", "initech.example.", "label personal."
    ]  # fmt: skip
    assert "never logged" in by_address["explanation"] and by_address["links"] == []


def test_added_later_it_erases_and_removed_it_reads_again(house: House) -> None:
    first = house.mail(letter(subject="Renewal", text="Confidential terms.", days_ago=3))
    mate = house.mail(
        letter(sender="Bo <bo@partner.example>", subject="Re: Renewal", text="Noted.", days_ago=2,
               In_Reply_To=f"<{first.rfc_id}>")
    )  # fmt: skip
    house.sync()
    assert house.subjects("Globex") == ["Renewal", "Re: Renewal"]

    add(house, "maria@globex.example")
    house.app.sync.apply_rules(house.mailbox().id)  # at once, without Gmail

    assert house.subjects("Globex") == []
    assert (house.copy(first.id).reason, house.copy(mate.id).reason) == ("never_log", "no_customer")
    for mail in (first, mate):  # the thread mate was there because of Maria's mail alone
        row = mail_row(house, mail.id)
        assert (row.has_body, row.text, row.new_text, row.snippet, row.links) == (False, "", "", "", [])
    assert lexical(house) == house.app.vectors.ids(house.me.workspace_id) == set()
    house.clear_log()
    assert house.sync().coverage["filtered"] == {"never_log": 1, "no_customer": 1}
    assert house.requests("messages.get") == []

    remove(house, "maria@globex.example")
    house.sync()

    assert house.subjects("Globex") == ["Renewal", "Re: Renewal"]
    assert [mail.new_text for mail in house.timeline("Globex")] == ["Confidential terms.", "Noted."]
    assert house.searched("confidential terms") >= {"Renewal"}
    assert house.requests("messages.list") == []


def test_a_label_set_later_hides_the_mail_and_taken_off_shows_it(house: House) -> None:
    label = house.store.mailbox(CSM).labels.create("Personal")
    mail = house.mail(letter(subject="Renewal", text="We want to renew."))
    add(house, "Personal", label=True)
    house.sync()
    assert house.subjects("Globex") == ["Renewal"]

    house.relabel(mail, add=[label])
    assert house.sync().coverage["filtered"] == {"never_log": 1}
    assert house.subjects("Globex") == [] and mail_row(house, mail.id).text == ""

    house.relabel(mail, remove=[label])
    house.sync()
    assert [held.new_text for held in house.timeline("Globex")] == ["We want to renew."]


def test_a_users_entry_is_for_his_mailboxes_and_the_workspaces_for_all(house: House) -> None:
    house.join(COLLEAGUE)
    house.connect(COLLEAGUE)
    raw = letter(to=f"{CSM}, {COLLEAGUE}", subject="Renewal", text="We want to renew.")
    ours, theirs = house.mail(raw), house.mail(raw, email=COLLEAGUE)
    add(house, "maria@globex.example")
    house.sync()
    house.sync(COLLEAGUE)

    assert (house.copy(ours.id).reason, house.copy(theirs.id).status) == ("never_log", "stored")
    assert [mail.mailbox for mail in house.timeline("Globex")] == [COLLEAGUE]

    with pytest.raises(NotAllowed):
        add(house, "globex.example", user=COLLEAGUE, everybody=True)
    add(house, "globex.example", everybody=True)
    for email in (CSM, COLLEAGUE):
        house.app.sync.apply_rules(house.mailbox(email).id)

    assert house.timeline("Globex") == ()
    assert mail_row(house, ours.id).text == ""
    with house.app.database.read() as session:
        assert [held.value for held in entries_of(session, house.app.principal(COLLEAGUE))] == ["globex.example"]


def test_what_the_list_takes_and_refuses(house: House) -> None:
    add(house, "globex.example")
    add(house, "Globex.Example.")  # twice is once
    with house.app.database.read() as session:
        assert [(held.kind, held.value) for held in entries_of(session, house.me)] == [("domain", "globex.example")]
        actions = session.execute(select(schema.AuditEvent.action, schema.AuditEvent.subject)).all()
    assert ("never_log.add", "globex.example") in [tuple(row) for row in actions]
    for wrong in ("", "no address", "localhost", "a@b, c@d.example"):
        with pytest.raises(InputError):
            add(house, wrong)
    for own in (CSM, "lealup.example", "example"):
        with pytest.raises(InputError):
            add(house, own)
    with pytest.raises(NotFound):
        remove(house, JOAO.partition("<")[2].strip(">"))
