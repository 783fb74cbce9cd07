"""Replies: when an approved draft leaves, what a human saw, every version kept, signatures"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    now = sa.DateTime(timezone=True)
    op.add_column("users", sa.Column("signature", sa.Text(), nullable=False, server_default=""))
    op.add_column("drafts", sa.Column("send_at", now, nullable=True))
    op.add_column("drafts", sa.Column("asked", sa.Text(), nullable=False, server_default=""))
    op.add_column("drafts", sa.Column("sources", sa.JSON(), nullable=False, server_default="[]"))
    op.create_index("ix_drafts_due", "drafts", ["status", "send_at"])
    op.add_column("approvals", sa.Column("warned", sa.Text(), nullable=False, server_default=""))
    op.add_column("approvals", sa.Column("ended_at", now, nullable=True))
    op.create_table(
        "draft_versions",
        sa.Column("draft_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("created_at", now, nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["drafts.id"], name=op.f("fk_draft_versions_draft_id_drafts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("draft_id", "version", name=op.f("pk_draft_versions")),
    )
    op.execute(
        "INSERT INTO draft_versions (draft_id, version, raw, sha256, author, how, created_at) "
        "SELECT id, version, raw, sha256, '', '', updated_at FROM drafts"
    )
    # An approval of before has no moment to leave at and no look at the policy: the human looks again.
    op.execute("UPDATE drafts SET status = 'draft' WHERE status = 'approved'")
    op.execute("UPDATE approvals SET ended_at = approved_at")


def downgrade() -> None:
    op.drop_table("draft_versions")
    op.drop_column("approvals", "ended_at")
    op.drop_column("approvals", "warned")
    op.drop_index("ix_drafts_due", "drafts")
    for name in ("sources", "asked", "send_at"):
        op.drop_column("drafts", name)
    op.drop_column("users", "signature")
