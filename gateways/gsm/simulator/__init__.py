"""A bank of simulated modems on a virtual GSM network, for tests, the demo and bench work.

Each modem is an AT pty and a PCM pty behind links with lasting names (DIR/gsm-1-at, DIR/gsm-1-pcm), and behind links by
where it is plugged (DIR/usb/1-1.1/if02). Which families there are says families/; the default is the Quectel EC25. They
are written from the vendors' AT manuals, 3GPP TS 27.007 and ITU-T V.250, not from our driver.

From a shell:

    python -m gateways.gsm.simulator --directory /tmp/bank --lines 4 --control /tmp/bank/control
    echo '{"op": "call", "from": "+819012345678", "to": "+818000000001"}' | nc -U /tmp/bank/control

From Python, on a thread of this process:

    with Bank(directory, lines=["+818000000001", "+818000000002"], families=["huawei", "simcom"]) as bank:
        caller = bank.subscriber("+819012345678")
        call = caller.dial("+818000000001")               # gsm-1 rings
        assert call.wait_answered(10)
        call.play(pcm).wait(5)                            # s16le, 8 kHz, mono: bytes, frames, or a function
        call.send_digits("1")                             # DTMF as tones in the audio
        call.heard()                                      # [(monotonic_ns of arrival on the PCM port, 320 bytes), …]
        call.spoken()                                     # [(monotonic_ns of the write to the PCM port, 320 bytes), …]
        call.hang_up()                                    # or call.wait_ended(10); call.cause
        callee = bank.subscriber("+819099999999").behaves("answers", after=1.0)   # rings, busy, rejects, absent
        received = callee.wait_call(10)                   # when a line has dialled that number
        caller.send_sms("नमस्ते", "+818000000001", alphabet="hindi", report=True)     # +CMTI at gsm-1; smsphone.py
        callee.wait_messages(1, 10)[0].text               # when a line has sent one; bank.smsc lists all that went by
        bank.loop.call(lambda: bank.ussd.push("+818000000001", "Hello"))              # menus and balances: ussd.py
        bank.fault("gsm-1", "vanish", seconds=2.0)        # faultkinds.py lists them; bank.clear_faults("gsm-1")
        bank.fault("gsm-1", "hang", cured_by="power")     # then bank.power_cycle("gsm-1"), bank.reauthorise("gsm-1")
        bank.where("gsm-1")                               # {"path": "1-1.1", "at": "/dev/pts/7", …}

A subscriber speaks all the time, silence (or `subscriber.noise_dbm0`) when nothing is queued. A number nobody has
gives cause 1. Nothing blocks: a host that does not read its PCM port loses frames, see `bank.state()`. `bank.lateness`
tells how well the 20 ms tick was kept; other threads of the process that compute in Python make it late (5 ms slices).
"""

from .bank import Bank, identity
from .faults import FaultError
from .leg import Identity
from .network import Cause, State, Timing
from .programme import Piece
from .subscriber import Manner, Present, Subscriber, SubscriberCall

__all__ = [
    "Bank",
    "Cause",
    "FaultError",
    "Identity",
    "Manner",
    "Piece",
    "Present",
    "State",
    "Subscriber",
    "SubscriberCall",
    "Timing",
    "identity",
]
