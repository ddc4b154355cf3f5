"""The wall clock. Durations come from the loop's clock, which never jumps; this one is for what people read."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)
