"""One mail on a timeline: who, when, what about, how it sounds; with its thread and a reply."""

from __future__ import annotations

import streamlit as st

from crm.identity import Principal
from crm.mail import Address
from crm.mails import StoredMail, thread_of
from ui import inert
from ui.components import composer, mail_card, moment
from wiring.app import App

_TONE = {"positive": "lu-good", "neutral": "", "negative": "lu-bad"}


def show(app: App, principal: Principal, mail: StoredMail) -> None:
    with st.container(border=True, key=f"mail-{mail.id}", gap="xsmall"):
        st.html(summary(mail, principal))
        with st.container(horizontal=True, gap="small"):
            st.button(
                "Open", key=f"open-{mail.id}", type="tertiary", icon=":material/open_in_full:",
                on_click=mail_card.open_mail, args=(mail.id,),
            )  # fmt: skip
            st.button(
                "Thread", key=f"thread-{mail.id}", type="tertiary", icon=":material/forum:",
                on_click=_toggle, args=(_unfolded(mail.id),),
            )  # fmt: skip
            st.button(
                "Reply", key=f"reply-{mail.id}", type="tertiary", icon=":material/reply:",
                on_click=composer.toggle, args=(mail.id,),
            )  # fmt: skip
        if st.session_state.get(_unfolded(mail.id)):
            _thread(app, principal, mail)
        composer.show(app, principal, mail)


def summary(mail: StoredMail, principal: Principal) -> str:
    """HTML of the row: arrow, people, time, subject, snippet, chips."""
    inbound = mail.direction == "inbound"
    arrow = '<span class="lu-arrow lu-in" title="received">←</span>' if inbound else (
        '<span class="lu-arrow lu-out" title="sent">→</span>'
    )  # fmt: skip
    people = _name(mail.sender) if inbound else ", ".join(map(_name, mail.to)) or _name(mail.sender)
    return (
        f'<div class="lu-row">{arrow}<span>{inert.html(people)}</span>'
        f'<span class="lu-subject">{inert.html(mail.subject or "(no subject)")}</span>'
        f'<span class="lu-when">{moment.minute(mail.sent_at, principal.zone)}</span></div>'
        f'<div class="lu-snippet">{inert.html(mail.snippet)}</div>{_chips(mail)}'
    )


def _chips(mail: StoredMail) -> str:
    chips = [(mail.tone, _TONE.get(mail.tone, ""))] if mail.tone else []
    for mark in mail.keywords:
        note = " (negated)" if mark.negated else " (if)" if mark.hypothetical else ""
        chips.append((f"{mark.term.replace('_', ' ')}: {mark.form}{note}", "" if mark.negated else "lu-warn"))
    chips += [(f"attached: {file.name}", "") for file in mail.attachments]
    chips += [("shared: " + ", ".join(mail.customers), "lu-warn")] if mail.shared else []
    chips += [("automatic", "")] if mail.automatic else [("bulk", "")] if mail.bulk else []
    shown = "".join(
        f'<span class="lu-chip {colour}">{inert.html(text)}</span>' for text, colour in dict.fromkeys(chips)
    )
    return f'<div class="lu-chips">{shown}</div>' if chips else ""


def _thread(app: App, principal: Principal, mail: StoredMail) -> None:
    with app.database.read() as session:
        mails = thread_of(session, principal.workspace_id, mail.id)
    count = "1 mail" if len(mails) == 1 else f"{len(mails)} mails, oldest first"
    st.html(f'<div class="lu-head">The whole thread: {count}</div>')
    for held in mails:
        with st.container(border=True):
            mail_card.show(held, principal)


def _toggle(key: str) -> None:
    st.session_state[key] = not st.session_state.get(key)


def _unfolded(mail_id: str) -> str:
    return f"unfolded-{mail_id}"


def _name(address: Address) -> str:
    return address.name or address.email
