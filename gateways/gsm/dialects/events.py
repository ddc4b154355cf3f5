"""The neutral events: what a modem's lines mean, whatever its family; sources in 3GPP TS 27.007 and TS 27.005."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CallState = Literal["incoming", "waiting", "dialing", "alerting", "active", "held", "ended"]
SimState = Literal["READY", "PIN", "PUK", "MISSING", "BUSY"]
IdentityKind = Literal["imei", "imsi", "iccid", "manufacturer", "model", "firmware"]


@dataclass(frozen=True, slots=True)
class Ring:
    """A voice call rings (RING, +CRING: VOICE)."""


@dataclass(frozen=True, slots=True)
class CallerId:
    """The caller's number (+CLIP); None with ``withheld`` when the network says that it will not come."""

    number: str | None
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class CallInfo:
    """A call's state, from a URC or a row of AT+CLCC. None: the line does not say.

    Not ``voice``: the data bearer that LTE lists as a call. ``duration`` is in seconds, ``cause`` Q.850 as the network
    gave it (cc_cause), ``reason`` the modem's own words or number for the end; ``answered``: whether a call that ended
    had been through.
    """

    index: int | None
    outgoing: bool | None
    state: CallState
    number: str | None = None
    voice: bool = True
    duration: int | None = None
    cause: int | None = None
    reason: str | None = None
    answered: bool | None = None


@dataclass(frozen=True, slots=True)
class CallResult:
    """NO CARRIER and its like, unsolicited. ``cause`` is Q.850 where the word says it."""

    cause: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Registration:
    """``stat`` of +CREG (``domain`` cs), +CGREG (ps) or +CEREG (eps): 3GPP TS 27.007 §7.2, §10.1.20, §10.1.22.

    ``lac`` (or tac) and ``ci`` are hexadecimal as the modem wrote them, ``act`` the access technology's number.
    """

    domain: Literal["cs", "ps", "eps"]
    stat: int
    lac: str | None = None
    ci: str | None = None
    act: int | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """Received power in dBm, None: not known; ``csq`` is the number of +CSQ (0 to 31, 99) where that was told."""

    dbm: int | None
    csq: int | None = None


@dataclass(frozen=True, slots=True)
class Operator:
    """The network the modem is on: its name, or ``mccmnc`` digits where the modem tells numbers."""

    name: str | None
    mccmnc: str | None = None


@dataclass(frozen=True, slots=True)
class Sim:
    """What the SIM wants or is."""

    state: SimState


@dataclass(frozen=True, slots=True)
class Identity:
    """What the modem or its SIM is."""

    kind: IdentityKind
    value: str


@dataclass(frozen=True, slots=True)
class AudioReady:
    """The modem's audio port can (or cannot) take samples."""

    ready: bool


@dataclass(frozen=True, slots=True)
class Tone:
    """A DTMF digit that the modem heard from the far party."""

    digit: str


@dataclass(frozen=True, slots=True)
class Restarted:
    """The modem has just booted: all it was told is forgotten."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A part of the modem can be used from now on."""

    kind: Literal["call", "sms", "sim"]


@dataclass(frozen=True, slots=True)
class SmsStored:
    """A message (``report``: a status report) was put into storage ``mem`` at ``index`` (TS 27.005 §3.4.1)."""

    mem: str
    index: int
    report: bool = False


@dataclass(frozen=True, slots=True)
class SmsPdu:
    """A message as PDU: SMSC address and TPDU in one (TS 27.005 §3.1 <pdu>), from +CMT, +CDS, +CMGR or +CMGL.

    ``report``: it came as a status report (+CDS). ``index`` is its place in storage, if it has one; ``stat`` 0 received
    unread, 1 received read, 2 stored unsent, 3 stored sent.
    """

    pdu: bytes
    length: int | None = None
    report: bool = False
    index: int | None = None
    stat: int | None = None


@dataclass(frozen=True, slots=True)
class SmsText:
    """A message in text mode (+CMT, +CMGR, +CMGL after AT+CMGF=1), characters as the modem wrote them."""

    sender: str | None
    scts: str | None
    text: str
    index: int | None = None
    stat: str | None = None


@dataclass(frozen=True, slots=True)
class SmsReportText:
    """A status report in text mode (+CDS, +CMGR, +CMGL after AT+CMGF=1), as the modem wrote it; ``status`` is TP-ST."""

    ref: int
    recipient: str | None
    scts: str | None
    discharge: str | None
    status: int
    index: int | None = None


@dataclass(frozen=True, slots=True)
class SmsRef:
    """The network took the message that was sent, under this reference (+CMGS, TP-MR)."""

    ref: int


@dataclass(frozen=True, slots=True)
class SmsMemoryFull:
    """The modem has no room for messages any more; it will tell of no new one."""

    mem: str | None


@dataclass(frozen=True, slots=True)
class Ussd:
    """+CUSD (TS 27.007 §7.15): ``m`` 0 done, 1 an answer is wanted, 2 ended by the network, 3 other client, 4 not
    supported, 5 time out. ``raw`` is the string as the modem wrote it, ``dcs`` its coding (TS 23.038 §5), if told.
    """

    m: int
    raw: str | None = None
    dcs: int | None = None


@dataclass(frozen=True, slots=True)
class Chatter:
    """A line that is understood and says nothing of use here."""


NeutralEvent = (
    Ring
    | CallerId
    | CallInfo
    | CallResult
    | Registration
    | Signal
    | Operator
    | Sim
    | Identity
    | AudioReady
    | Tone
    | Restarted
    | Ready
    | SmsStored
    | SmsPdu
    | SmsText
    | SmsReportText
    | SmsRef
    | SmsMemoryFull
    | Ussd
    | Chatter
)
