"""The never-log list (S9): addresses, domains and labels whose mail is never read, linked or indexed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from crm import audit, schema
from crm.clock import Clock
from crm.customers import own_addresses
from crm.domains import canonical_address, canonical_domain, domain_of, within
from crm.errors import InputError, NotAllowed, NotFound
from crm.generic_domains import is_generic
from crm.identity import Principal

Kind = Literal["address", "domain", "label"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the list. `everybody`: it holds in every mailbox of the workspace, not in its owner's alone."""

    id: int
    kind: str
    value: str
    everybody: bool


@dataclass(frozen=True, kw_only=True)
class NeverLog:
    """What one mailbox leaves out. `labels` maps the Gmail ids of the labels to the entries they come from."""

    addresses: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    labels: Mapping[str, str]

    def hit(self, people: Iterable[str], label_ids: Iterable[str]) -> str:
        """The entry that bars a mail with these people and labels, or ""."""
        for label in sorted(label_ids):
            if label in self.labels:
                return f"label {self.labels[label]}"
        for address in sorted({canonical_address(person) for person in people}):
            if address in self.addresses:
                return address
            if barred := within(domain_of(address), self.domains):
                return barred
        return ""

    @property
    def key(self) -> tuple[list[str], ...]:
        return sorted(self.addresses), sorted(self.domains), sorted(self.labels)


def entries_of(session: Session, principal: Principal) -> tuple[Entry, ...]:
    """The workspace's entries and the user's own, in the order of their values."""
    return tuple(
        Entry(id=row.id, kind=row.kind, value=row.value, everybody=row.user_id is None)
        for row in _rows(session, principal.workspace_id, principal.user_id)
    )


def never_log_of(session: Session, mailbox: schema.Mailbox) -> NeverLog:
    """What holds in this mailbox. A label is meant by its name or its id, and covers the labels below it."""
    rows = _rows(session, mailbox.workspace_id, mailbox.user_id)
    wanted = {row.value.casefold(): row.value for row in rows if row.kind == "label"}
    named = {
        **{value: value for value in wanted.values()},
        **{id_: str(name) for id_, name in mailbox.label_names.items()},
    }
    labels = {}
    for id_, name in named.items():
        above = name.casefold()
        parents = {id_.casefold(), above, *(above[:at] for at, char in enumerate(above) if char == "/")}
        for entry in sorted(parents & set(wanted)):
            labels[id_] = wanted[entry]
    return NeverLog(
        addresses=frozenset(row.value for row in rows if row.kind == "address"),
        domains=frozenset(row.value for row in rows if row.kind == "domain"),
        labels=labels,
    )


def names_labels(session: Session, mailbox: schema.Mailbox) -> bool:
    """Whether the mailbox's labels have to be known."""
    return any(row.kind == "label" for row in _rows(session, mailbox.workspace_id, mailbox.user_id))


def add_entry(
    session: Session, clock: Clock, principal: Principal, value: str, *, label: bool = False, everybody: bool = False
) -> Entry:
    """Add an address, a domain or a label; adding it twice changes nothing. Raises `InputError`, `NotAllowed`."""
    if everybody and principal.role != "admin":
        raise NotAllowed(value, sentence="Only an admin changes the list of the whole workspace.")
    kind, wanted = _read(value, label)
    _refuse_own(session, principal, kind, wanted)
    user_id = None if everybody else principal.user_id
    for row in _rows(session, principal.workspace_id, principal.user_id):
        if (row.kind, row.value.casefold(), row.user_id) == (kind, wanted.casefold(), user_id):
            return Entry(id=row.id, kind=row.kind, value=row.value, everybody=everybody)
    row = schema.NeverLogEntry(
        workspace_id=principal.workspace_id, user_id=user_id, kind=kind, value=wanted, created_by=principal.user_id,
        created_at=clock(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, clock, workspace_id=principal.workspace_id, user_id=principal.user_id, action="never_log.add",
        subject=wanted, kind=kind, everybody=everybody,
    )  # fmt: skip
    return Entry(id=row.id, kind=kind, value=wanted, everybody=everybody)


def remove_entry(
    session: Session, clock: Clock, principal: Principal, value: str, *, label: bool = False, everybody: bool = False
) -> None:
    """Take an entry off the list. Raises `NotFound`, `NotAllowed`."""
    if everybody and principal.role != "admin":
        raise NotAllowed(value, sentence="Only an admin changes the list of the whole workspace.")
    kind, wanted = _read(value, label)
    user_id = None if everybody else principal.user_id
    for row in _rows(session, principal.workspace_id, principal.user_id):
        if (row.kind, row.value.casefold(), row.user_id) == (kind, wanted.casefold(), user_id):
            session.delete(row)
            audit.record(
                session, clock, workspace_id=principal.workspace_id, user_id=principal.user_id,
                action="never_log.remove", subject=wanted, kind=kind, everybody=everybody,
            )  # fmt: skip
            return
    raise NotFound(
        wanted, sentence=f"“{wanted}” is not on that never-log list.", next_step="See `lealup never-log list`."
    )


def _rows(session: Session, workspace_id: int, user_id: int) -> list[schema.NeverLogEntry]:
    held = schema.NeverLogEntry
    theirs = or_(held.user_id.is_(None), held.user_id == user_id)
    found = session.scalars(select(held).where(held.workspace_id == workspace_id, theirs).order_by(held.value, held.id))
    return list(found)


def _read(value: str, label: bool) -> tuple[Kind, str]:
    bare = value.strip()
    if label and bare:
        return "label", bare
    local, at, domain = bare.rpartition("@")
    if any(char.isspace() or char in ",;<>" for char in bare) or "." not in domain.strip("."):
        raise InputError(
            value, sentence=f"“{value}” is no address and no domain.", next_step="A label has to be named as one."
        )
    return ("address", canonical_address(bare)) if at and local else ("domain", canonical_domain(domain))


def _refuse_own(session: Session, principal: Principal, kind: Kind, value: str) -> None:
    """An entry for ourselves would bar every mail."""
    own = own_addresses(session, principal.workspace_id)
    ours = {domain_of(address) for address in own}
    if (kind == "address" and value in own) or (
        kind == "domain" and any(within(domain, {value}) for domain in ours if not is_generic(domain))
    ):
        raise InputError(value, sentence=f"“{value}” is your own: every mail would be left out.")
