"""What goes wrong with a message on its way between text and PDU."""

from __future__ import annotations


class SmsError(ValueError):
    """A PDU that cannot be read or a message that cannot be written; the text says why and what to do."""
