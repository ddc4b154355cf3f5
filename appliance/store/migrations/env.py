"""Alembic's entry: runs on the connection and in the transaction that ``appliance.store.migration`` opened."""

from __future__ import annotations

from alembic import context

from appliance.store.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
