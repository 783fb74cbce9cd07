"""One entry of a timeline: a mail with its thread and a reply, or between the mails what else happened, on one line."""

from __future__ import annotations

import streamlit as st

from crm.identity import Principal
from crm.mail import Address
from crm.mails import StoredMail, thread_of
from crm.timeline.item import Item
from ui import inert
from ui.components import composer, mail_card, moment
from wiring.app import App

_EVENT = {"note": "Note", "health": "Health", "alert": "Alert", "mail": "Mail"}
_MAILS = 3  # of an entry
_FORM = 40  # characters of a critical word on its chip
_TONE = {"positive": "lu-good", "neutral": "", "negative": "lu-bad"}


def show(app: App, principal: Principal, item: Item) -> None:
    if item.mail is not None:
        _mail(app, principal, item.mail)
    else:
        _event(principal, item)


def _event(principal: Principal, item: Item) -> None:
    """A note, a health change or an alert; its first mails are one click away."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"event-{item.kind}-{item.id}"):
        st.html(event(item, principal))
        for number, mail_id in enumerate(item.mail_ids[:_MAILS], 1):
            st.button(
                "Mail" if len(item.mail_ids) == 1 else f"Mail {number}", key=f"event-{item.kind}-{item.id}-{mail_id}",
                type="tertiary", icon=":material/mail:", on_click=mail_card.open_mail, args=(mail_id,),
            )  # fmt: skip


def event(item: Item, principal: Principal) -> str:
    """HTML of the line: what kind of thing, what, by whom, when."""
    # A health change is that of a day, and has no hour
    when = (
        moment.day(item.at.astimezone(principal.zone))
        if item.kind == "health"
        else moment.minute(item.at, principal.zone)
    )
    author = f' <span class="lu-head">{inert.html(item.author)}</span>' if item.author else ""
    return (
        f'<div class="lu-row lu-event"><span class="lu-chip">{_EVENT[item.kind]}</span>'
        f'<span class="lu-what">{inert.html(item.text)}{author}</span><span class="lu-when">{when}</span></div>'
    )


def _mail(app: App, principal: Principal, mail: StoredMail) -> None:
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
        form = " ".join(mark.form.split())  # where no word tells it, the whole sentence
        form = form if len(form) <= _FORM else f"{form[: _FORM - 1].rstrip()}…"
        chips.append((f"{mark.term.replace('_', ' ')}: {form}{note}", "" if mark.negated else "lu-warn"))
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
