"""Who wrote, read from an index alone: a question may name any of them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(sa.text("UPDATE mails SET sender_name = substr(sender_name, 1, 200) WHERE length(sender_name) > 200"))
    op.create_index(
        "ix_mails_workspace_sender", "mails", ["workspace_id", "direction", "sender_email", "sender_name"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_mails_workspace_sender", table_name="mails")
