"""SIMs: carriers, policies, what each SIM was used for, and how the lines of a group take turns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

LIMITS = (
    "day_minutes",
    "month_minutes",
    "month_reset_day",
    "total_minutes",
    "calls_per_hour",
    "calls_per_day",
    "sms_per_hour",
    "sms_per_day",
    "longest_call",
    "warn_before",
    "billing_minimum",
    "billing_unit",
    "cool_down",
    "failed_stop",
    "unanswered_stop",
    "short_stop",
    "short_seconds",
    "lock_minutes",
)


def upgrade() -> None:
    """Make the tables."""
    _sims()
    _policy()
    _use()


def _sims() -> None:
    op.create_table(
        "carrier",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("imsi_prefixes", sa.JSON(), nullable=False),
        sa.Column("number_prefixes", sa.JSON(), nullable=False),
        sa.Column("ussd_balance", sa.String(length=160), nullable=True),
        sa.Column("balance_pattern", sa.Text(), nullable=True),
        sa.Column("balance_every", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="carrier_pkey"),
    )
    op.create_table(
        "sim",
        sa.Column("iccid", sa.String(length=22), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.Column("carrier", sa.String(length=32), nullable=True),
        sa.Column("label", sa.String(length=64), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("imsi", sa.String(length=15), nullable=True),
        sa.Column("line", sa.String(length=32), nullable=True),
        sa.Column("first_line", sa.String(length=32), nullable=True),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lock_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("iccid", name="sim_pkey"),
    )
    op.create_table(
        "line_group",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("strategy", sa.String(length=24), nullable=False),
        sa.Column("line_order", sa.JSON(), nullable=False),
        sa.Column("prefixes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="line_group_pkey"),
    )


def _policy() -> None:
    op.create_table(
        "sim_policy",
        sa.Column("subject", sa.String(length=48), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in LIMITS),
        sa.Column("window_minutes", sa.Text(), nullable=True),
        sa.Column("min_balance", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("subject", name="sim_policy_pkey"),
    )


def _use() -> None:
    op.create_table(
        "sim_use",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("iccid", sa.String(length=22), nullable=False),
        sa.Column("line", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=True),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("began", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("billed_seconds", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("answer_delay", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="sim_use_pkey"),
    )
    op.create_index("sim_use_iccid", "sim_use", ["iccid", "began"])
    op.create_index("sim_use_began", "sim_use", ["began"])
    op.create_index("sim_use_state", "sim_use", ["state"])
    op.create_table(
        "sim_sms",
        sa.Column("iccid", sa.String(length=22), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("iccid", "hour", name="sim_sms_pkey"),
    )
