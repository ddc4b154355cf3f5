"""Messages (SMS), USSD and balances of the lines: from the modem to the store and back.

Theory of operation. One ``MessageStore`` has a thread that writes; each line has a ``Messages``, which the hardware
loop drives and which never waits for the disk:

* in: read or told → decoded (``gateways.gsm.sms``) → committed → deleted from the modem, or acknowledged → joined;
  delivered to the store exactly once, because a part's digest is its key and nothing is deleted before the commit;
* out: ordered in the store → cut in parts → claimed (``sending`` is committed) → given to the modem → settled; sent at
  most once, because what was cut off in between becomes ``unknown`` and is not tried again (see ``outcome``);
* USSD: one session a line (``ussd``); balances by the rules of carriers (``balance``).
"""

from __future__ import annotations

from gateways.gsm.messages.events import (
    Balance,
    MessageDelivered,
    MessageEvent,
    MessageFailed,
    MessageReceived,
    MessageSent,
    UssdAnswer,
)
from gateways.gsm.messages.line import Messages
from gateways.gsm.messages.store import MessageStore
from gateways.gsm.messages.wire import Wire

__all__ = [
    "Balance",
    "MessageDelivered",
    "MessageEvent",
    "MessageFailed",
    "MessageReceived",
    "MessageSent",
    "MessageStore",
    "Messages",
    "UssdAnswer",
    "Wire",
]
