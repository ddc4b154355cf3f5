"""Speech of a modem's call: from the host to the network and back, one frame a tick."""

from typing import TYPE_CHECKING

from .leg import Leg, Stat
from .network import Call, State
from .tones import SILENCE, ringback

if TYPE_CHECKING:
    from .modem import Modem


class Speech:
    """Between `Voice` (the PCM port) and the network. A modem that hangs neither speaks nor listens."""

    def __init__(self, modem: "Modem") -> None:
        self._modem = modem
        self._cadence = 0

    def speak(self, leg: Leg | None, call: Call) -> bytes | None:
        """This tick's frame to the far end, None when it has been handed over before."""
        modem = self._modem
        if leg is None or leg.stat is not Stat.ACTIVE or modem.faults.hung:
            return SILENCE
        tone, frame = modem.voice.take_tone(), modem.voice.take()
        if tone is not None:
            return tone
        # A far end that is not paced has had the frame the moment it came (uplink).
        peer = call.peer(modem)
        return (frame or SILENCE) if peer is not None and peer.paced else None

    def listen(self, leg: Leg | None, frame: bytes) -> None:
        if leg is not None and leg.stat is Stat.ACTIVE and not self._modem.faults.hung:
            self._modem.voice.put(frame)

    def uplink(self, at_ns: int, frame: bytes) -> None:
        """A frame came from the host."""
        modem = self._modem
        leg = modem.voice_leg()
        peer = leg.call.peer(modem) if leg is not None else None
        if leg is not None and peer is not None and leg.call.audio_open and not peer.paced and not modem.faults.hung:
            peer.listen(leg.call, at_ns, frame)

    def tick(self) -> None:
        """Audio without a far end: the family's loop test, and ring-back under a false answer."""
        modem = self._modem
        if not modem.legs:
            if modem.voice.loop:
                modem.voice.live = True
                modem.voice.put(modem.voice.take() or SILENCE)
            return
        leg = modem.voice_leg()
        if leg is not None and leg.call.state is State.ALERTING:
            cadence = ringback()
            self._cadence = (self._cadence + 1) % len(cadence)
            modem.voice.put(cadence[self._cadence])
