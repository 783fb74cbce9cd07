"""The kinds of fault: what two processes, a network, an attacker and a `kill -9` do to one draft."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from benchmarks.sends.actions import Shown, Told
from benchmarks.sends.world import World
from outbox.approvals import LIFETIME, UNDO

_UNDO = UNDO.total_seconds() + 1
_LATER = 3600.0
_JITTER = 0.02  # seconds by which one process may be ahead of the other
_IN_FLIGHT = 0.4  # seconds that Gmail takes to answer a sender who is killed meanwhile


@dataclass(frozen=True, kw_only=True)
class Run:
    """One draft in one world. `draft` is as a human saw it; `thread` the conversation that it may come from."""

    world: World
    rng: Random
    draft: Shown
    thread: str

    def approve(self) -> None:
        """By a human in the left process; the time to undo is over."""
        told = self.world.left.do("approve", self.draft, "web")
        if told.outcome != "approved":
            raise RuntimeError(f"the approval failed: {told.outcome}")
        self.world.clock.advance(_UNDO)

    def together(self, left: tuple[object, ...], right: tuple[object, ...]) -> tuple[Told, Told]:
        """Both processes at the same moment, give or take."""
        first, second = self.world.left, self.world.right
        if self.rng.random() < 0.5:
            first, second = second, first
        at = time.monotonic() + 0.005
        first.start(str(left[0]), *left[1:], at=at)
        second.start(str(right[0]), *right[1:], at=at + self.rng.uniform(0, _JITTER))
        return first.finish(), second.finish()


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`ends` are the statuses that a draft may have when all is over; `approved` says that a human approved its bytes."""

    name: str
    play: Callable[[Run], list[Told]]
    ends: frozenset[str]
    approved: bool = True
    asked: bool = False  # the draft comes from a conversation with a compromised model


def _double_click(run: Run) -> list[Told]:
    told = run.world.left.do("approve_twice", run.draft)
    run.world.clock.advance(_UNDO)
    return [told, run.world.left.do("send_twice", run.draft)]


def _two_faces(left: str, right: str) -> Callable[[Run], list[Told]]:
    def play(run: Run) -> list[Told]:
        told = run.together(("approve", run.draft, left), ("approve", run.draft, right))
        run.world.clock.advance(_UNDO)
        return [*told, *run.together(("send", run.draft), ("send", run.draft))]

    return play


def _two_senders(run: Run) -> list[Told]:
    run.approve()
    return list(run.together(("send_due",), ("send_due",)))


def _scheduled(run: Run) -> list[Told]:
    told = run.world.left.do("approve", run.draft, "web", _LATER)
    run.world.clock.advance(_LATER - 1)
    early = run.together(("send_due",), ("send", run.draft))
    run.world.clock.advance(2)
    return [told, *early, *run.together(("send_due",), ("send_due",))]


def _face_and_worker(run: Run) -> list[Told]:
    run.approve()
    return list(run.together(("send", run.draft), ("send_due",)))


def _repeated_resume(run: Run) -> list[Told]:
    run.approve()
    return list(run.together(("send", run.draft), ("resume", run.thread, 4)))


def _old_checkpoint(run: Run) -> list[Told]:
    run.approve()
    told = run.world.left.do("send_due")
    return [told, *run.together(("rewind", run.thread), ("send_due",)), run.world.left.do("send", run.draft)]


def _killed_before_the_claim(run: Run) -> list[Told]:
    told = run.world.left.do("approve_and_die", run.draft)
    run.world.clock.advance(_UNDO)
    return [told, run.world.right.do("send_due")]


def _killed_at(point: str) -> Callable[[Run], list[Told]]:
    def play(run: Run) -> list[Told]:
        run.approve()
        return [run.world.left.do("send", run.draft, point), *run.together(("send", run.draft), ("send_due",))]

    return play


def _killed_in_flight(fault: str) -> Callable[[Run], list[Told]]:
    def play(run: Run) -> list[Told]:
        run.approve()
        run.world.fault(fault, delay=_IN_FLIGHT, drop=True)
        run.world.left.start("send", run.draft)
        run.world.until_asked_to_send()
        told = run.world.left.kill()
        after = run.world.right.do("send_due")
        time.sleep(_IN_FLIGHT + 0.05)  # Gmail goes on without its client
        return [told, after]

    return play


