"""Alerts: a workspace's rules, one row for each episode, and what of it was told in Slack."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def _reference(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)


def upgrade() -> None:
    op.create_table(
        "alert_settings",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        _reference("alert_settings", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_alert_settings")),
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("episode", sa.Text(), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("mail_ids", sa.JSON(), nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("assigned", sa.Boolean(), nullable=False),
        sa.Column("snoozed_until", _INSTANT, nullable=True),
        sa.Column("dismissed_at", _INSTANT, nullable=True),
        sa.Column("handled_by", sa.Integer(), nullable=True),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("tell_at", _INSTANT, nullable=False),
        _reference("alerts", "workspace_id", "workspaces"),
        _reference("alerts", "customer_id", "customers", "CASCADE"),
        _reference("alerts", "user_id", "users"),
        _reference("alerts", "handled_by", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("customer_id", "kind", "episode", name=op.f("uq_alerts_customer_id_kind_episode")),
    )
    op.create_index("ix_alerts_workspace_opened", "alerts", ["workspace_id", "opened_at"])
    op.create_table(
        "alert_deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_at", _INSTANT, nullable=False),
        sa.Column("retry_at", _INSTANT, nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("ts", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        _reference("alert_deliveries", "alert_id", "alerts", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_deliveries")),
        sa.UniqueConstraint("alert_id", "occasion", name=op.f("uq_alert_deliveries_alert_id_occasion")),
    )
    op.create_index("ix_alert_deliveries_state", "alert_deliveries", ["state"])


def downgrade() -> None:
    for table in ("alert_deliveries", "alerts", "alert_settings"):
        op.drop_table(table)
