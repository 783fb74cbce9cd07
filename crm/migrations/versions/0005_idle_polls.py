"""What an idle poll asks the store is answered from indexes, however much mail there is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mailboxes", sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_mails_workspace_due", "mails", ["workspace_id", "has_body", "indexed_at"])
    op.create_index("ix_attachments_status", "attachments", ["status"])


def downgrade() -> None:
    op.drop_index("ix_attachments_status", "attachments")
    op.drop_index("ix_mails_workspace_due", "mails")
    with op.batch_alter_table("mailboxes", schema=None) as batch_op:
        batch_op.drop_column("swept_at")
