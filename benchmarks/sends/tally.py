"""One run after another, and what Gmail holds of them at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.sends.actions import Shown
from benchmarks.sends.hand import KILLED
from benchmarks.sends.kinds import KINDS, Kind, Run
from benchmarks.sends.world import World

_SOON = 180.0  # seconds: a claim whose process died is looked at again after two minutes


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One run when all is over. `found` says that Sent mail had to be searched; `mails` are its bytes in Sent."""

    kind: Kind
    draft_id: str
    raw: bytes
    status: str
    found: bool
    killed: bool
    mails: tuple[bytes, ...] = ()

    @property
    def faults(self) -> tuple[str, ...]:
        """What must not be. Empty is good."""
        count, ends = len(self.mails), self.kind.ends
        checks = (
            ("sent without an approval", not self.kind.approved and count > 0),
            ("sent twice", count > 1),
            ("other bytes than approved", any(mail != self.raw for mail in self.mails)),
            ("in Sent, and the product does not say so", count > 0 and self.status != "sent"),
            ("not in Sent, and the product says it is", count == 0 and self.status == "sent"),
            (f"ended as {self.status}", self.status not in ends),
            ("nobody was killed", "kill -9" in self.kind.name and not self.killed),
        )
        return tuple(name for name, wrong in checks if wrong)


@dataclass(frozen=True, kw_only=True)
class Result:
    """All runs of one database; `strays` are mails in Sent that belong to no run."""

    outcomes: tuple[Outcome, ...]
    strays: int

    @property
    def faults(self) -> tuple[str, ...]:
        wrong = [f"{run.kind.name}: {fault}" for run in self.outcomes for fault in run.faults]
        return (*wrong, *(["a mail in Sent belongs to no run"] * self.strays))

    def of(self, kind: Kind) -> tuple[Outcome, ...]:
        return tuple(run for run in self.outcomes if run.kind is kind)


def race(
    world: World, runs: int, *, seed: int, kinds: Sequence[Kind] = KINDS, more: Callable[[], bool] = lambda: True
) -> Result:
    """So many runs, each kind as often as any other, in random order; judged at the end by what is in Sent.

    `more` is asked before each run whether there is time for it.
    """
    rng, outcomes = Random(seed), list[Outcome]()
    for number, kind in zip(range(runs), _shuffled(rng, kinds), strict=False):
        if not more():
            break
        outcomes.append(_once(world, kind, rng, number))
    sent = world.sent()
    judged = tuple(Outcome(**{**vars(run), "mails": tuple(sent.pop(run.draft_id, ()))}) for run in outcomes)
    return Result(outcomes=judged, strays=sum(map(len, sent.values())))


def _shuffled(rng: Random, kinds: Sequence[Kind]) -> Iterator[Kind]:
    while True:
        yield from rng.sample(kinds, len(kinds))


def _once(world: World, kind: Kind, rng: Random, number: int) -> Outcome:
    mail_id = world.mail_ids[number % len(world.mail_ids)]
    thread = f"run-{number}"
    world.clear()
    made = world.keeper.do("ask", thread, mail_id) if kind.asked else world.keeper.do("draft", mail_id)
    draft: Shown = made.value
    raw = world.keeper.do("bytes_of", draft.id).value
    told = kind.play(Run(world=world, rng=rng, draft=draft, thread=thread))
    world.clear()
    before = world.keeper.do("look", draft.id).outcome
    world.clock.advance(_SOON)
    rng.choice((world.left, world.right)).do("reconcile")  # as the next sync does
    status = world.keeper.do("look", draft.id).outcome
    if status == "uncertain":
        world.keeper.do("discard", draft)  # its human puts it aside, or every later run would look for it as well
    return Outcome(
        kind=kind,
        draft_id=draft.id,
        raw=raw,
        status=status,
        found=any(one.looked_up for one in told) or (status == "sent" and before != "sent"),
        killed=any(one.outcome == KILLED for one in told),
    )
