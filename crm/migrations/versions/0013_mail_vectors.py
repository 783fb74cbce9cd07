"""The vectors of a mail beside its row, and how many mails hold a word"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_vectors",
        sa.Column("mail_id", sa.Text(), nullable=False),
        sa.Column("embedder", sa.Text(), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["mails.id"], name=op.f("fk_mail_vectors_mail_id_mails"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mail_id", name=op.f("pk_mail_vectors")),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE mail_lexical_words USING fts5vocab('mail_lexical', 'row')")
    else:
        op.execute("ALTER TABLE mail_vectors ALTER COLUMN rows SET STORAGE EXTERNAL")  # floats do not compress


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE mail_lexical_words")
    op.drop_table("mail_vectors")