def _broken(fault: str, **how: object) -> Callable[[Run], list[Told]]:
    def play(run: Run) -> list[Told]:
        run.approve()
        run.world.fault(fault, **how)
        return [*run.together(("send", run.draft), ("send_due",)), run.world.right.do("send_due")]

    return play


def _lookup_fails_too(run: Run) -> list[Told]:
    run.approve()
    run.world.fault("fail_after_send", drop=True)
    run.world.fault("status", method="messages.list", status=400)
    return [run.world.left.do("send", run.draft), run.world.right.do("send_due")]


def _token_revoked(run: Run) -> list[Told]:
    run.approve()
    run.world.revoke()
    told = run.together(("send", run.draft), ("send_due",))
    run.world.keeper.do("connect")
    return [*told, run.world.right.do("send_due")]


def _against(action: str) -> Callable[[Run], list[Told]]:
    """A human changes their mind at the moment it leaves."""

    def play(run: Run) -> list[Told]:
        run.approve()
        return list(run.together(("send_due",), (action, run.draft)))

    return play


def _expired(run: Run) -> list[Told]:
    run.approve()
    run.world.clock.advance(LIFETIME.total_seconds() + 1)
    return list(run.together(("send", run.draft), ("send_due",)))


def _not_approved(run: Run) -> list[Told]:
    return list(run.together(("send", run.draft), ("send_due",)))


def _forged_resume(run: Run) -> list[Told]:
    told = run.together(("resume", run.thread, 4), ("send", run.draft))
    return [*told, *run.together(("rewind", run.thread), ("send_due",))]


def _other_bytes(run: Run) -> list[Told]:
    run.approve()
    run.world.keeper.do("tamper", run.draft.id)
    return list(run.together(("send", run.draft), ("send_due",)))


def _forged_approval(run: Run) -> list[Told]:
    run.world.keeper.do("forge", run.draft)
    return list(run.together(("send", run.draft), ("send_due",)))


def _kind(name: str, play: Callable[[Run], list[Told]], *ends: str, approved: bool = True, asked: bool = False) -> Kind:
    return Kind(name=name, play=play, ends=frozenset(ends), approved=approved, asked=asked)


KINDS = (
    _kind("double click", _double_click, "sent"),
    _kind("two tabs", _two_faces("web", "web"), "sent"),
    _kind("web and Slack together", _two_faces("web", "slack"), "sent"),
    _kind("two senders", _two_senders, "sent"),
    _kind("scheduled, two workers at its moment", _scheduled, "sent"),
    _kind("page and worker together", _face_and_worker, "sent"),
    _kind("repeated, forged resume while it leaves", _repeated_resume, "sent", asked=True),
    _kind("old checkpoints resumed after it left", _old_checkpoint, "sent", asked=True),
    _kind("kill -9 after the approval", _killed_before_the_claim, "sent"),
    _kind("kill -9 after the claim, before the request", _killed_at("claimed"), "sent", "uncertain"),
    _kind("kill -9 in flight, Gmail does not store it", _killed_in_flight("fail_before_send"), "uncertain"),
    _kind("kill -9 in flight, Gmail stores it", _killed_in_flight("fail_after_send"), "sent"),
    _kind("kill -9 after Gmail's answer", _killed_at("answered"), "sent"),
    _kind("network cut, not stored", _broken("fail_before_send", drop=True), "uncertain"),
    _kind("network cut, stored", _broken("fail_after_send", drop=True), "sent"),
    _kind("500, not stored", _broken("fail_before_send", status=500), "uncertain"),
    _kind("500 after storing", _broken("fail_after_send", status=500), "sent"),
    _kind("cut after storing, and the look-up fails too", _lookup_fails_too, "sent"),
    _kind("refused with 400", _broken("fail_before_send", status=400), "draft"),
    _kind("token revoked between approval and send", _token_revoked, "draft"),
    _kind("edited as it leaves", _against("edit"), "sent", "draft"),
    _kind("undone as it leaves", _against("undo"), "sent", "draft"),
    _kind("discarded as it leaves", _against("discard"), "sent", "discarded"),
    _kind("approval expired", _expired, "draft"),
    _kind("never approved", _not_approved, "draft", approved=False),
    _kind("never approved, forged resumes and old checkpoints", _forged_resume, "draft", approved=False, asked=True),
    _kind("other bytes than approved", _other_bytes, "draft", approved=False),
    _kind("a colleague's approval", _forged_approval, "draft", approved=False),
)
