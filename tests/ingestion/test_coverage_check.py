"""The coverage audit: Gmail is listed again, the indexes are looked into, and what differs is named."""

from __future__ import annotations

from sqlalchemy import delete, text

from crm import schema
from ingestion.coverage_check import IndexCheck, MailboxCheck, check_indexes, check_mailbox
from tests.house import JOAO, House, letter


def check(house: House) -> MailboxCheck:
    mailbox = house.mailbox()
    return check_mailbox(house.app.database, house.app.access.gateway(mailbox), mailbox.id)


def indexes(house: House) -> IndexCheck:
    return check_indexes(house.app.database, house.app.vectors, house.me.workspace_id)


def test_a_healthy_mailbox_has_nothing_to_report(house: House) -> None:
    house.mail(letter(subject="Renewal"))
    house.mail(letter(sender="Eve <eve@shop.example>", subject="Sale"))
    house.mail(letter(subject="Old", days_ago=300))
    house.mail(letter(subject="", text="", days_ago=2))  # nothing a vector could stand for
    trashed = house.mail(letter(subject="Trashed", days_ago=4))
    house.sync()
    house.relabel(trashed, add=["TRASH"])
    house.sync()
    house.clear_log()

    found, held = check(house), indexes(house)

    assert found.ok and held.ok
    assert (found.at_gmail, found.coming, held.visible) == (3, 0, 2)
    assert house.requests("messages.get") == []


def test_mail_that_came_or_went_since_the_last_sync_is_on_its_way(house: House) -> None:
    gone = house.mail(letter(subject="Gone"))
    house.sync()
    house.mail(letter(subject="New", days_ago=0))
    house.delete(gone)

    found = check(house)

    assert found.ok
    assert found.coming == 2


def test_what_is_missing_and_what_is_no_longer_there_is_named(house: House) -> None:
    lost = house.mail(letter(subject="Lost"))
    extra = house.mail(letter(subject="Extra", days_ago=2))
    house.sync()
    with house.app.database.write() as session:  # the damage a bug would do
        session.execute(delete(schema.Message).where(schema.Message.gmail_id == lost.id))
    box = house.store.mailbox(house.mailbox().email)
    box.delete(extra)
    with house.app.database.write() as session:
        session.get_one(schema.Mailbox, house.mailbox().id).history_id = str(box.history.current)

    found = check(house)

    assert (found.missing, found.gone, found.ok) == ((lost.id,), (extra.id,), False)
    house.post("expire-history")
    assert check(house).history_expired


def test_mails_are_counted_into_and_out_of_both_indexes(house: House) -> None:
    house.mail(letter(subject="Renewal"))
    house.mail(letter(sender=JOAO, subject="Fatura"))
    house.sync()
    (globex,), (initech,) = house.timeline("Globex"), house.timeline("Initech")
    workspace = house.me.workspace_id
    house.app.vectors.drop(workspace, [globex.id])
    house.app.vectors.put(workspace, "stray", [1], house.app.embedder.embed(["stray"]))
    with house.app.database.write() as session:
        session.execute(text("DELETE FROM mail_lexical WHERE mail_id = :id"), {"id": initech.id})

    found = indexes(house)

    assert (found.not_vector, found.not_lexical) == ((globex.id,), (initech.id,))
    assert (found.only_vector, found.only_lexical, found.unindexed) == (("stray",), (), ())
    assert not found.ok
    with house.app.database.write() as session:
        session.get_one(schema.Mail, globex.id).indexed_at = None
    assert indexes(house).unindexed == (globex.id,)
