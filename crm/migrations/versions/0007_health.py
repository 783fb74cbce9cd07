"""Health: settings, dimensions fed from outside, snapshots that explain themselves, and what is due to be computed again.

Triggers write down whose health a change touches, in the change's own transaction, whichever code made it.
"""

# ruff: noqa: S608 (every piece of these statements is a constant of this file)
from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_EVER = "1970-01-01 00:00:00"
_SIGNALS = ("sender_email", "has_body", "sent_at", "direction", "tone", "tone_confidence", "automatic", "bulk")


def upgrade() -> None:
    op.create_table(
        "health_settings",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("weights", sa.JSON(), nullable=False),
        sa.Column("opens", sa.Text(), nullable=False),
        sa.Column("closes", sa.Text(), nullable=False),
        sa.Column("weekdays", sa.JSON(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_health_settings_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_health_settings")),
    )
    op.create_table(
        "dimension_values",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("fed_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_dimension_values_customer_id_customers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("customer_id", "dimension", "day", name=op.f("pk_dimension_values")),
    )
    op.create_table(
        "health_due",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_due")),
    )
    op.create_index("ix_health_due_customer", "health_due", ["customer_id"])
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_api_tokens_workspace_id_workspaces")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_tokens_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("sha256", name=op.f("uq_api_tokens_sha256")),
    )
    op.add_column("health_snapshots", sa.Column("dimensions", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("health_snapshots", sa.Column("cause", sa.Text(), server_default="", nullable=False))
    op.add_column("health_snapshots", sa.Column("cause_mail_ids", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("health_snapshots", sa.Column("computed_at", _INSTANT, nullable=True))
    op.create_index("ix_health_snapshots_day", "health_snapshots", ["day"])
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, when, condition, select in _triggers(sqlite):
        _create(sqlite, name, table, when, condition, select)


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, *_ in _triggers(sqlite):
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_index("ix_health_snapshots_day", "health_snapshots")
    with op.batch_alter_table("health_snapshots", schema=None) as batch_op:
        for column in ("computed_at", "cause_mail_ids", "cause", "dimensions"):
            batch_op.drop_column(column)
    for table in ("api_tokens", "health_due", "dimension_values", "health_settings"):
        op.drop_table(table)


def _triggers(sqlite: bool) -> Iterator[tuple[str, str, str, str, str]]:
    """Name, table, event, condition and the rows (customer, since) that it adds."""
    day_before = "datetime({0}.day, '-1 day')" if sqlite else "({0}.day - 1)::timestamptz"
    ever = f"'{_EVER}'" if sqlite else f"'{_EVER}+00'::timestamptz"
    differ = "IS NOT" if sqlite else "IS DISTINCT FROM"

    def changed(*columns: str) -> str:
        return " OR ".join(f"OLD.{column} {differ} NEW.{column}" for column in columns)

    def of_mail(mail_id: str) -> str:
        return f"SELECT l.customer_id, m.sent_at FROM links l JOIN mails m ON m.id = l.mail_id WHERE m.id = {mail_id}"

    def of_all(workspace: str) -> str:
        return f"SELECT c.id, {ever} FROM customers c WHERE c.workspace_id = {workspace}"

    sent = "COALESCE((SELECT m.sent_at FROM mails m WHERE m.id = {0}.mail_id), {1})"
    # For the others on the mail's timelines too: whom a shared mail counts for depends on its being shared.
    linked = "SELECT l.customer_id, {1} FROM links l WHERE l.mail_id = {0}.mail_id"
    new, old = (sent.format(row, ever) for row in ("NEW", "OLD"))
    gone = f"SELECT OLD.customer_id, {old} UNION ALL {linked.format('OLD', old)}"
    yield "due_link_new", "links", "INSERT", "", linked.format("NEW", new)
    yield "due_link_gone", "links", "DELETE", "", gone
    earlier = "CASE WHEN OLD.sent_at < NEW.sent_at THEN OLD.sent_at ELSE NEW.sent_at END"
    of_either = f"SELECT l.customer_id, {earlier} FROM links l WHERE l.mail_id = NEW.id"
    yield "due_mail", "mails", f"UPDATE OF {', '.join(_SIGNALS)}", changed(*_SIGNALS), of_either
    yield "due_copy_new", "messages", "INSERT", "NEW.mail_id IS NOT NULL", of_mail("NEW.mail_id")
    copy = ("status", "mail_id", "gmail_thread_id")
    both = f"{of_mail('NEW.mail_id')} UNION {of_mail('OLD.mail_id')}"
    yield "due_copy", "messages", f"UPDATE OF {', '.join(copy)}", changed(*copy), both
    yield "due_file_new", "attachments", "INSERT", "", of_mail("NEW.mail_id")  # an invitation is known by its file
    yield "due_file_gone", "attachments", "DELETE", "", of_mail("OLD.mail_id")
    yield "due_copy_gone", "messages", "DELETE", "OLD.mail_id IS NOT NULL", of_mail("OLD.mail_id")
    yield "due_word_new", "mail_keywords", "INSERT", "", of_mail("NEW.mail_id")
    yield "due_word_gone", "mail_keywords", "DELETE", "", of_mail("OLD.mail_id")
    yield "due_customer", "customers", "INSERT", "", f"SELECT NEW.id, {ever}"
    for table in ("contacts", "customer_domains"):
        yield f"due_{table}_new", table, "INSERT", "", f"SELECT NEW.customer_id, {ever}"
        yield f"due_{table}_gone", table, "DELETE", "", f"SELECT OLD.customer_id, {ever}"
    contact = ("name", "email", "role")
    yield "due_contact", "contacts", "UPDATE", changed(*contact), f"SELECT NEW.customer_id, {ever}"
    fed = "dimension_values"
    yield "due_value_new", fed, "INSERT", "", f"SELECT NEW.customer_id, {day_before.format('NEW')}"
    yield "due_value", fed, "UPDATE", changed("value"), f"SELECT NEW.customer_id, {day_before.format('NEW')}"
    yield "due_value_gone", fed, "DELETE", "", f"SELECT OLD.customer_id, {day_before.format('OLD')}"
    yield "due_zone", "workspaces", "UPDATE OF timezone", changed("timezone"), of_all("NEW.id")
    yield "due_settings_new", "health_settings", "INSERT", "", of_all("NEW.workspace_id")
    yield "due_settings", "health_settings", "UPDATE", "", of_all("NEW.workspace_id")
    yield "due_settings_gone", "health_settings", "DELETE", "", of_all("OLD.workspace_id")


def _create(sqlite: bool, name: str, table: str, when: str, condition: str, rows: str) -> None:
    insert = f"INSERT INTO health_due (customer_id, since) {rows};"
    guard = f"WHEN ({condition}) " if condition else ""
    if sqlite:
        op.execute(f"CREATE TRIGGER {name} AFTER {when} ON {table} {guard}BEGIN {insert} END")
        return
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {insert} RETURN NULL; END $$")
    op.execute(f"CREATE TRIGGER {name} AFTER {when} ON {table} FOR EACH ROW {guard}EXECUTE FUNCTION {name}()")
