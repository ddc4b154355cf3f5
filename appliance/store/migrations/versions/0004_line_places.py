"""Lines that are found by IMEI or USB path instead of by a device, and the PIN of a line's SIM."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns; a line needs no device any more."""
    with op.batch_alter_table("line") as line:
        line.add_column(sa.Column("imei", sa.String(16)))
        line.add_column(sa.Column("usb_path", sa.String(64)))
        line.add_column(sa.Column("pin", sa.String(8)))
        line.alter_column("at_port", existing_type=sa.Text(), nullable=True)
