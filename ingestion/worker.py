"""The worker: takes part in the durable jobs of all workers, and syncs at once what a user asks for."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.exc import OperationalError

from crm import schema
from crm.clock import Clock
from crm.database import Database
from crm.errors import LealUpError
from crm.refresh import Refresher
from crm.trace import operation
from ingestion.heartbeat import BEAT, Heartbeat
from ingestion.mailboxes import SyncRunning, SyncStopped, make_due, take_due
from ingestion.processes import new_name
from ingestion.status import progress_of
from ingestion.sync import MailboxSync, Progress, SyncReport

if TYPE_CHECKING:
    from ingestion.jobs import Jobs

_log = logging.getLogger(__name__)
_KEPT = timedelta(hours=1)  # finished jobs: long enough to look at one, short enough for hundreds of mailboxes a minute
_FORGET_EVERY = 600.0  # seconds
_CALM_END = 30.0  # seconds that running syncs may take to end their step
_HEALTH_AT_ONCE = 30.0  # seconds of health between two rounds of the chores
_LAST_CHORE = 10.0  # seconds that a running chore may take to end, beside that
_OUTBOX = 1.0  # seconds between two looks into the outbox


class Outbox(Protocol):
    """Settles sends whose answer was lost, and sends what was approved and is due (outbox.sender)."""

    def reconcile_all(self, mailbox_id: int) -> int: ...

    def send_due(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """Seconds between two polls of a mailbox, looks for due ones (divides a minute), beats and looks into the queue."""

    poll: int = 60
    tick: int = 5
    beat: float = BEAT
    look: float = 1.0
    at_once: int = 4  # syncs in this process


class Worker:
    """`start` makes this process one of the workers; `sync_now` and `progress` work without it, from any thread."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        sync: MailboxSync,
        outbox: Outbox,
        *,
        jobs_url: str,
        rhythm: Rhythm,
        chores: Sequence[Callable[[], object]] = (),
    ) -> None:
        """`chores` are requests that outlive the process that took them: looked after once a poll."""
        self._database, self._clock, self._sync, self._outbox = database, clock, sync, outbox
        self._jobs_url, self._rhythm = jobs_url, rhythm
        self._chores = chores
        self._refresher = Refresher(database, clock)
        self._stopping = threading.Event()
        self._progress: dict[int, Progress] = {}
        self._running = 0
        self._idle = threading.Condition()
        self._jobs: Jobs | None = None
        self._heart: threading.Thread | None = None
        self._hands: list[threading.Thread] = []  # one does the chores, one looks after the outbox

    def start(self) -> None:
        """Announce this worker, launch the jobs, and keep beating. Returns at once; what is due is queued."""
        if self._heart is not None:
            return
        from ingestion.jobs import Jobs, Work  # DBOS: half a second and a dozen threads

        self._stopping.clear()
        heartbeat = Heartbeat(database=self._database, clock=self._clock, name=new_name())
        heartbeat.beat()  # before the first job: who is not in the table counts as dead
        work = Work(sync=self._job, due=self._due)
        self._jobs = Jobs(
            self._jobs_url, heartbeat.name, work,
            at_once=self._rhythm.at_once, tick_seconds=self._rhythm.tick, look_seconds=self._rhythm.look,
        )  # fmt: skip
        self._jobs.start()
        self._heart = threading.Thread(
            target=self._live, args=(self._jobs, heartbeat), name="worker-heart", daemon=True
        )
        self._heart.start()
        for name, work_of in (("worker-chores", self._do_chores), ("worker-outbox", self._empty_outbox)):
            hand = threading.Thread(target=work_of, name=name, daemon=True)
            hand.start()
            self._hands.append(hand)

    def stop(self) -> None:
        """Running syncs end after the step they are in and are due at once, for whoever runs next.

        A chore that runs is waited for, but not for long: each is made so that what it leaves is finished by another worker.
        """
        self._stopping.set()
        if self._heart is not None:
            self._heart.join(timeout=_CALM_END + 30)
            self._heart = self._jobs = None
        for hand in self._hands:
            hand.join(timeout=_LAST_CHORE)
        self._hands.clear()

    def progress(self, mailbox_id: int) -> Progress | None:
        """What the running sync of the mailbox is doing, in this process or, from the rows, in another; None when idle."""
        if mailbox_id in self._progress:
            return self._progress[mailbox_id]
        with self._database.read() as session:
            return progress_of(session, session.get_one(schema.Mailbox, mailbox_id), self._clock())

    def sync_now(self, mailbox_id: int) -> SyncReport:
        """One sync, right away, in this process, then whoever's health is due. Raises `LealUpError`."""
        report = self._run(mailbox_id, wait_seconds=40.0)
        self._try(lambda: self._refresher.run(seconds=_HEALTH_AT_ONCE, stopping=self._stopping.is_set))
        return report

    def _run(self, mailbox_id: int, *, wait_seconds: float) -> SyncReport:
        shown: list[Progress] = []

        def show(progress: Progress) -> None:
            if self._stopping.is_set():
                raise SyncStopped(str(mailbox_id))
            shown[:] = [progress]
            self._progress[mailbox_id] = progress

        with self._idle:
            self._running += 1
        try:
            report = self._sync.run(mailbox_id, progress=show, wait_seconds=wait_seconds, count=False)
            self._outbox.reconcile_all(mailbox_id)
            return report
        finally:
            if shown and self._progress.get(mailbox_id) is shown[0]:  # not that of another sync we waited for
                del self._progress[mailbox_id]
            with self._idle:
                self._running -= 1
                self._idle.notify_all()

    def _job(self, mailbox_id: int) -> str:
        """One sync as a job: how it ended, in a word. Nothing is raised, because DBOS would store and log it."""
        with operation():  # the lines below carry the id of the sync that they tell of
            return self._job_in_trace(mailbox_id)

    def _job_in_trace(self, mailbox_id: int) -> str:
        fields = {"mailbox": mailbox_id}
        try:
            if self._stopping.is_set():
                raise SyncStopped(str(mailbox_id))
            self._run(mailbox_id, wait_seconds=0)  # whoever syncs it now does what this job is for
        except SyncRunning:
            return "running"
        except SyncStopped:
            return self._due_again(mailbox_id, "stopped")
        except OperationalError:  # the store is locked or away for the moment
            _log.warning("store unavailable", extra={"fields": fields})
            return self._due_again(mailbox_id, "store unavailable")
        except LealUpError as error:
            _log.warning("sync failed", extra={"fields": {**fields, "cause": type(error).__name__}})
            return "failed"
        except Exception:  # noqa: BLE001 – one mailbox must not stop the others
            _log.exception("sync crashed", extra={"fields": fields})
            return "crashed"
        return "synced"

    def _due_again(self, mailbox_id: int, how: str) -> str:
        """The next tick queues it: nobody waits a whole poll for what ended before its time."""
        try:
            with self._database.write() as session:
                make_due(session, mailbox_id)
        except Exception:  # noqa: BLE001 – then it is due after the ordinary time
            _log.exception("not made due", extra={"fields": {"mailbox": mailbox_id}})
        return how

    def _due(self) -> Sequence[int]:
        now = self._clock()
        with self._database.write() as session:
            found = take_due(session, now - timedelta(seconds=self._rhythm.poll - self._rhythm.tick / 2), now)
            # Asked once they are taken, or a job that is stopped in between makes its mailbox due for nobody.
            if not self._stopping.is_set():
                return found
            for mailbox_id in found:  # the job would end at once
                make_due(session, mailbox_id)
        return ()

    def _live(self, jobs: Jobs, heartbeat: Heartbeat) -> None:
        """Beat, take over from the dead and tidy up, until stopped; then end calmly."""
        forgotten = -_FORGET_EVERY
        self._try(jobs.queue_due)  # at a start nobody waits for the first tick
        while not self._stopping.is_set():
            self._try(heartbeat.beat)
            self._try(lambda: jobs.take_over(heartbeat.living))
            if time.monotonic() - forgotten > _FORGET_EVERY:
                forgotten = time.monotonic()
                self._try(lambda: jobs.forget(self._clock() - _KEPT))
            self._stopping.wait(self._rhythm.beat)
        with self._idle:
            self._idle.wait_for(lambda: self._running == 0, timeout=_CALM_END)
        jobs.stop()
        self._try(heartbeat.leave)

    def _do_chores(self) -> None:
        """Apart from the heartbeat: one of them may take minutes, and who does not beat counts as dead."""
        while not self._stopping.is_set():
            for chore in self._chores:
                if not self._stopping.is_set():
                    self._try(chore)
            self._try(self._refresh)

    def _empty_outbox(self) -> None:
        """Approved replies leave at their moment, whether the page that approved them is still open or not."""
        while not self._stopping.wait(_OUTBOX):
            self._try(self._outbox.send_due)

    def _refresh(self) -> None:
        """Health, at once again when not everybody's was reached, else after a poll."""
        try:
            left = self._refresher.run(seconds=_HEALTH_AT_ONCE, stopping=self._stopping.is_set).left
        except Exception:
            self._stopping.wait(self._rhythm.poll)
            raise
        self._stopping.wait(0 if left else self._rhythm.poll)

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception:  # noqa: BLE001 – the store is away for the moment: the next beat tries again
            _log.exception("worker's beat failed")
