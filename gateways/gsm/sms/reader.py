"""A PDU read from its front, so that one cut short says what is missing."""

from __future__ import annotations

from gateways.gsm.sms.errors import SmsError


class Reader:
    """Takes octets off the front of ``octets``."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._place = 0

    @property
    def left(self) -> int:
        """Octets not taken yet."""
        return len(self._octets) - self._place

    def octet(self, what: str) -> int:
        """Take one octet; SmsError when there is none, naming ``what``."""
        return self.take(1, what)[0]

    def take(self, count: int, what: str) -> bytes:
        """Take ``count`` octets; SmsError when there are fewer, naming ``what``."""
        if self.left < count:
            raise SmsError(f"PDU cut short: {what} needs {count} octets at octet {self._place}, {self.left} are left")
        self._place += count
        return self._octets[self._place - count : self._place]
