"""What humans decided about a mail and a customer (A3): their word wins over every rule, and outlives it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import and_, delete, select
from sqlalchemy.orm import Session

from crm import schema
from crm.association import Match
from crm.clock import Clock
from crm.identity import Principal
from crm.slices import slices


@dataclass(kw_only=True)
class Choice:
    """Customers one mail was linked to, or taken off, by hand; `linked` maps the customer to who did it."""

    linked: dict[int, str] = field(default_factory=dict)
    unlinked: set[int] = field(default_factory=set)

    def apply(self, matches: Iterable[Match]) -> tuple[Match, ...]:
        """The rules' matches without what was unlinked, with what was linked; a rule that matches stays the reason."""
        kept = [match for match in matches if match.customer_id not in self.unlinked]
        found = {match.customer_id for match in kept}
        added = [
            Match(customer_id=customer_id, rule="manual", detail=who)
            for customer_id, who in sorted(self.linked.items())
            if customer_id not in found
        ]
        return (*kept, *added)


def choices_of(
    session: Session, mail_ids: Collection[str], *, mailbox_id: int, threads: Mapping[str, str]
) -> dict[str, Choice]:
    """The choices that hold for each of these mails; what was said of the mail itself wins over its thread's.

    `threads` maps mails to their Gmail thread in this mailbox: their copies may not be stored yet.
    """
    found: dict[str, Choice] = {}
    for unlinked, customer_id in _of_threads(session, mail_ids, mailbox_id, threads):
        found.setdefault(unlinked, Choice()).unlinked.add(customer_id)
    chosen, user = schema.LinkChoice, schema.User
    for piece in slices(mail_ids):
        query = (
            select(chosen.mail_id, chosen.customer_id, chosen.linked, user.email)
            .outerjoin(user, user.id == chosen.user_id)
            .where(chosen.mail_id.in_(piece))
            .order_by(chosen.id)
        )
        for mail_id, customer_id, linked, email in session.execute(query):
            choice = found.setdefault(str(mail_id), Choice())
            choice.unlinked.discard(customer_id)
            choice.linked.pop(customer_id, None)
            if linked:
                choice.linked[customer_id] = email or ""
            else:
                choice.unlinked.add(customer_id)
    return found


def link_mail(session: Session, clock: Clock, principal: Principal, mail_id: str, customer_id: int) -> None:
    """This mail belongs to the customer. It takes back an earlier "no", also one said of its whole thread."""
    _forget_mail(session, mail_id, customer_id)
    for mailbox_id, thread_id in _threads_of(session, mail_id):
        _forget_thread(session, mailbox_id, thread_id, customer_id)
    session.add(_new(clock, principal, customer_id, linked=True, mail_id=mail_id))
    session.flush()


def unlink_mail(session: Session, clock: Clock, principal: Principal, mail_id: str, customer_id: int) -> None:
    """This mail does not belong to the customer."""
    _forget_mail(session, mail_id, customer_id)
    session.add(_new(clock, principal, customer_id, linked=False, mail_id=mail_id))
    session.flush()


def unlink_thread(
    session: Session, clock: Clock, principal: Principal, mailbox_id: int, thread_id: str, customer_id: int
) -> None:
    """No mail of this thread belongs to the customer, those to come included."""
    _forget_thread(session, mailbox_id, thread_id, customer_id)
    copies = select(schema.Message.mail_id).where(
        schema.Message.mailbox_id == mailbox_id, schema.Message.gmail_thread_id == thread_id
    )
    chosen = schema.LinkChoice
    session.execute(delete(chosen).where(chosen.mail_id.in_(copies), chosen.customer_id == customer_id))
    row = _new(clock, principal, customer_id, linked=False, mailbox_id=mailbox_id, gmail_thread_id=thread_id)
    session.add(row)
    session.flush()


def _of_threads(
    session: Session, mail_ids: Collection[str], mailbox_id: int, threads: Mapping[str, str]
) -> list[tuple[str, int]]:
    chosen, copy = schema.LinkChoice, schema.Message
    same = and_(copy.mailbox_id == chosen.mailbox_id, copy.gmail_thread_id == chosen.gmail_thread_id)
    found: list[tuple[str, int]] = []
    for piece in slices(mail_ids):
        query = select(copy.mail_id, chosen.customer_id).join(chosen, same).where(copy.mail_id.in_(piece))
        found += [(str(mail_id), customer_id) for mail_id, customer_id in session.execute(query)]
    for piece in slices(set(threads.values())):
        here = select(chosen.gmail_thread_id, chosen.customer_id).where(
            chosen.mailbox_id == mailbox_id, chosen.gmail_thread_id.in_(piece)
        )
        for thread_id, customer_id in session.execute(here):
            found += [(mail_id, customer_id) for mail_id, held in threads.items() if held == thread_id]
    return found


def _threads_of(session: Session, mail_id: str) -> list[tuple[int, str]]:
    copy = schema.Message
    rows = session.execute(select(copy.mailbox_id, copy.gmail_thread_id).where(copy.mail_id == mail_id))
    return [(mailbox_id, thread_id) for mailbox_id, thread_id in rows]


def _forget_mail(session: Session, mail_id: str, customer_id: int) -> None:
    chosen = schema.LinkChoice
    session.execute(delete(chosen).where(chosen.mail_id == mail_id, chosen.customer_id == customer_id))


def _forget_thread(session: Session, mailbox_id: int, thread_id: str, customer_id: int) -> None:
    chosen = schema.LinkChoice
    session.execute(
        delete(chosen).where(
            chosen.mailbox_id == mailbox_id,
            chosen.gmail_thread_id == thread_id,
            chosen.customer_id == customer_id,
        )
    )


def _new(
    clock: Clock,
    principal: Principal,
    customer_id: int,
    *,
    linked: bool,
    mail_id: str | None = None,
    mailbox_id: int | None = None,
    gmail_thread_id: str = "",
) -> schema.LinkChoice:
    return schema.LinkChoice(
        workspace_id=principal.workspace_id,
        customer_id=customer_id,
        mail_id=mail_id,
        mailbox_id=mailbox_id,
        gmail_thread_id=gmail_thread_id,
        linked=linked,
        user_id=principal.user_id,
        chosen_at=clock(),
    )
