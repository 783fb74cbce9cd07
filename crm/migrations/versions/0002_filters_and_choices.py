"""Never-log list, private threads, links by hand, a re-association that resumes, expired histories"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "link_choices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Text(), nullable=True),
        sa.Column("mailbox_id", sa.Integer(), nullable=True),
        sa.Column("gmail_thread_id", sa.Text(), nullable=False),
        sa.Column("linked", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_link_choices_workspace_id")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_link_choices_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["mail_id"], ["mails.id"], name=op.f("fk_link_choices_mail_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailboxes.id"], name=op.f("fk_link_choices_mailbox_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_link_choices_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_choices")),
    )
    op.create_index("ix_link_choices_mail", "link_choices", ["mail_id"])
    op.create_index("ix_link_choices_thread", "link_choices", ["mailbox_id", "gmail_thread_id"])
    op.create_table(
        "private_threads",
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("gmail_thread_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailboxes.id"], name=op.f("fk_private_threads_mailbox_id")),
        sa.PrimaryKeyConstraint("mailbox_id", "gmail_thread_id", name=op.f("pk_private_threads")),
    )
    op.create_table(
        "never_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_never_log_workspace_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_never_log_user_id")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_never_log_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_never_log")),
    )
    op.create_index("ix_never_log_workspace", "never_log", ["workspace_id"])
    op.create_index("ix_messages_mailbox_status", "messages", ["mailbox_id", "status", "reason"])
    with op.batch_alter_table("mailboxes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("judging_key", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("judged_after", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("label_names", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("expired_again_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(  # links made by hand before choices were kept
        "INSERT INTO link_choices (workspace_id, customer_id, mail_id, gmail_thread_id, linked, chosen_at) "
        "SELECT mails.workspace_id, links.customer_id, links.mail_id, '', true, CURRENT_TIMESTAMP "
        "FROM links JOIN mails ON mails.id = links.mail_id WHERE links.rule = 'manual'"
    )


def downgrade() -> None:
    for name in ("expired_again_at", "expired_at", "label_names", "judged_after", "judging_key"):
        op.drop_column("mailboxes", name)
    op.drop_index("ix_messages_mailbox_status", "messages")
    op.drop_table("never_log")
    op.drop_table("private_threads")
    op.drop_table("link_choices")
