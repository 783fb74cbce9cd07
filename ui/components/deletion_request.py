"""Settings → Gmail: asking for the deletion of a mailbox's data, and the receipts."""

from __future__ import annotations

import logging
import threading

import streamlit as st

from crm import schema
from crm.identity import Principal
from ingestion.deletion import Receipt
from ui import inert
from wiring.app import App

_log = logging.getLogger(__name__)
_STATE = {"requested": "requested", "running": "running", "done": "done"}
_REVOKED = {
    "yes": "revoked",
    "waiting": "its revocation is repeated until Google answers",
    "lost": "revoke it at myaccount.google.com/permissions",
}


def button(app: App, me: Principal, mailbox: schema.Mailbox) -> None:
    """Asks before it acts: deleting can't be undone. The work is done beside the page, and by a worker if that ends."""
    with st.popover("Delete data", icon=":material/delete:", key=f"delete-{mailbox.id}"):
        st.caption(
            "Disconnects this Gmail and deletes everything LealUp read from it: mail, attachments' texts, search indexes, "
            "drafts, and your conversations with the assistant. Mail that a colleague's mailbox also holds stays with them."
        )
        if st.button("Yes, delete everything", key=f"delete-now-{mailbox.id}"):
            request = app.deletions.request(me, mailbox.id)
            threading.Thread(target=_run, args=(app, request), name=f"delete-{request}", daemon=True).start()
            st.rerun()


def receipts(app: App, me: Principal) -> None:
    """The user's requests, newest first, each with what was deleted where."""
    for receipt in app.deletions.receipts(me):
        with st.expander(f"Deletion {receipt.id} of {inert.label(receipt.mailbox)}: {_STATE.get(receipt.state, '')}"):
            st.html(_table(receipt))


def _table(receipt: Receipt) -> str:
    rows = "".join(
        f"<tr><td>{inert.html(place)}</td><td>{before:,}</td><td>{'…' if after is None else f'{after:,}'}</td></tr>"
        for place, (before, after) in receipt.counts.items()
    )
    revoked = inert.html(_REVOKED.get(receipt.revoked, "…"))
    return (
        f'<p class="lu-when">Requested {receipt.requested_at:%Y-%m-%d %H:%M} UTC · access at Google: {revoked}</p>'
        f'<table class="lu-table"><tr><th>Place</th><th>Found</th><th>Left</th></tr>{rows}</table>'
    )


def _run(app: App, request: str) -> None:
    try:
        app.deletions.run(request)
    except Exception:  # noqa: BLE001 (a thread has nobody above it; the worker goes on with the request)
        _log.exception("deletion interrupted", extra={"fields": {"receipt": request}})
