"""Which conversation a fed mail belongs to."""

from datetime import timedelta

import pytest

from benchmarks.timing import least_seconds
from sandbox.gmail.clock import SandboxClock
from sandbox.gmail.mailbox import Mailbox
from sandbox.gmail.rfc822 import addresses, base_subject, headers_of
from sandbox.gmail.store import Store
from tests.sandbox.gmail.conftest import ANA, BOB, NOW, mail

CARLA = "carla@acme.example"
_FIRST = mail(CARLA, subject="Renewal", Message_ID="<first@acme>")


def _threads(*mails: bytes) -> list[list[str]]:
    """Subjects by thread, as loaded in this order."""
    store = Store(SandboxClock())
    box = store.add_mailbox(ANA)
    by_id = {message.id: message for message in store.load(ANA, mails)}
    return sorted(sorted(_subject(by_id[id_].raw) for id_ in ids) for ids in box.threads.values())


def _subject(raw: bytes) -> str:
    return next(value.decode() for name, value in headers_of(raw) if name == "Subject")


def test_references_and_in_reply_to_join_whatever_the_order_on_disk() -> None:
    reply = mail(ANA, CARLA, "Re: Renewal", date=NOW + timedelta(hours=1), References="<first@acme>")
    later = mail(CARLA, ANA, "Re: Renewal", date=NOW + timedelta(days=60), In_Reply_To="<first@acme>")
    assert _threads(later, reply, _FIRST) == [["Re: Renewal", "Re: Renewal", "Renewal"]]


def test_an_answer_dated_before_its_question_still_joins() -> None:
    early = mail(ANA, CARLA, "Re: Renewal", date=NOW - timedelta(hours=3), References="<first@acme>")
    assert _threads(_FIRST, early) == [["Re: Renewal", "Renewal"]]


def test_two_answers_to_a_mail_that_is_not_there_are_one_conversation() -> None:
    mails = [
        mail(sender, ANA, f"Re: {sender}", date=NOW + timedelta(days=days), References="<lost@acme>")
        for sender, days in (("a@acme.example", 0), ("b@acme.example", 40))
    ]
    assert len(_threads(*mails)) == 1


@pytest.mark.parametrize(
    ("sender", "subject", "days", "joins"),
    [
        (CARLA, "RE: renewal", 2, True),
        (CARLA, "Res: Fwd: Renewal", 2, True),
        (CARLA, "Renewal plan", 2, False),
        ("dan@initech.example", "Re: Renewal", 2, False),
        (CARLA, "Re: Renewal", 8, False),
    ],
)
def test_without_references_subject_people_and_nearness_decide(
    sender: str, subject: str, days: int, joins: bool
) -> None:
    threads = _threads(_FIRST, mail(sender, ANA, subject, date=NOW + timedelta(days=days)))
    assert len(threads) == (1 if joins else 2)


def test_a_reused_message_id_on_another_subject_is_another_conversation() -> None:
    other = mail("dan@initech.example", ANA, "Invoice", date=NOW + timedelta(days=1), Message_ID="<first@acme>")
    assert _threads(_FIRST, other) == [["Invoice"], ["Renewal"]]


def test_the_header_overrides_and_ids_that_are_no_hexadecimal_are_made_so() -> None:
    store = Store(SandboxClock())
    store.add_mailbox(ANA)
    named, odd = store.load(
        ANA,
        [
            mail(subject="A", X_Gmail_Thread_Id="18C0FFEE", References="<first@acme>"),
            mail(subject="B", date=NOW + timedelta(hours=1), X_Gmail_Thread_Id="renewal-story"),
        ],
    )
    assert named.thread_id == "18c0ffee"
    assert len(odd.thread_id) == 16
    assert int(odd.thread_id, 16) > 0


def test_an_answer_to_a_deleted_conversation_starts_anew() -> None:
    box = Mailbox(ANA)
    first = box.add(_FIRST)
    box.delete(first)
    assert box.threads == {}
    reply = box.add(mail(CARLA, ANA, "Re: Renewal", References="<first@acme>"))
    assert reply.thread_id == reply.id


def test_one_mail_has_its_own_id_and_thread_in_each_mailbox() -> None:
    store = Store(SandboxClock())
    for email in (ANA, BOB):
        store.add_mailbox(email)
    (_, hers), (_, his) = store.deliver(mail(CARLA, f"{ANA}, {BOB}"))
    assert hers.id != his.id
    assert hers.thread_id == hers.id


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (b'"Lopez, Ana <x@y.z>" <Ana@Acme.example>, bob@acme.example', ("ana@acme.example", "bob@acme.example")),
        (b'"unclosed <ana@acme.example>', ()),
        (b"undisclosed-recipients:;", ()),
    ],
)
def test_addresses_are_those_outside_of_quotation_marks(value: bytes, found: tuple[str, ...]) -> None:
    assert addresses([("To", value)], "to") == found


@pytest.mark.parametrize("value", [b'"' + b'\\"' * 100_000, b"a" * 200_000, b"a@" * 100_000, b"<" * 200_000])
def test_hostile_headers_take_linear_time(value: bytes) -> None:
    raw = b"To: " + value + b"\nReferences: " + value + b"\nSubject: " + b"Re: " * 50_000 + b"\n\nx"
    assert least_seconds(lambda: Mailbox(ANA).add(raw), under=5) < 5
    assert least_seconds(lambda: base_subject("re" + " " * 200_000), under=5) < 5
