"""Alembic's entry: runs on the connection and in the transaction that ``appliance.store.migration`` opened."""

from __future__ import annotations

from alembic import context

import appliance.store.message_models  # its tables belong to Base too
import appliance.store.pstn_models
import appliance.store.sim_models  # noqa: F401 - so do these
from appliance.store.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
