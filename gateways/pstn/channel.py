"""A channel that carries audio: an FXO or FXS port, or a B channel."""

from __future__ import annotations

import contextlib
import errno
from typing import Final, Literal

from gateways.pstn import ioctl
from gateways.pstn.dahdierror import DahdiError
from gateways.pstn.g711 import Law, gain_table
from gateways.pstn.handle import Handle
from gateways.pstn.zones import ZONES

Tone = Literal["dial", "busy", "ringback", "congestion"]
TONES: Final[dict[Tone | None, int]] = {
    None: ioctl.TONE_STOP,
    "dial": ioctl.TONE_DIAL,
    "busy": ioctl.TONE_BUSY,
    "ringback": ioctl.TONE_RINGBACK,
    "congestion": ioctl.TONE_CONGESTION,
}
LAWS: Final[dict[Law, int]] = {"alaw": ioctl.LAW_ALAW, "ulaw": ioctl.LAW_MULAW}
ECHO_TAPS: Final = (32, 64, 128, 256, 512, 1024)
_DIALLED = frozenset("0123456789*#ABCD")
_PULSED = frozenset("0123456789")
_HOOK = {errno.EBUSY: "the hook does not rest yet: an earlier ring, flash or hang-up has not ended"}


class Channel(Handle):
    """See the module and ``Handle``. One thread at a time.

    Audio goes in blocks of ``block`` samples at 8 kHz, s16le (``linear``) or a byte each in the channel's law. The
    driver keeps ``buffers`` blocks each way; it drops what comes when they are full and sends silence when it has none.
    A B channel is put in audio mode.
    """

    def __init__(self, number: int, *, linear: bool = True, block: int = 160, buffers: int = 16) -> None:
        self._wanted = linear, block, buffers
        self._analogue = False
        super().__init__(number)

    def _prepare(self) -> None:
        linear, block, buffers = self._wanted
        info = self.info()
        self._analogue = info.analogue
        if info.signalling == "clear":
            self._put("audio mode", ioctl.AUDIOMODE, 1)
        self._set_buffers(block, buffers)
        self.set_linear(linear)

    def off_hook(self) -> None:
        """Close the loop (FXO), or stop the ring and give battery (FXS)."""
        self._hook(ioctl.OFFHOOK)

    def on_hook(self) -> None:
        """Open the loop (FXO), or drop battery for half a second (FXS kewlstart). Audio that waits is forgotten."""
        self._hook(ioctl.ONHOOK)

    def flash(self) -> None:
        """Open the loop for a moment; HOOKCOMPLETE comes after it. Raises DahdiError (EBUSY) while on-hook."""
        self._hook(ioctl.FLASH)

    def wink(self) -> None:
        """Close the loop for a moment (E&M)."""
        self._hook(ioctl.WINK)

    def ring(self) -> None:
        """Ring with the cadence of the channel (FXS), or begin to seize the line (FXO groundstart)."""
        self._hook(ioctl.RING)

    def ring_off(self) -> None:
        """Stop the ring (FXS)."""
        self._hook(ioctl.RINGOFF)

    def _hook(self, state: int) -> None:
        try:
            self._put("hook", ioctl.HOOK, state, _HOOK)
        except DahdiError as error:
            # What takes time is only begun, on a descriptor that must not block.
            if error.errno != errno.EINPROGRESS:
                raise

    def dial(self, digits: str, pulse: bool = False) -> None:
        """Dial 0-9 (and * # A-D by tone); ``,`` and ``w`` wait half a second. DIALCOMPLETE comes at the end.

        Digits given while others are dialled follow them. Anything written meanwhile ends it without an event, so do
        hook and tone; what is heard meanwhile is silence. Pulses need the port to be off-hook for some 600 ms already.
        Raises ValueError for other characters.
        """
        text = digits.upper().replace(",", "W")
        if not set(text) <= (_PULSED if pulse else _DIALLED) | {"W"} or not 0 < len(text) < ioctl.MAX_DIAL:
            raise ValueError(f"cannot dial {digits!r} by {'pulse' if pulse else 'tone'}")
        with self._told("dial"):
            ioctl.call(
                self.fd, ioctl.DIAL, ioctl.DialOperation(ioctl.DIAL_APPEND, f"{'P' if pulse else 'T'}{text}".encode())
            )

    @property
    def dialling(self) -> bool:
        """Digits are being sent."""
        with self._told("dial"):
            return ioctl.get(self.fd, ioctl.DIALING) != 0

    def stop_dialling(self) -> None:
        """Forget the digits not sent yet; no event comes."""
        with self._told("dial"):
            ioctl.call(self.fd, ioctl.DIAL, ioctl.DialOperation(ioctl.DIAL_CANCEL, b""))

    def tone(self, name: Tone | None) -> None:
        """Send a tone of the zone until told otherwise or something is written; None: stop."""
        self._put(f"tone {name}", ioctl.SENDTONE, TONES[name], {errno.ENOSYS: "the tone zone has no such tone"})

    def set_zone(self, zone: str) -> None:
        """Take tones and ring cadence of a zone such as ``us``. Raises ValueError if there is none of that name."""
        if zone not in ZONES:
            raise ValueError(f"no tone zone {zone!r}: one of {', '.join(sorted(ZONES))}")
        missing = f"it is not loaded: write loadzone={zone} in /etc/dahdi/system.conf and run `dahdi_cfg`"
        self._put(f"tone zone {zone}", ioctl.SETTONEZONE, ZONES[zone], {errno.EINVAL: missing, errno.ENODATA: missing})

    def set_gains(self, rx_db: float, tx_db: float) -> None:
        """Amplify what is heard and what is sent, in dB; 0 leaves it bit-exact."""
        law = self.info().law
        with self._told("gains"):
            ioctl.call(self.fd, ioctl.SETGAINS, ioctl.Gains.of(gain_table(law, rx_db), gain_table(law, tx_db)))

    def echo_cancel(self, taps: int) -> None:
        """Cancel the echo with so many taps (of 1/8 ms; one of ECHO_TAPS), or not (0).

        Without an ``echocanceller=`` in system.conf or one on the card this does nothing.
        """
        if taps not in (0, *ECHO_TAPS):
            raise ValueError(f"{taps} taps: 0 or one of {ECHO_TAPS}")
        self._put("echo canceller", ioctl.ECHOCANCEL, taps)

    def train_echo(self, milliseconds: int) -> None:
        """Mute for so long, then send an impulse and set the canceller by its echo; only while that is on."""
        off = "its echo canceller is off"
        self._put("echo training", ioctl.ECHOTRAIN, milliseconds, {errno.EINVAL: off})

    def set_linear(self, linear: bool) -> None:
        """Read and write s16le, or bytes of the channel's law."""
        self._put("linear mode", ioctl.SETLINEAR, int(linear))

    def set_law(self, law: Law) -> None:
        """Take another law than the span's until the channel is closed."""
        self._put(f"law {law}", ioctl.SETLAW, LAWS[law])

    def loop_back(self, wanted: bool) -> None:
        """Send back what is heard, while nothing is written."""
        self._put("loopback", ioctl.LOOPBACK, int(wanted))

    def close(self) -> None:
        """Go on-hook and let go, once; the channel stays open for who has a duplicate."""
        if self.fd >= 0 and self._analogue:
            with contextlib.suppress(DahdiError):  # the card may be gone
                self.on_hook()
        super().close()
