"""Why a score is what it is: its sum, its parts with their mails, what moved it, and the response times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import streamlit as st

from crm.health.report import WORDS, Dimension, Health, Move, Part
from crm.health.wording import dimension_name, number
from crm.identity import Principal
from crm.mails import StoredMail, get_mails
from ui import inert
from ui.components import mail_card, moment
from wiring.app import App

_SHOWN = 8  # mails listed behind a part, the newest
_MOVES = 4


def show(app: App, me: Principal, health: Health) -> None:
    st.html(f"<p>{inert.html(health.summary)}</p>")
    with st.expander("Why this score", key="health-reasons"):
        mails = _mails(app, me, health)
        if health.arithmetic:
            st.caption(inert.label(health.arithmetic))
        for dimension in health.dimensions:
            _dimension(dimension, mails, me)
        if health.moves:
            st.html("<b>Since last week</b>")
            for n, move in enumerate(health.moves[:_MOVES]):
                _sentence(f"move-{n}", move.explanation, move.mail_ids, mails, me)
        _responses(health, mails, me)


def _dimension(held: Dimension, mails: Mapping[str, StoredMail], me: Principal) -> None:
    value = "N/A" if held.value is None else f"{number(held.value, 'en')} of 100, {held.weight:.0%} of the score"
    st.html(f"<b>{inert.html(dimension_name(held.name, 'en'))}</b> · {inert.html(value)}")
    for part in held.parts:
        _sentence(f"part-{part.name}", f"{_worth(part)}{part.explanation}", part.mail_ids, mails, me)


def _worth(part: Part) -> str:
    if part.value is None or (part.name == WORDS and not part.value):
        return ""
    return f"{number(part.value, 'en')}{' points: ' if part.name == WORDS else ' · '}"


def _responses(health: Health, mails: Mapping[str, StoredMail], me: Principal) -> None:
    timed = [held for held in health.responses if held.n]
    open_turns = [(held.side, held.waiting[-1]) for held in health.responses if held.waiting]  # the newest of each side
    if timed or open_turns:
        st.html("<b>Response times</b>, in business hours")
    for held in timed:
        _sentence(f"times-{held.side}", held.explanation, (), mails, me)
    for side, turn in open_turns:
        _sentence(f"open-{side}", turn.explanation, (turn.mail_id,), mails, me)


def _sentence(key: str, text: str, ids: Sequence[str], mails: Mapping[str, StoredMail], me: Principal) -> None:
    behind = set(ids[-_SHOWN:])
    found = [mail for mail_id, mail in mails.items() if mail_id in behind]
    if not found:
        st.html(f'<span class="lu-reason">{inert.html(text)}</span>')
        return
    left, right = st.columns([4, 1.4], vertical_alignment="center")
    left.html(f'<span class="lu-reason">{inert.html(text)}</span>')
    with right.popover("1 mail" if len(ids) == 1 else f"{len(ids)} mails", key=f"mails-{key}", type="tertiary"):
        for mail in found:
            day = moment.day(mail.sent_at.astimezone(me.zone).date())
            st.button(
                inert.label(f"{day} · {mail.subject or '(no subject)'}"),
                key=f"why-{key}-{mail.id}", type="tertiary", on_click=mail_card.open_mail, args=(mail.id,),
            )  # fmt: skip
        if len(ids) > len(found):
            st.caption(f"The newest {len(found)} of {len(ids)}; all are on the timeline.")


def _mails(app: App, me: Principal, health: Health) -> dict[str, StoredMail]:
    """The newest mails behind every part, move and open turn, newest first."""
    held: Iterable[Part | Move] = (*(part for one in health.dimensions for part in one.parts), *health.moves)
    wanted = {mail_id for one in held for mail_id in one.mail_ids[-_SHOWN:]}
    wanted |= {turn.mail_id for side in health.responses for turn in side.waiting[-1:]}
    with app.database.read() as session:
        found = get_mails(session, me.workspace_id, wanted)
    return dict(sorted(found.items(), key=lambda item: item[1].sent_at, reverse=True))
