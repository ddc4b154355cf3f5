"""Messages (SMS) in and out, their parts, and the balances that USSD tells."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    _message()
    _parts()
    _undecoded()
    _balance()


def _message() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("line", sa.String(length=32), nullable=False),
        sa.Column("iccid", sa.String(length=22), nullable=True),
        sa.Column("peer", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=True),
        sa.Column("flash", sa.Boolean(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("who", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="message_pkey"),
    )
    op.create_index("message_created_at", "message", ["created_at"])
    op.create_index("message_line", "message", ["line", "state"])
    op.create_index("message_peer", "message", ["peer", "created_at"])


def _parts() -> None:
    op.create_table(
        "message_part",
        sa.Column("message", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("pdu", sa.Text(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("ref", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["message"], ["message.id"], name="message_part_message_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message", "seq", name="message_part_pkey"),
    )
    op.create_index("message_part_state", "message_part", ["state"])
    op.create_index("message_part_ref", "message_part", ["ref", "state"])
    op.create_table(
        "inbound_part",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=True),
        sa.Column("line", sa.String(length=32), nullable=False),
        sa.Column("sim", sa.String(length=40), nullable=False),
        sa.Column("sender", sa.String(length=32), nullable=False),
        sa.Column("reference", sa.Integer(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pdu", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message"], ["message.id"], name="inbound_part_message_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest", name="inbound_part_pkey"),
    )
    op.create_index("inbound_part_message", "inbound_part", ["message"])
    op.create_index("inbound_part_group", "inbound_part", ["sim", "sender", "reference", "total"])


def _undecoded() -> None:
    op.create_table(
        "undecoded_pdu",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("line", sa.String(length=32), nullable=False),
        sa.Column("sim", sa.String(length=40), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="undecoded_pdu_pkey"),
    )


def _balance() -> None:
    op.create_table(
        "ussd_balance",
        sa.Column("iccid", sa.String(length=22), nullable=False),
        sa.Column("line", sa.String(length=32), nullable=False),
        sa.Column("amount", sa.Float(), nullable=True),
        sa.Column("currency", sa.String(length=16), nullable=True),
        sa.Column("expiry", sa.String(length=32), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("iccid", name="ussd_balance_pkey"),
    )
