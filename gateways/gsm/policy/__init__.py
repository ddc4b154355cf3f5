"""What a SIM may be used for, and what it was used for: limits, locks, counters and quality, kept by ICCID.

    store ─► restore ─► SimPolicy (service.py) ─► may_dial / may_send ─► refusal, or how long the call may last
                             │   ▲
                             ▼   └── call_began, call_answered, call_ended, sms_sent, balance_told  ◄─ gateway
                          writer ─► store

``limits``, ``periods``, ``usage``, ``rules`` and ``quality`` are pure: the time is an argument. ``service`` is driven
from one thread and never waits; ``writer`` has a thread of its own.
"""
