"""Number Display and Modem Dial-in on an analogue line in Japan: the exchange's part, phase by phase (see fsk.py)."""

from __future__ import annotations

import time

from tests.pstn.exchange.fxs import FxsLine

CAR = (500, 500)
IR = (1000, 2000)
FIRST_ANSWER = 6.0
BEFORE_DATA = 0.2
"""Seconds from the first answer; 0.1 at least."""
FLASH, DEBOUNCE = 150, 100
"""ms: an opening of the loop is taken at once."""


def ring_with_number(line: FxsLine, data: bytes, patience: float = 10.0) -> bool:
    """Call the gateway: ``data`` is caller_id_audio("v23-japan", …). Returns when the real ring has begun.

    False: the phone has no display, or did not say that it has the number; it rings all the same. Raises TimeoutError
    when an answer to CAR lasts longer than ``patience`` after the data.
    """
    line.set_times(FLASH, DEBOUNCE)
    line.reverse(True)
    line.reception = True
    line.ring(cadence=CAR)
    try:
        line.wait_off_hook(FIRST_ANSWER)
    except TimeoutError:
        line.reception = False
        line.stop_ringing()
        line.ring(cadence=IR)
        return False
    time.sleep(BEFORE_DATA)
    line.play(data)
    line.wait_on_hook(len(data) / 16000 + patience)
    line.ring(cadence=IR)
    return True
