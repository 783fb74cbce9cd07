"""The sender: the only code that can make a mail leave, and only an approved one whose moment has come, once.

The claim is one UPDATE; whoever changes the row sends, everybody else sees a conflict. A send whose answer was lost is
looked up in Gmail by our own header and Message-ID; it is never repeated blindly.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from crm import audit, schema
from crm.clock import Clock
from crm.database import Database
from crm.errors import DraftConflict, LealUpError, PolicyRefused, QuotaExceeded, SendUncertain, StillWaiting
from crm.identity import Principal, principal_by_id
from crm.trace import operation
from gmail.compose import DRAFT_HEADER
from gmail.gateway import GmailGateway
from gmail.quota import TokenBucket
from gmail.sending import in_turn, send
from outbox import drafts
from outbox.approvals import refuse, valid_approval

_log = logging.getLogger(__name__)
_LOOKED_AT = 200  # Sent mails around the time of the send
_AROUND = 3600  # seconds
_STALE = timedelta(minutes=2)  # a claim older than this belongs to a process that died
_AT_ONCE = 20  # due drafts of one look
_CLAIMED = 30  # looks, a second apart, at a draft that another sender has claimed


class Sender:
    """Sends approved drafts. `service` and `gateway` open Gmail for a mailbox with that mailbox's own token; `bucket` is the
    quota of a mailbox by its id, the one that its syncs spend from.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        service: Callable[[schema.Mailbox], Any],
        gateway: Callable[[schema.Mailbox], GmailGateway],
        bucket: Callable[[int], TokenBucket],
    ) -> None:
        self._database, self._clock = database, clock
        self._service, self._gateway, self._bucket = service, gateway, bucket

    def send(self, principal: Principal, draft_id: str, *, sha256: str) -> drafts.Draft:
        """Send the approved bytes, exactly once, and return the sent draft.

        Raises `StillWaiting` before its moment; `DraftConflict` when it is not approved, expired, changed or already claimed;
        `PolicyRefused` when its warnings are others than the ones approved (nothing was sent, the human looks again);
        `SendUncertain` when Google's answer was lost and Sent mail does not show it yet; `QuotaExceeded` when its turn
        did not come (nothing was sent, it stays approved); another `LealUpError` when Google refused (nothing was sent, it
        can be approved again).
        """
        with operation():
            with self._database.read() as session:
                held = drafts.get(session, principal, draft_id)  # theirs, or it raises
                mailbox_id = session.get_one(schema.Draft, draft_id).mailbox_id
            if held.status != "approved" or held.sha256 != sha256:
                raise DraftConflict(draft_id)  # without waiting for the quota; the claim below decides
            if held.send_at is not None and held.send_at > self._clock():
                raise StillWaiting(draft_id)
            try:
                with in_turn(self._bucket(mailbox_id)):
                    self._send_once(draft_id, sha256)
            except SendUncertain:
                if not self.reconcile(draft_id):
                    raise
            with self._database.read() as session:
                return drafts.get(session, principal, draft_id)

    def send_due(self) -> int:
        """Send what is approved and due, whoever approved it and wherever: its face may be gone. Returns how many went out.

        What a dead process left behind becomes uncertain, also where a mailbox is no longer synced, and is looked up once, when
        what is due has left: Google may let the look wait. What goes wrong with one is on its row, for its human to see; the
        others go on.
        """
        given_up = self.give_up()
        with self._database.read() as session:
            due = session.execute(
                select(schema.Draft.id, schema.Draft.sha256, schema.Draft.user_id, schema.Draft.mailbox_id)
                .where(schema.Draft.status == "approved", schema.Draft.send_at <= self._clock())
                .order_by(schema.Draft.send_at, schema.Draft.id)
                .limit(_AT_ONCE)
            ).all()
            people = {user_id: principal_by_id(session, user_id) for _, _, user_id, _ in due}
        sent, waiting = 0, set[int]()
        for draft_id, sha256, user_id, mailbox_id in due:
            if mailbox_id in waiting:
                continue
            try:
                self.send(people[user_id], draft_id, sha256=sha256)
                sent += 1
            except DraftConflict:
                continue  # its face was faster, or it was undone
            except QuotaExceeded:
                waiting.add(mailbox_id)  # half a minute was waited for it; the other mailboxes must not wait as well
            except LealUpError as error:
                _log.warning("not sent", extra={"fields": {"draft": draft_id, "cause": type(error).__name__}})
            except Exception:  # noqa: BLE001 – whatever is wrong with one, the others must not wait until their approvals have ended
                _log.exception("not sent", extra={"fields": {"draft": draft_id}})
        for draft_id in given_up:
            try:
                self.reconcile(draft_id)
            except Exception:  # noqa: BLE001 – it stays uncertain; the next sync looks again
                _log.exception("not looked up", extra={"fields": {"draft": draft_id}})
        return sent

    def _send_once(self, draft_id: str, sha256: str) -> None:
        row, mailbox = self._claim(draft_id, sha256)
        try:
            gmail_id = send(self._service(mailbox), row.raw, row.gmail_thread_id)
        except SendUncertain as error:
            _log.warning("send uncertain", extra={"fields": {"draft": draft_id, "cause": str(error)}})
            self._settle(draft_id, "uncertain", error=error.sentence)
            raise
        except LealUpError as error:
            self._settle(draft_id, "draft", error=error.sentence)
            raise
        self._settle(draft_id, "sent", gmail_id=gmail_id)

    def reconcile(self, draft_id: str) -> bool:
        """Look an uncertain send up in Gmail. True when it was found, and the draft is now `sent`."""
        with self._database.read() as session:
            row = session.get_one(schema.Draft, draft_id)
            mailbox = session.get_one(schema.Mailbox, row.mailbox_id)
        try:
            gmail_id = _find_sent(self._gateway(mailbox), row)
        except LealUpError as error:  # still unknown; the next sync tries again
            self._tell(draft_id, f"{SendUncertain.sentence} Sent mail can't be looked at: {error.for_user()}")
            return False
        if gmail_id:
            self._settle(draft_id, "sent", gmail_id=gmail_id)
        else:
            self._tell(draft_id, SendUncertain.sentence)
        return bool(gmail_id)

    def look_again(self, principal: Principal, draft_id: str) -> drafts.Draft:
        """`reconcile` as a face asks for it. Raises `SendUncertain` while nobody knows, with the reason."""
        with self._database.read() as session:
            held = drafts.get(session, principal, draft_id)  # theirs, or it raises
        if held.status == "uncertain":
            self.reconcile(draft_id)
        with self._database.read() as session:
            now = drafts.get(session, principal, draft_id)
        if now.status == "uncertain":
            unread = now.error != SendUncertain.sentence
            raise SendUncertain(draft_id, sentence=now.error if unread else "It is not in Sent mail so far.")
        return now

    def settled(self, principal: Principal, draft_id: str, wait: Callable[[float], None]) -> drafts.Draft:
        """The draft once nobody is sending it any more; still `sending` when that took longer than half a minute."""
        for look in range(_CLAIMED):
            if look:
                wait(1.0)
            with self._database.read() as session:
                now = drafts.get(session, principal, draft_id)
            if now.status != "sending":
                break
        return now

    def reconcile_all(self, mailbox_id: int) -> int:
        """Settle what a crash or a cut left open in this mailbox. Returns how many were found sent."""
        here = schema.Draft.mailbox_id == mailbox_id
        self.give_up(here)
        with self._database.read() as session:
            open_ = session.scalars(select(schema.Draft.id).where(here, schema.Draft.status == "uncertain")).all()
        return sum(self.reconcile(draft_id) for draft_id in open_)

    def give_up(self, *where: ColumnElement[bool]) -> list[str]:
        """The drafts whose sender died: they are `uncertain` now."""
        stale = (schema.Draft.status == "sending", schema.Draft.updated_at < self._clock() - _STALE, *where)
        with self._database.read() as session:
            found = list(session.scalars(select(schema.Draft.id).where(*stale)))
        if found:
            with self._database.write() as session:
                session.execute(
                    update(schema.Draft)
                    .where(schema.Draft.id.in_(found), *stale)
                    .values(status="uncertain", error=SendUncertain.sentence)
                )
        return found

    def _tell(self, draft_id: str, error: str) -> None:
        """What the last look came to, on the row of a draft that stays uncertain."""
        row = schema.Draft
        with self._database.write() as session:
            session.execute(update(row).where(row.id == draft_id, row.status == "uncertain").values(error=error))

    def _claim(self, draft_id: str, sha256: str) -> tuple[schema.Draft, schema.Mailbox]:
        """Take the draft for this process. What may not be sent goes back to its human, with the reason."""
        refusal: LealUpError | None = None
        with self._database.write() as session:
            claimed = session.execute(
                update(schema.Draft)
                .where(
                    schema.Draft.id == draft_id,
                    schema.Draft.sha256 == sha256,
                    schema.Draft.status == "approved",
                    schema.Draft.send_at <= self._clock(),
                )
                .values(status="sending", updated_at=self._clock(), error="")
            )
            if not getattr(claimed, "rowcount", 0):
                raise DraftConflict(draft_id)
            row = session.get_one(schema.Draft, draft_id)
            session.refresh(row)
            try:
                self._check(session, row)
            except LealUpError as error:
                refusal = error
                row.status, row.send_at = "draft", None
                row.error = error.sentence
            drafts.end_approvals(session, self._clock, row)  # used by this sending, or no longer good
            session.flush()
            mailbox = session.get_one(schema.Mailbox, row.mailbox_id)
        if refusal is not None:
            raise refusal
        return row, mailbox

    def _check(self, session: Session, row: schema.Draft) -> None:
        """The approval once more: these bytes, this human, not expired, and a world as it was when they approved."""
        approval = valid_approval(session, self._clock, row)
        if drafts.sha256_of(row.raw) != row.sha256:
            raise DraftConflict(row.id, sentence="These are not the bytes that were approved, so nothing was sent.")
        if approval is None:
            raise DraftConflict(row.id, sentence="It was approved but could not leave in time, so it was not sent.")
        principal = principal_by_id(session, row.user_id)
        try:
            refuse(drafts.current_warnings(session, principal, row), approval.warned)
        except PolicyRefused:
            drafts.refresh_warnings(session, principal, row)
            raise

    def _settle(self, draft_id: str, status: drafts.Status, *, gmail_id: str = "", error: str = "") -> None:
        with self._database.write() as session:
            row = session.get_one(schema.Draft, draft_id, with_for_update=True)
            if row.status not in ("sending", "uncertain"):
                return  # a human has put it aside, or another process has settled it
            row.status, row.error, row.updated_at, row.send_at = status, error, self._clock(), None
            row.gmail_id = gmail_id or row.gmail_id
            audit.record(
                session, self._clock, workspace_id=row.workspace_id, user_id=row.user_id,
                action=f"send.{status}", subject=draft_id, version=row.version, gmail_id=row.gmail_id,
            )  # fmt: skip


def _find_sent(gateway: GmailGateway, row: schema.Draft) -> str:
    """Our mail among the Sent mail of the mailbox, by the Message-ID we wrote, or by our own header in the thread."""
    message = message_from_bytes(row.raw, policy=policy.default)
    message_id = str(message["Message-ID"]).strip("<>")
    since = int((row.updated_at - timedelta(minutes=10)).timestamp())
    # Gmail may have written its own Message-ID, so the recent Sent mail is looked through as well
    for query in (f"in:sent rfc822msgid:{message_id}", f"in:sent after:{since} before:{since + _AROUND}"):
        for gmail_id, answer in gateway.fetch(gateway.list_messages(query).ids[:_LOOKED_AT], bodies=False).items():
            if isinstance(answer, LealUpError):
                continue
            headers = {str(held["name"]).lower(): str(held["value"]) for held in answer["payload"].get("headers", [])}
            if headers.get(DRAFT_HEADER.lower()) == row.id:
                return gmail_id
    return ""
