"""One mail, read: headers, new text, the rest folded away; as a dialog or in place."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from crm.identity import Principal
from crm.mail import Address
from crm.mails import StoredMail, get_mail
from crm.tone_override import Label, set_tone
from ui import inert
from ui.components import belonging, moment
from ui.components.failure import failures
from ui.components.gmail_link import mail_url
from wiring.app import App

_OPENED = "opened_mail"
TONES: tuple[Label, ...] = ("positive", "neutral", "negative")


@dataclass(frozen=True, kw_only=True)
class Opened:
    """The mail a dialog is asked for, and the quote to highlight in it."""

    mail_id: str
    quote: str = ""


def open_mail(mail_id: str, quote: str = "") -> None:
    """To be used as `on_click`: a dialog opened inside `if st.button` would be lost at the next run."""
    st.session_state[_OPENED] = Opened(mail_id=mail_id, quote=quote)


def show_opened(app: App, principal: Principal) -> None:
    """Open the dialog that was asked for; called once, at the end of a page."""
    opened = st.session_state.pop(_OPENED, None)
    if isinstance(opened, Opened):
        _dialog(app, principal, opened)


@st.dialog("Mail", width="large", icon=":material/mail:")
def _dialog(app: App, principal: Principal, opened: Opened) -> None:
    belonging.close_if_done()
    with failures():
        with app.database.read() as session:
            mail = get_mail(session, principal.workspace_id, opened.mail_id)
        show(mail, principal, opened.quote)
        _tone(app, principal, mail)
        belonging.show(app, principal, mail)
        st.link_button("Open in Gmail", mail_url(mail.mailbox, mail.gmail_id), icon=":material/open_in_new:")


def _tone(app: App, principal: Principal, mail: StoredMail) -> None:
    """The tone, its reason, and the CSM's own word, which wins over the measured one."""
    key = f"tone-{mail.id}"

    def keep() -> None:
        label = st.session_state.get(key)
        if label == mail.tone:  # a dialog that was just closed may report its control once more: nobody chose anything
            return
        if label in TONES:
            with app.database.write() as session:
                set_tone(session, app.clock, principal, mail.id, label)
        open_mail(mail.id)

    set_by = f"Set by {mail.tone_by}." if mail.tone_by else " ".join(f"“{held}”" for held in mail.tone_sentences[:2])
    st.segmented_control(
        "Tone",
        TONES,
        default=mail.tone if mail.tone in TONES else None,
        key=key,
        on_change=keep,
        help=inert.label(set_by) if set_by else None,
    )


def show(mail: StoredMail, principal: Principal, quote: str = "") -> None:
    """The mail in place, all of it inert."""
    subject = inert.html(mail.subject or "(no subject)")
    st.html(f'<div class="lu-subject">{subject}</div>{_headers(mail, principal)}')
    st.html(f'<div class="lu-body">{inert.marked(mail.new_text, quote)}</div>')
    if mail.attachments:
        files = "".join(
            f'<span class="lu-chip">attached: {inert.html(file.name)} · {size(file.size)}</span>'
            for file in mail.attachments
        )
        st.html(f'<div class="lu-chips">{files}</div>')
    for name, text in mail.files:  # what a citation quotes of a file has to be seen there
        cited = bool(quote) and not inert.holds(mail.new_text, quote) and inert.holds(text, quote)
        with st.expander(inert.label(f"Text of {name}"), expanded=cited):
            st.html(f'<div class="lu-body lu-muted">{inert.marked(text, quote if cited else "")}</div>')
    said, text = mail.new_text.strip(), mail.text.strip()
    rest = text.removeprefix(said).strip()
    if rest:
        # inline answers stand among what they answer: there the whole is shown once more
        title = "Quoted history and signature" if text.startswith(said) else "The whole text with what it quotes"
        unfolded = bool(quote) and not inert.holds(mail.new_text, quote) and inert.holds(rest, quote)
        with st.expander(title, expanded=unfolded):
            st.html(f'<div class="lu-body lu-muted">{inert.marked(rest, quote if unfolded else "")}</div>')


def size(count: int) -> str:
    """Bytes for a reader: 12 KB."""
    return (
        f"{count} B" if count < 1024 else f"{count / 1024:.0f} KB" if count < 1024**2 else f"{count / 1024**2:.1f} MB"
    )


def person(address: Address) -> str:
    return f"{address.name} <{address.email}>" if address.name else address.email


def _headers(mail: StoredMail, principal: Principal) -> str:
    rows = {
        "From": person(mail.sender),
        "To": ", ".join(map(person, mail.to)),
        "Cc": ", ".join(map(person, mail.cc)),
        "Date": moment.minute(mail.sent_at, principal.zone),
        "On": ", ".join(f"{name} ({rule})" for name, rule, _ in mail.links),
    }
    shown = "".join(f"<span>{name}</span><div>{inert.html(value)}</div>" for name, value in rows.items() if value)
    return f'<div class="lu-fields">{shown}</div>'
