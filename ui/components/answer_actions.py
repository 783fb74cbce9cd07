"""What can be done with an answer: vote on it, take it along, keep its question."""

from __future__ import annotations

import streamlit as st

from agent import export
from agent.answer import Answer
from crm.errors import LealUpError
from crm.feedback import LONGEST_COMMENT, Verdict, my_votes, vote, withdraw
from crm.identity import Principal
from crm.prompts.store import LONGEST_NAME, LONGEST_TEXT, add_prompt
from ui.components.failure import failures
from wiring.app import App

_THUMBS = ("down", "up")  # the places of st.feedback
_WHY = "What was right or wrong? Kept with the answer for your team's evals; an admin can read it."


def show(app: App, me: Principal, question: str, answer: Answer) -> None:
    """One row below an answer that is stored; nothing below another."""
    if not answer.id:
        return
    with app.database.read() as session:
        verdict, comment = my_votes(session, me, [answer.id]).get(answer.id, ("", ""))
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"actions-{answer.id}"):
        _thumbs(app, me, answer, verdict)
        if verdict:
            _comment(app, me, answer, comment)
        _export(app, me, question, answer)
        _keep(app, me, question, answer)


def _thumbs(app: App, me: Principal, answer: Answer, verdict: str) -> None:
    key = f"thumbs-{answer.id}"

    def cast() -> None:
        chosen = st.session_state.get(key)
        try:
            with app.database.write() as session:
                if chosen is None:
                    withdraw(session, me, answer.id)
                else:
                    vote(session, app.clock, me, answer.id, "up" if chosen else "down", face="web")
        except LealUpError as error:  # the answer went with its mail
            st.toast(error.for_user())

    if key not in st.session_state and verdict:
        st.session_state[key] = _THUMBS.index(verdict)
    st.feedback("thumbs", key=key, on_change=cast)


def _comment(app: App, me: Principal, answer: Answer, comment: str) -> None:
    label = "Edit comment" if comment else "Add a comment"
    with st.popover(label, icon=":material/comment:", type="tertiary", key=f"comment-{answer.id}"):
        st.caption(_WHY)
        with st.form(f"comment-form-{answer.id}", border=False, enter_to_submit=False):
            text = st.text_area(
                "Comment", comment, key=f"comment-text-{answer.id}", max_chars=LONGEST_COMMENT,
                label_visibility="collapsed",
            )  # fmt: skip
            if st.form_submit_button("Save comment", key=f"comment-save-{answer.id}"):
                with failures():
                    with app.database.write() as session:
                        verdict = my_votes(session, me, [answer.id]).get(answer.id, ("down", ""))[0]
                        kept: Verdict = "up" if verdict == "up" else "down"
                        vote(session, app.clock, me, answer.id, kept, face="web", comment=text)
                    st.toast("Thank you: your comment is kept.")
                    st.rerun()


def _export(app: App, me: Principal, question: str, answer: Answer) -> None:
    document = export.Document(question=question, answer=answer, asked_at=app.clock(), zone=me.zone)
    with st.popover("Copy or export", icon=":material/ios_share:", type="tertiary", key=f"export-{answer.id}"):
        markdown = export.as_markdown(document)
        st.caption("The answer with its sources. Copy it here, or take a file; the page prints to a PDF.")
        with st.container(horizontal=True, gap="small"):
            st.download_button(
                "Markdown", markdown, f"lealup-answer-{answer.id}.md", "text/markdown",
                key=f"export-md-{answer.id}", on_click="ignore", icon=":material/download:",
            )  # fmt: skip
            st.download_button(
                "Page to print", export.as_html(document), f"lealup-answer-{answer.id}.html", "text/html",
                key=f"export-html-{answer.id}", on_click="ignore", icon=":material/print:",
            )  # fmt: skip
        st.code(markdown, language=None, wrap_lines=True, height=260)


def _keep(app: App, me: Principal, question: str, answer: Answer) -> None:
    with st.popover("Save as prompt", icon=":material/bookmark_add:", type="tertiary", key=f"keep-{answer.id}"):
        st.caption("Write {customer}, {person} or {period} where you want to be asked each time.")
        with st.form(f"keep-form-{answer.id}", border=False, enter_to_submit=False):
            text = st.text_area("Question", question, key=f"keep-text-{answer.id}", max_chars=LONGEST_TEXT)
            name = st.text_input(
                "Name", key=f"keep-name-{answer.id}", max_chars=LONGEST_NAME, placeholder="Its beginning, by default"
            )
            shared = st.checkbox("Share with the workspace", key=f"keep-shared-{answer.id}")
            if st.form_submit_button("Save prompt", key=f"keep-save-{answer.id}"):
                with failures():
                    with app.database.write() as session:
                        add_prompt(session, app.clock, me, text=text, name=name, shared=shared)
                    st.toast("Saved. It is on the Prompts page and where a conversation begins.")
