"""The data link of a D channel, point to point, either side (ITU-T Q.921 §5, Annex B; the numbers of states are its).

Pure: frames and the time (seconds) go in, what is to be done comes out. Layer 1 is not in it.
"""

from __future__ import annotations

from tests.pstn.exchange.coding import CodingError
from tests.pstn.exchange.lapdevents import Deliver, Down, LinkEvent, LinkState, LinkTimers, Role, Up
from tests.pstn.exchange.lapdframe import MODULUS, Frame, FrameKind, decode
from tests.pstn.exchange.lapdoutput import LinkOutput
from tests.pstn.exchange.lapdwindow import Window

_COMMANDS = ("SABME", "DISC", "I", "UI")
_RESPONSES = ("UA", "DM", "FRMR")


class DataLink:
    """One end of the link. Take what is to be done with ``events()`` after each call."""

    def __init__(self, role: Role = "network", timers: LinkTimers | None = None) -> None:
        self._role = role
        self.timers = timers or LinkTimers()
        self.state = LinkState.RELEASED
        self.busy = False
        self._out = LinkOutput(role)
        self._window = Window(self.timers.k)
        self._vr = 0
        self._tries = 0
        self._asked_above = False
        self._peer_busy = self._rejecting = self._owes_ack = False
        self._t200: float | None = None
        self._t203: float | None = None

    # What layer 3 asks

    def establish(self, now: float) -> None:
        """DL-ESTABLISH request: also begins anew on a link that is up."""
        self._window.reset(forget_waiting=True)
        self._begin(now, asked_above=True)

    def release(self, now: float) -> None:
        """DL-RELEASE request."""
        if self.state in (LinkState.RELEASED, LinkState.RELEASING):
            return
        self._window.reset(forget_waiting=True)
        self._tries, self._t203, self._t200 = 0, None, now + self.timers.t200
        self.state = LinkState.RELEASING
        self._out.command("DISC", pf=True)

    def send(self, data: bytes, now: float) -> None:
        """DL-DATA request: sent in order as the window allows; lost when the link is down."""
        if self.state in (LinkState.ESTABLISHED, LinkState.RECOVERY, LinkState.ESTABLISHING):
            self._window.put(data)
            self._transmit_waiting(now)

    def set_busy(self, busy: bool) -> None:
        """Own receiver busy: RNR stops the other side, RR lets it go on (Q.921 §5.6.5)."""
        if busy != self.busy:
            self.busy = busy
            if self.state in (LinkState.ESTABLISHED, LinkState.RECOVERY):
                self._response("RNR" if busy else "RR")

    def reject_frame(self) -> None:
        """Send a FRMR, as exchanges of the older Q.921 do (§3.6.11), to see the other side establish anew."""
        rejected = bytes((0x00, 0x00, self._window.vs << 1, self._vr << 1, 0x01))  # Figure 6: W, undefined control
        self._response("FRMR", data=rejected)

    def drop(self) -> None:
        """Forget the link without a word, as an exchange does that loses power."""
        self._forget("dropped")

    def events(self) -> list[LinkEvent]:
        """Return, and forget, what is to be done."""
        return self._out.take()

    # Time

    def deadline(self) -> float | None:
        """When ``tick`` is wanted, at the latest."""
        return min((at for at in (self._t200, self._t203) if at is not None), default=None)

    def tick(self, now: float) -> None:
        """T200 or T203 may have expired."""
        if self._t200 is not None and now >= self._t200:
            self._t200 = None
            self._t200_expired(now)
        elif self._t203 is not None and now >= self._t203:
            self._t203, self._tries = None, 0
            self._enquire(now)

    def _t200_expired(self, now: float) -> None:
        if self.state is LinkState.ESTABLISHED:
            self._tries = 0
            self._enquire(now)
        elif self._tries >= self.timers.n200:
            self._gave_up(now)
        elif self.state is LinkState.RECOVERY:
            self._enquire(now)
        else:
            self._tries += 1
            self._t200 = now + self.timers.t200
            self._out.command("SABME" if self.state is LinkState.ESTABLISHING else "DISC", pf=True)

    def _gave_up(self, now: float) -> None:
        if self.state is LinkState.RECOVERY:
            self._out.trouble("I", "no answer to enquiries", fault=False)
            self._begin(now, asked_above=False)
        elif self.state is LinkState.ESTABLISHING:
            self._out.trouble("G", "no answer to SABME", fault=False)
            self._forget("no answer to SABME")
        else:
            self._out.trouble("H", "no answer to DISC", fault=False)
            self._forget("no answer to DISC")

    def receive(self, octets: bytes, now: float) -> None:
        """Take a frame without FCS."""
        try:
            frame = decode(octets)
        except CodingError as error:
            self._out.trouble("L", str(error))
            if self.state in (LinkState.ESTABLISHED, LinkState.RECOVERY):
                self._begin(now, asked_above=False)
            return
        if frame.sapi != 0 or frame.tei != 0:
            self._out.trouble("L", f"SAPI {frame.sapi} TEI {frame.tei} on a point-to-point link")
            return
        self._take(frame, frame.cr == (self._role == "user"), now)
        if self.state is LinkState.ESTABLISHED:
            self._transmit_waiting(now)
        if self._owes_ack:
            self._owes_ack = False
            self._response("RNR" if self.busy else "RR")

    def _take(self, frame: Frame, command: bool, now: float) -> None:
        if frame.kind in (_RESPONSES if command else _COMMANDS):
            self._out.trouble("L", f"{frame.kind} as a {'command' if command else 'response'}")
            return
        match frame.kind:
            case "SABME":
                self._take_sabme(frame, now)
            case "DISC":
                self._take_disc(frame)
            case "UA":
                self._take_ua(frame, now)
            case "DM":
                self._take_dm(frame, now)
            case "FRMR":
                self._take_frmr(now)
            case "I" | "RR" | "RNR" | "REJ":
                if self.state in (LinkState.ESTABLISHED, LinkState.RECOVERY):
                    self._take_numbered(frame, command, now)
            case _:
                self._out.trouble("L", f"{frame.kind} is not used on a PRI link")

    def _take_sabme(self, frame: Frame, now: float) -> None:
        if self.state is LinkState.RELEASING:
            self._response("DM", pf=frame.pf)
            return
        self._response("UA", pf=frame.pf)
        if self.state is LinkState.ESTABLISHING:
            return  # both sides ask at once: each answers, and is up with the other's answer (§5.5.6.1)
        reset = self.state is not LinkState.RELEASED
        if reset:
            self._out.trouble("F", "the other side establishes anew", fault=False)
        self._established(reset, now)

    def _take_disc(self, frame: Frame) -> None:
        if self.state in (LinkState.RELEASED, LinkState.ESTABLISHING):
            self._response("DM", pf=frame.pf)
            return
        self._response("UA", pf=frame.pf)
        if self.state is not LinkState.RELEASING:
            self._forget("released by the other side")

    def _take_ua(self, frame: Frame, now: float) -> None:
        if self.state is LinkState.ESTABLISHING and frame.pf:
            self._established(not self._asked_above, now)
        elif self.state is LinkState.RELEASING and frame.pf:
            self._forget("released")
        else:
            self._out.trouble("C" if frame.pf else "D", "unsolicited UA")

    def _take_dm(self, frame: Frame, now: float) -> None:
        if self.state in (LinkState.ESTABLISHING, LinkState.RELEASING):
            if frame.pf:
                self._forget("refused by the other side" if self.state is LinkState.ESTABLISHING else "released")
        elif frame.pf and self.state is LinkState.ESTABLISHED:
            self._out.trouble("B", "unsolicited DM with F")
        elif not frame.pf or self.state is LinkState.RECOVERY:
            self._out.trouble("E", "DM: the other side has no link", fault=False)
            self._begin(now, asked_above=self.state is LinkState.RELEASED)

    def _take_frmr(self, now: float) -> None:
        if self.state in (LinkState.ESTABLISHED, LinkState.RECOVERY):
            self._out.trouble("K", "FRMR: the other side rejects a frame of ours")
            self._begin(now, asked_above=False)

    def _take_numbered(self, frame: Frame, command: bool, now: float) -> None:
        if not self._window.holds(frame.nr):
            self._out.trouble("J", f"N(R)={frame.nr} outside V(A)={self._window.va}..V(S)={self._window.vs}")
            self._begin(now, asked_above=False)
        elif len(frame.data) > self.timers.n201:
            self._out.trouble("O", f"{len(frame.data)} octets of information; {self.timers.n201} are allowed (N201)")
            self._begin(now, asked_above=False)
        elif frame.kind == "I":
            self._take_information(frame)
            self._acknowledged(frame, now)
        else:
            self._peer_busy = frame.kind == "RNR"
            if command and frame.pf:
                self._response("RNR" if self.busy else "RR", pf=True)
            elif frame.pf and self.state is LinkState.ESTABLISHED:
                self._out.trouble("A", f"unsolicited {frame.kind} response with F")
            self._recovered(frame, command, now)

    def _recovered(self, frame: Frame, command: bool, now: float) -> None:
        if self.state is LinkState.RECOVERY and not command and frame.pf:
            self._window.acknowledge(frame.nr)
            self.state, self._t200, self._t203 = LinkState.ESTABLISHED, None, now + self.timers.t203
            self._window.go_back()
        elif frame.kind == "REJ" and self.state is LinkState.ESTABLISHED:
            self._window.acknowledge(frame.nr)
            self._t200, self._t203 = None, now + self.timers.t203
            self._window.go_back()
        else:
            self._acknowledged(frame, now)
        if self._peer_busy and self.state is LinkState.ESTABLISHED and self._t200 is None:
            self._t200, self._t203 = now + self.timers.t200, None  # asks until the other side is ready (§5.6.5)

    def _take_information(self, frame: Frame) -> None:
        if self.busy:
            self._owes_ack = False
            self._response("RNR", pf=frame.pf)
        elif frame.ns == self._vr:
            self._vr = (self._vr + 1) % MODULUS
            self._rejecting = False
            self._out.tell(Deliver(frame.data))
            if frame.pf:
                self._response("RR", pf=True)
            else:
                self._owes_ack = True
        elif self._rejecting:
            if frame.pf:
                self._response("RR", pf=True)
        else:
            self._rejecting = True
            self._response("REJ", pf=frame.pf)

    def _acknowledged(self, frame: Frame, now: float) -> None:
        moved = self._window.acknowledge(frame.nr)
        if self.state is LinkState.RECOVERY:
            return
        if not self._window.outstanding and not self._peer_busy:
            self._t200, self._t203 = None, now + self.timers.t203
        elif moved:
            self._t200 = now + self.timers.t200

    def _transmit_waiting(self, now: float) -> None:
        while self.state is LinkState.ESTABLISHED and not self._peer_busy and (next_one := self._window.take()):
            self._out.command("I", ns=next_one[0], nr=self._vr, data=next_one[1])
            self._owes_ack = False
            if self._t200 is None:
                self._t200, self._t203 = now + self.timers.t200, None

    def _enquire(self, now: float) -> None:
        self.state = LinkState.RECOVERY
        self._tries += 1
        self._t200, self._t203 = now + self.timers.t200, None
        self._out.command("RNR" if self.busy else "RR", pf=True, nr=self._vr)

    def _begin(self, now: float, asked_above: bool) -> None:
        """Q.921 Annex B "establish data link"."""
        self._asked_above = asked_above
        self._peer_busy = self._rejecting = self._owes_ack = False
        self._tries, self._t203, self._t200 = 0, None, now + self.timers.t200
        self.state = LinkState.ESTABLISHING
        self._out.command("SABME", pf=True)

    def _established(self, reset: bool, now: float) -> None:
        self._window.reset(forget_waiting=self.state is not LinkState.ESTABLISHING)
        self._vr = 0
        self._peer_busy = self._rejecting = self._owes_ack = False
        self._t200, self._t203 = None, now + self.timers.t203
        self.state = LinkState.ESTABLISHED
        self._out.tell(Up(reset))

    def _forget(self, reason: str) -> None:
        self._window.reset(forget_waiting=True)
        self._t200 = self._t203 = None
        self.state = LinkState.RELEASED
        self._out.tell(Down(reason))

    def _response(self, kind: FrameKind, pf: bool = False, data: bytes = b"") -> None:
        if kind in ("RR", "RNR", "REJ"):
            self._owes_ack = False
        self._out.response(kind, pf, self._vr, data)
