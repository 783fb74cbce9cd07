"""Text of attachments, tracked deletion requests, revocations that wait for Google"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("index_attachments", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("attachments", sa.Column("status", sa.Text(), nullable=False, server_default=""))
    op.add_column("attachments", sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("oauth_attempts", sa.Column("mailbox_email", sa.Text(), nullable=False, server_default=""))
    op.add_column("mailboxes", sa.Column("sealed_revocation", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "attachment_texts",
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachments.id"], name=op.f("fk_attachment_texts_attachment_id")),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_attachment_texts")),
    )
    op.create_table(
        "deletion_requests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("revoked", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trace_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_deletion_requests_workspace_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_deletion_requests_user_id")),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailboxes.id"], name=op.f("fk_deletion_requests_mailbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deletion_requests")),
    )
    op.create_index("ix_deletion_requests_user", "deletion_requests", ["user_id"])


def downgrade() -> None:
    op.drop_index("ix_deletion_requests_user", "deletion_requests")
    op.drop_table("deletion_requests")
    op.drop_table("attachment_texts")
    for table, columns in (
        ("mailboxes", ("sealed_revocation",)),
        ("oauth_attempts", ("mailbox_email",)),
        ("attachments", ("attempts", "status")),
        ("workspaces", ("index_attachments",)),
    ):
        for column in columns:
            op.drop_column(table, column)
