"""Applying what Gmail's history says to the rows, in the transaction that moves the cursor."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import schema
from crm.slices import slices
from ingestion import store
from ingestion.history import Change
from ingestion.judgement import load_rules
from ingestion.pending import add_pending, fetch_again
from ingestion.placement import lock_mails, rejudge
from ingestion.reasons import hidden_by


def apply_changes(session: Session, mailbox: schema.Mailbox, changes: Mapping[str, Change]) -> None:
    """Deletions, new ids and labels of any number of messages, in the order in which Gmail named them."""
    rules = load_rules(session, mailbox)
    again: set[str] = set()  # threads whose never-log labels changed
    unknown: list[str] = []
    for piece in slices(changes):
        known = _copies(session, mailbox.id, piece)
        queued = _queued(session, mailbox.id, piece)
        for gmail_id in piece:
            copy, change = known.get(gmail_id), changes[gmail_id]
            if change.deleted:
                if copy is not None or gmail_id in queued:
                    store.forget_message(session, mailbox, gmail_id)
            elif copy is None:
                unknown.append(gmail_id)
            elif copy.status != "deleted":
                _relabel(session, copy, change)
                if rules.never_log.labels.keys() & (change.labels_on | change.labels_off):
                    again.add(copy.gmail_thread_id)
    add_pending(session, mailbox, unknown)
    session.flush()
    if again:
        rejudge(session, mailbox, again, rules)


def apply_labels(session: Session, mailbox: schema.Mailbox, labels: Mapping[str, Collection[str]]) -> None:
    """Give known messages the labels that a whole listing shows them with, as if history had told the difference."""
    changes: dict[str, Change] = {}
    for piece in slices(labels):
        for gmail_id, copy in _copies(session, mailbox.id, piece).items():
            now, before = set(labels[gmail_id]), set(copy.label_ids)
            if now != before:
                changes[gmail_id] = Change(labels_on=now - before, labels_off=before - now)
    apply_changes(session, mailbox, changes)


def _relabel(session: Session, copy: schema.Message, change: Change) -> None:
    before = hidden_by(copy.label_ids)
    copy.label_ids = sorted((set(copy.label_ids) | change.labels_on) - change.labels_off)
    after = hidden_by(copy.label_ids)
    if after:
        copy.status, copy.reason = "filtered", after
    elif before:  # out of the trash, or a draft that was sent
        fetch_again(session, copy.mailbox_id, [copy.gmail_id])


def _copies(session: Session, mailbox_id: int, gmail_ids: list[str]) -> dict[str, schema.Message]:
    """Their copies, whose mails nobody else changes until the commit."""
    copy = schema.Message
    held = select(copy.mail_id).where(copy.mailbox_id == mailbox_id, copy.gmail_id.in_(gmail_ids))
    lock_mails(session, (str(mail_id) for mail_id in session.scalars(held) if mail_id is not None))
    found = session.scalars(select(copy).where(copy.mailbox_id == mailbox_id, copy.gmail_id.in_(gmail_ids)))
    return {held.gmail_id: held for held in found}


def _queued(session: Session, mailbox_id: int, gmail_ids: list[str]) -> set[str]:
    held = schema.Pending
    query = select(held.gmail_id).where(held.mailbox_id == mailbox_id, held.gmail_id.in_(gmail_ids))
    return set(session.scalars(query))
