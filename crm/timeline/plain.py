"""Entries of a timeline as plain data: what the terminal prints as JSON and what is exported."""

from __future__ import annotations

from typing import Any

from crm.mails import StoredMail
from crm.timeline.item import Item


def plain_mail(mail: StoredMail) -> dict[str, Any]:
    """One mail, without its bodies."""
    return {
        "message_id": mail.id,
        "gmail_id": mail.gmail_id,
        "thread_id": mail.gmail_thread_id,
        "mailbox": mail.mailbox,
        "date": mail.sent_at.isoformat(),
        "direction": mail.direction,
        "from": {"name": mail.sender.name, "email": mail.sender.email},
        "to": [{"name": person.name, "email": person.email} for person in mail.to],
        "cc": [{"name": person.name, "email": person.email} for person in mail.cc],
        "subject": mail.subject,
        "snippet": mail.snippet,
        "language": mail.language,
        "tone": mail.tone or None,
        "confidence": mail.tone_confidence,
        "tone_sentences": list(mail.tone_sentences),
        "tone_by": mail.tone_by or None,
        "keywords": [
            {"term": mark.term, "form": mark.form, "start": mark.start, "end": mark.end, "negated": mark.negated,
             "hypothetical": mark.hypothetical}
            for mark in mail.keywords
        ],
        "attachments": [{"name": file.name, "size": file.size, "type": file.type} for file in mail.attachments],
        "automatic": mail.automatic,
        "bulk": mail.bulk,
        "shared": mail.shared,
        "customers": [{"customer": name, "rule": rule, "detail": detail} for name, rule, detail in mail.links],
    }  # fmt: skip


def plain_item(item: Item) -> dict[str, Any]:
    """One entry of any kind. `cursor` is its place: a page goes on below it."""
    head = {"kind": item.kind, "cursor": str(item.place)}
    if item.mail is not None:
        return head | plain_mail(item.mail)
    return head | {
        "id": item.id, "date": item.at.isoformat(), "text": item.text, "author": item.author or None,
        "mail_ids": list(item.mail_ids),
    }  # fmt: skip
