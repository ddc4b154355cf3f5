"""First shape of the store: what is configured, the ledger, and Kamailio's view of the extensions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Kamailio's auth_db reads this: the digest (HA1) of extensions that are enabled, and never a password.
SUBSCRIBER = """
CREATE VIEW subscriber AS
SELECT number AS username, realm AS domain, CAST('' AS VARCHAR(1)) AS password, ha1 FROM extension WHERE enabled
"""


def upgrade() -> None:
    """Make all tables."""
    _people()
    _call_way()
    _call()
    _ledger()
    _setting_change()
    op.execute(SUBSCRIBER)


def _people() -> None:
    op.create_table(
        "extension",
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("realm", sa.String(length=64), nullable=False),
        sa.Column("ha1", sa.String(length=32), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="extension_pkey"),
    )
    op.create_table(
        "agent",
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="agent_pkey"),
    )
    op.create_table(
        "queue",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("strategy", sa.String(length=24), nullable=False),
        sa.Column("ring_timeout", sa.Integer(), nullable=False),
        sa.Column("wrap_up", sa.Integer(), nullable=False),
        sa.Column("max_wait", sa.Integer(), nullable=False),
        sa.Column("overflow_target", sa.String(length=64), nullable=False),
        sa.Column("announce_every", sa.Integer(), nullable=False),
        sa.Column("join_empty", sa.Boolean(), nullable=False),
        sa.Column("music", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name="queue_pkey"),
    )
    op.create_table(
        "queue_member",
        sa.Column("queue", sa.String(length=32), nullable=False),
        sa.Column("agent", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["agent"], ["agent.number"], name="queue_member_agent_fkey", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["queue"], ["queue.name"], name="queue_member_queue_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("queue", "agent", name="queue_member_pkey"),
    )


def _call_way() -> None:
    op.create_table(
        "line",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("gateway", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.Column("family", sa.String(length=16), nullable=False),
        sa.Column("at_port", sa.Text(), nullable=False),
        sa.Column("pcm_port", sa.Text(), nullable=True),
        sa.Column("line_group", sa.String(length=32), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("out_of_service_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="line_pkey"),
    )
    op.create_table(
        "route",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line", sa.String(length=32), nullable=True),
        sa.Column("did", sa.String(length=20), nullable=True),
        sa.Column("caller_prefix", sa.String(length=20), nullable=True),
        sa.Column("weekdays", sa.String(length=7), nullable=True),
        sa.Column("from_time", sa.String(length=5), nullable=True),
        sa.Column("to_time", sa.String(length=5), nullable=True),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("position", name="route_pkey"),
    )
    op.create_table(
        "ivr_flow",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="ivr_flow_pkey"),
    )


def _call() -> None:
    op.create_table(
        "call",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("core", sa.String(length=64), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("result", sa.String(length=16), nullable=True),
        sa.Column("line", sa.String(length=32), nullable=True),
        sa.Column("caller", sa.String(length=32), nullable=True),
        sa.Column("did", sa.String(length=32), nullable=True),
        sa.Column("queue", sa.String(length=32), nullable=True),
        sa.Column("agent", sa.String(length=16), nullable=True),
        sa.Column("extension", sa.String(length=16), nullable=True),
        sa.Column("ringing_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=10), nullable=True),
        sa.Column("cause", sa.Integer(), nullable=True),
        sa.Column("cause_text", sa.Text(), nullable=True),
        sa.Column("wait_seconds", sa.Float(), nullable=True),
        sa.Column("talk_seconds", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="call_pkey"),
    )
    op.create_index("call_agent", "call", ["agent", "ringing_at"])
    op.create_index("call_queue", "call", ["queue", "ringing_at"])
    op.create_index("call_ringing_at", "call", ["ringing_at"])
    op.create_index("call_state", "call", ["state"])


def _ledger() -> None:
    op.create_table(
        "call_event",
        sa.Column("call", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["call"], ["call.id"], name="call_event_call_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call", "seq", name="call_event_pkey"),
    )
    op.create_table(
        "recording",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("call", sa.String(length=36), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("channels", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("lost_frames", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["call"], ["call.id"], name="recording_call_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="recording_pkey"),
    )
    op.create_index("recording_call", "recording", ["call"])
    op.create_table(
        "agent_event",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agent", sa.String(length=16), nullable=False),
        sa.Column("extension", sa.String(length=16), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("call", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name="agent_event_pkey"),
    )
    op.create_index("agent_event_agent", "agent_event", ["agent", "at"])
    op.create_index("agent_event_at", "agent_event", ["at"])


def _setting_change() -> None:
    op.create_table(
        "setting_change",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("thing", sa.String(length=96), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="setting_change_pkey"),
    )
