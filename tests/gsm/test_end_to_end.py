"""Calls through the whole gateway: simulated modem, trunk, SIP and RTP to a stand-in of the core and back."""

from __future__ import annotations

import numpy as np

from gateways.gsm.simulator.tones import tone
from gateways.line import AudioStarted, Ended
from gateways.sipmessage import SipMessage
from tests.gsm.conftest import Floor, until

CALLER = "+819012345678"


def level_at(pcm: bytes, hertz: float) -> float:
    """The share of the power that lies at a frequency, 0 to 1."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(float)
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    bins = np.fft.rfftfreq(len(samples), 1 / 8000)
    return float(power[abs(bins - hertz) < 20].sum()) / max(float(power.sum()), 1.0)


def test_incoming_call_with_audio_both_ways_and_digits(floor: Floor) -> None:
    call = floor.bank.subscriber(CALLER).dial("+818000000001")
    invite = floor.core.wait_invite()
    message = SipMessage(invite["message"])
    assert message.called == "+818000000001"
    assert message.header("X-Callfloor-Line") == "gsm-1"
    assert f"<sip:{CALLER}@gsm>" in (message.header("From") or "")
    assert not call.answered, "the caller must not pay before the core has answered"
    floor.core.do(op="answer", call=invite["call"], status=200)
    assert call.wait_answered(5)
    call.play(tone((1000.0,), 1500, -10)).wait(5)
    assert call.wait_heard(100, 5)
    call.send_digits("159#")
    for digit in "159#":
        floor.core.wait_digit(digit)
    heard = call.heard_pcm()[-16000 * 3 :]
    assert level_at(heard, 1000) > 0.3, "the subscriber must hear itself from the core's echo"
    floor.core.do(op="digits", call=invite["call"], digits="7")
    assert until(lambda: [digit for _, digit in call.digits] == ["7"])
    ends = len(floor.told)
    call.hang_up()
    assert floor.core.wait_reason().startswith("Q.850;cause=16")
    floor.core.wait_state("DISCONNECTED")
    floor.wait_state("gsm-1", "idle", since=ends)


def test_outgoing_call(floor: Floor) -> None:
    floor.bank.subscriber(CALLER).behaves("answers", after=0.5)
    floor.dial(CALLER)
    floor.core.wait_state("EARLY")
    received = floor.bank.subscriber(CALLER).wait_call(5)
    floor.core.wait_state("CONFIRMED")
    assert received.wait_answered(1)
    received.play(tone((800.0,), 800, -10))
    assert received.wait_heard(60, 5)
    floor.core.do(op="hangup", call=0)
    assert received.wait_ended(5)
    floor.wait_state("gsm-1", "cooling-down")
    ended = [event for event in floor.told if isinstance(event, Ended)]
    assert [(event.who, event.cause) for event in ended] == [("near", 16)]
    assert sum(isinstance(event, AudioStarted) for event in floor.told) == 1
