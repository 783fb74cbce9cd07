"""How fast a sync reads, so that whoever asks in another process learns how long the rest takes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mailboxes", sa.Column("reading_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("mailboxes", sa.Column("reading_from", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("mailboxes", schema=None) as batch_op:
        batch_op.drop_column("reading_from")
        batch_op.drop_column("reading_since")
