"""Alembic's entry point; run through `Database.migrate`, which hands over its connection."""

from __future__ import annotations

from alembic import context

from crm.schema import Base

OURS = frozenset(Base.metadata.tables)


def include_name(name: str | None, type_: str, parent_names: object) -> bool:
    """Autogenerate must not drop the full-text and checkpoint tables, which have no model."""
    return type_ != "table" or name in OURS


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    include_name=include_name,
)
with context.begin_transaction():
    context.run_migrations()
