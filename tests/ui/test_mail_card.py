"""The mail dialog: what a citation quotes is seen where it stands."""

from __future__ import annotations

from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from crm import schema
from crm.identity import Principal
from tests.ui.conftest import receive, texts
from wiring.app import App

FILE = "Plan: Enterprise\nVolume discount: 12 %\n<img src=x>"


def script(mail_id: str, quote: str) -> None:
    from crm.mails import get_mail
    from ui.components.mail_card import show
    from ui.deps import current_app

    app = current_app()
    me = app.principal()
    with app.database.read() as session:
        mail = get_mail(session, me.workspace_id, mail_id)
    show(mail, me, quote)


def test_a_quote_of_an_attached_file_is_marked_in_its_text(app: App, me: Principal, globex: int) -> None:
    mail_id = receive(app, me, subject="Offer", text="The quote is attached.", days_ago=1, files=["quote.pdf"])
    with app.database.write() as session:
        held = session.scalars(select(schema.MailAttachment).where(schema.MailAttachment.mail_id == mail_id)).one()
        held.content, held.status = schema.AttachmentText(text=FILE), "done"

    cited = AppTest.from_function(script, args=(mail_id, "Volume discount: 12 %"), default_timeout=30).run()
    assert not cited.exception
    (text,) = cited.expander
    assert "Text of quote" in text.label and text.proto.expanded
    body = "".join(str(getattr(held, "value", "")) for held in text.get("html"))
    assert "<mark>Volume discount: 12 %</mark>" in body
    assert "<img" not in body

    written = AppTest.from_function(script, args=(mail_id, "The quote is attached."), default_timeout=30).run()
    assert not written.expander[0].proto.expanded
    assert "<mark>The quote is attached.</mark>" in texts(written)


def test_what_the_new_text_is_a_part_of_is_not_called_history(app: App, me: Principal, globex: int) -> None:
    mail_id = receive(app, me, subject="Answers", text="Yes.\nOn Friday.", days_ago=1)

    def titles(whole: str) -> list[str]:
        with app.database.write() as session:
            session.get_one(schema.Mail, mail_id).text = whole
        shown = AppTest.from_function(script, args=(mail_id, ""), default_timeout=30).run()
        return [held.label for held in shown.expander]

    assert titles("Yes.\nOn Friday.") == []
    assert titles("Yes.\nOn Friday.\n\n> Can you come, and when?") == ["Quoted history and signature"]
    assert titles("> Can you come?\nYes.\n> When?\nOn Friday.") == ["The whole text with what it quotes"]
