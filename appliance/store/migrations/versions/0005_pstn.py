"""Telephone lines: cards, E1/T1 spans, FXO ports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables."""
    _card()
    _span()
    _fxo()


def _card() -> None:
    op.create_table(
        "pstn_card",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("driver", sa.String(length=32), nullable=False),
        sa.Column("location", sa.String(length=64), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pstn_card_pkey"),
    )


def _span() -> None:
    op.create_table(
        "pstn_span",
        sa.Column("name", sa.String(length=29), nullable=False),
        sa.Column("card", sa.String(length=32), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=2), nullable=False),
        sa.Column("timing", sa.Integer(), nullable=True),
        sa.Column("lbo", sa.Integer(), nullable=False),
        sa.Column("framing", sa.String(length=3), nullable=True),
        sa.Column("coding", sa.String(length=4), nullable=True),
        sa.Column("crc4", sa.Boolean(), nullable=True),
        sa.Column("switch", sa.String(length=8), nullable=True),
        sa.Column("role", sa.String(length=3), nullable=False),
        sa.Column("d_channel", sa.Integer(), nullable=True),
        sa.Column("timeslots", sa.String(length=96), nullable=True),
        sa.Column("nfas_group", sa.String(length=32), nullable=True),
        sa.Column("nfas", sa.String(length=8), nullable=True),
        sa.Column("nfas_interface", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.Column("numbers", sa.String(length=16), nullable=False),
        sa.Column("overlap", sa.Boolean(), nullable=False),
        sa.Column("did_digits", sa.Integer(), nullable=False),
        sa.Column("exclusive", sa.Boolean(), nullable=False),
        sa.Column("restart_interval", sa.Integer(), nullable=False),
        sa.Column("layer2_hold", sa.Integer(), nullable=False),
        sa.Column("echo_canceller", sa.String(length=8), nullable=False),
        sa.Column("echo_taps", sa.Integer(), nullable=False),
        sa.Column("line_group", sa.String(length=32), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pstn_span_pkey"),
    )


def _fxo() -> None:
    op.create_table(
        "fxo",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("card", sa.String(length=32), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("start", sa.String(length=6), nullable=False),
        sa.Column("caller_id", sa.String(length=9), nullable=True),
        sa.Column("caller_id_start", sa.String(length=14), nullable=True),
        sa.Column("answer_on_polarity", sa.Boolean(), nullable=False),
        sa.Column("hang_up_on_polarity", sa.Boolean(), nullable=False),
        sa.Column("wait_dial_tone", sa.Float(), nullable=False),
        sa.Column("dial_prefix", sa.String(length=16), nullable=False),
        sa.Column("pulse", sa.Boolean(), nullable=False),
        sa.Column("busy", sa.String(length=7), nullable=False),
        sa.Column("busy_count", sa.Integer(), nullable=False),
        sa.Column("silence_hang_up", sa.Integer(), nullable=False),
        sa.Column("rx_gain", sa.Float(), nullable=False),
        sa.Column("tx_gain", sa.Float(), nullable=False),
        sa.Column("echo_canceller", sa.String(length=8), nullable=False),
        sa.Column("echo_taps", sa.Integer(), nullable=False),
        sa.Column("distinctive_ring", sa.JSON(), nullable=False),
        sa.Column("line_group", sa.String(length=32), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("busy_tone", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("busy_learned", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name="fxo_pkey"),
    )
