"""The first sync: what is read, what is left out, and that doing it twice changes nothing."""

from __future__ import annotations

from tests.house import CSM, JOAO, House, letter, snapshot


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
    assert CSM in house.mailbox().email
