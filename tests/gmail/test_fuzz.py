"""Damaged mail: a small seeded share of what `python -m benchmarks.understanding fuzz` reads."""

from random import Random
from time import thread_time

import pytest

from benchmarks.mutation import MUTATIONS, Mutation, mutated, own_mails
from benchmarks.timing import least_seconds
from benchmarks.understanding import fuzz
from gmail.mime import parse

COUNT = 500


def test_damaged_mail_raises_nothing_and_is_read_at_once() -> None:
    outcome = fuzz(own_mails(), COUNT, seed=20)
    assert outcome.count == COUNT
    assert outcome.failures == []
    assert outcome.slow == []


def test_a_seed_gives_the_same_mails() -> None:
    first = [mutated(own_mails(), Random(f"3-{number}")) for number in range(20)]
    again = [mutated(own_mails(), Random(f"3-{number}")) for number in range(20)]
    assert first == again
    assert len(set(first)) > 15


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_every_mutation_changes_something(mutation: Mutation) -> None:
    rng = Random(5)
    assert any(mutation(raw, rng) != raw for raw in own_mails())
    assert isinstance(mutation(b"", rng), bytes)


@pytest.mark.parametrize(("hindered", "calls"), [(0, 1), (1, 2), (9, 3)])
def test_what_hinders_one_call_is_not_measured(hindered: int, calls: int) -> None:
    made = list[int]()

    def call() -> None:
        made.append(1)
        end = thread_time() + (0.05 if len(made) <= hindered else 0)
        while thread_time() < end:
            pass

    assert (least_seconds(call, under=0.02) < 0.02) == (hindered < 3)
    assert len(made) == calls


def test_the_sound_mails_are_read_without_a_complaint() -> None:
    assert [parse(raw).error for raw in own_mails() if parse(raw).error] == []


def test_a_boundary_may_be_folded() -> None:
    raw = (
        b'Subject: Plan\r\nContent-Type: multipart/mixed;\r\n boundary="one\r\n two"\r\n\r\n--one two\r\n\r\nHola\r\n'
        b"--one two\r\nContent-Type: image/png; name=p.png\r\n\r\nx\r\n--one two--\r\n"
    )
    parsed = parse(raw)
    assert parsed.text == "Hola"
    assert [attachment.name for attachment in parsed.attachments] == ["p.png"]
    assert parsed.error is None


def test_a_malformed_delivery_status_is_read_as_it_was_written() -> None:
    raw = (
        b"Subject: Undelivered\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        b"--b\nContent-Type: text/plain\n\nNot delivered.\n--b\nContent-Type: message/delivery-status\n\n"
        b"Reporting-MTA: dns; mx.example\n\nAction: failed\x0bStatus: 5.0.0 (full)\nFinal-Recipient: rfc822; a@b.example\n\n"
        b"--b--\n"
    )
    parsed = parse(raw)
    assert parsed.text.startswith("Not delivered.")
    assert parsed.error is None


def test_mails_within_mails_are_measured_once() -> None:
    inner = b"Subject: Plan\n\n" + b"x" * 1000
    parsed = parse(b"Content-Type: message/rfc822\n\n" * 200 + inner)
    assert len(parsed.attachments) == 1
    assert parsed.attachments[0].size > 1000


@pytest.mark.parametrize("depth", [300, 900, 3000])
@pytest.mark.parametrize("kind", ["mail", "multipart"])
def test_parts_nested_beyond_reason_are_named_and_no_failure(depth: int, kind: str) -> None:
    opening = (
        b"Content-Type: message/rfc822\n\n" * depth
        if kind == "mail"
        else b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))
    )
    assert parse(opening + b"Subject: x\n\nHola").error == "too many nested parts"


@pytest.mark.parametrize("name", ["References", "In-Reply-To", "To", "From", "Date", "Subject", "Content-Type"])
@pytest.mark.parametrize("unit", ["< ", "<a ", " ", ",", "a", "<a@b> ", '"', "("])
def test_a_huge_header_takes_no_time(name: str, unit: str) -> None:
    value = "<" + unit * (100_000 // len(unit))
    assert least_seconds(lambda: parse(f"{name}: {value}\n\nHola".encode()), under=1) < 1
