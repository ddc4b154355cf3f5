"""The prompts the product itself plays, by name; those of IVR flows and queues come on top."""

from __future__ import annotations

REQUIRED_PROMPTS = (
    "music",
    "invalid",
    "please-hold",
    "you-are-number",
    *(f"n{number}" for number in range(1, 21)),
    "n20-plus",
    "in-queue",
    "no-agent",
    "line-busy",
    "agent-logged-in",
    "agent-logged-out",
    "agent-paused",
    "agent-unpaused",
    "wrong-code",
    "caller-gone",
    "busy-tone",
)
