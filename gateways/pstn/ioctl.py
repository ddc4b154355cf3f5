"""The ioctls of DAHDI: numbers, structures and constants of <dahdi/user.h>, 3.1; those used here are alike in 2.11.

tests/pstn/test_ioctl.py holds numbers and layouts against what a C compiler makes of that header.
"""

from __future__ import annotations

import ctypes
import fcntl
from typing import Final

_INT = ctypes.sizeof(ctypes.c_int)
_CODE = 0xDA  # DAHDI_CODE

ELAST: Final = 500
"""What read and write of a channel fail with while an event waits: DAHDI's own errno, greater than all of Linux's."""
MAX_SPANS: Final = 128
MAX_CADENCE: Final = 16
MAX_DIAL: Final = 255
"""DAHDI_MAX_DTMF_BUF without the final NUL."""
MIN_BLOCK: Final = 16
MAX_BLOCK: Final = 8192
MAX_BUFFERS: Final = 32
MAX_BUFFER_SPACE: Final = 32768


class BufferInfo(ctypes.Structure):
    """struct dahdi_bufferinfo: ``size`` in samples, two bytes each in linear mode. The driver fills in no counts."""

    _fields_ = [
        (name, ctypes.c_int) for name in ("tx_policy", "rx_policy", "number", "size", "read_full", "write_full")
    ]


class Params(ctypes.Structure):
    """struct dahdi_params. Times in ms."""

    _fields_ = [
        *(
            (name, ctypes.c_int)
            for name in ("channo", "spanno", "chanpos", "sigtype", "sigcap", "rxisoffhook", "rxbits", "txbits")
        ),
        *((name, ctypes.c_int) for name in ("txhooksig", "rxhooksig", "curlaw", "idlebits")),
        ("name", ctypes.c_char * 40),
        *((name, ctypes.c_int) for name in ("prewinktime", "preflashtime", "winktime", "flashtime", "starttime")),
        *((name, ctypes.c_int) for name in ("rxwinktime", "rxflashtime", "debouncetime")),
        *((name, ctypes.c_int) for name in ("pulsebreaktime", "pulsemaketime", "pulseaftertime")),
        ("chan_alarms", ctypes.c_uint32),
    ]


class SpanStatus(ctypes.Structure):
    """struct dahdi_spaninfo; packed."""

    _pack_ = 1
    _fields_ = [
        ("spanno", ctypes.c_int),
        ("name", ctypes.c_char * 20),
        ("desc", ctypes.c_char * 40),
        *((name, ctypes.c_int) for name in ("alarms", "txlevel", "rxlevel")),
        *((name, ctypes.c_int) for name in ("bpvcount", "crc4count", "ebitcount", "fascount")),
        *((name, ctypes.c_uint32) for name in ("fecount", "cvcount", "becount", "prbs", "errsec")),
        *((name, ctypes.c_int) for name in ("irqmisses", "syncsrc", "numchans", "totalchans", "totalspans")),
        *((name, ctypes.c_int) for name in ("lbo", "lineconfig")),
        ("lboname", ctypes.c_char * 40),
        ("location", ctypes.c_char * 40),
        ("manufacturer", ctypes.c_char * 40),
        ("devicetype", ctypes.c_char * 40),
        ("irq", ctypes.c_int),
        ("linecompat", ctypes.c_int),
        ("spantype", ctypes.c_char * 6),
    ]


class Maintenance(ctypes.Structure):
    """struct dahdi_maintinfo."""

    _fields_ = [("spanno", ctypes.c_int), ("command", ctypes.c_int)]


class Conference(ctypes.Structure):
    """struct dahdi_confinfo: ``chan`` 0 is the channel of the descriptor; ``confno`` the one to monitor."""

    _fields_ = [("chan", ctypes.c_int), ("confno", ctypes.c_int), ("confmode", ctypes.c_int)]


class Gains(ctypes.Structure):
    """struct dahdi_gains: for each companded byte another; ``chan`` 0 is the channel of the descriptor."""

    _fields_ = [("chan", ctypes.c_int), ("rx", ctypes.c_ubyte * 256), ("tx", ctypes.c_ubyte * 256)]

    @classmethod
    def of(cls, rx: bytes, tx: bytes) -> Gains:
        """Make it of two tables of 256 bytes."""
        return cls.from_buffer_copy(bytes(_INT) + rx + tx)


class DialOperation(ctypes.Structure):
    """struct dahdi_dialoperation."""

    _fields_ = [("op", ctypes.c_int), ("digits", ctypes.c_char * (MAX_DIAL + 1))]


class DialParams(ctypes.Structure):
    """struct dahdi_dialparams: tone lengths in ms, for all channels."""

    _fields_ = [(name, ctypes.c_int) for name in ("mfv1_tonelen", "dtmf_tonelen", "mfr2_tonelen")] + [
        ("reserved", ctypes.c_int * 3)
    ]


class RingCadence(ctypes.Structure):
    """struct dahdi_ring_cadence: ms on and off in turn, ending with 0."""

    _fields_ = [("times", ctypes.c_int * MAX_CADENCE)]


class Version(ctypes.Structure):
    """struct dahdi_versioninfo."""

    _fields_ = [("version", ctypes.c_char * 80), ("echo_canceller", ctypes.c_char * 80)]


def _number(direction: int, number: int, size: int) -> int:
    """<asm-generic/ioctl.h>: none, written by us (1) or read by us (2)."""
    return direction << 30 | size << 16 | _CODE << 8 | number


def _written(number: int, size: int = _INT) -> int:
    return _number(1, number, size)


def _read(number: int, size: int = _INT) -> int:
    return _number(2, number, size)


def _both(number: int, size: int) -> int:
    return _number(3, number, size)


FLUSH: Final = _written(3)
GET_PARAMS: Final = _both(5, ctypes.sizeof(Params))
SET_PARAMS: Final = _written(5, ctypes.sizeof(Params))
HOOK: Final = _written(7)
GETEVENT: Final = _read(8)
SPANSTAT: Final = _both(10, ctypes.sizeof(SpanStatus))
MAINT: Final = _written(11, ctypes.sizeof(Maintenance))
SETCONF: Final = _both(13, ctypes.sizeof(Conference))
SETGAINS: Final = _written(16, ctypes.sizeof(Gains))
SENDTONE: Final = _written(21)
SETTONEZONE: Final = _written(22)
GET_BUFINFO: Final = _read(27, ctypes.sizeof(BufferInfo))
SET_BUFINFO: Final = _written(27, ctypes.sizeof(BufferInfo))
SET_DIALPARAMS: Final = _written(29, ctypes.sizeof(DialParams))
DIAL: Final = _written(31, ctypes.sizeof(DialOperation))
AUDIOMODE: Final = _written(32)
ECHOCANCEL: Final = _written(33)
DIALING: Final = _read(35)
SPECIFY: Final = _written(38)
SETLAW: Final = _written(39)
SETLINEAR: Final = _written(40)
SETCADENCE: Final = _written(42, ctypes.sizeof(RingCadence))
ECHOTRAIN: Final = _written(50)
ONHOOKTRANSFER: Final = _written(51)
GETVERSION: Final = _read(57, ctypes.sizeof(Version))
LOOPBACK: Final = _written(58)
SETPOLARITY: Final = _written(92)
ECHOCANCEL_FAX_MODE: Final = _written(102)
BUFFER_EVENTS: Final = _written(105)

# DAHDI_HOOK
ONHOOK, OFFHOOK, WINK, FLASH, START, RING, RINGOFF = range(7)
# DAHDI_FLUSH
FLUSH_READ, FLUSH_WRITE, FLUSH_EVENT = 1, 2, 4
# DAHDI_DIAL
DIAL_APPEND, DIAL_REPLACE, DIAL_CANCEL = 1, 2, 3
# DAHDI_SENDTONE
TONE_STOP, TONE_DIAL, TONE_BUSY, TONE_RINGBACK, TONE_CONGESTION = -1, 0, 1, 2, 3
# DAHDI_SET_BUFINFO
POLICY_IMMEDIATE, POLICY_WHEN_FULL, POLICY_HALF_FULL = 0, 1, 2
# DAHDI_SETLAW, dahdi_params.curlaw
LAW_DEFAULT, LAW_MULAW, LAW_ALAW = 0, 1, 2
# DAHDI_SETCONF
CONF_NORMAL, CONF_MONITOR, CONF_MONITOR_TX = 0, 1, 2
# DAHDI_MAINT
MAINT_NONE, MAINT_LOCALLOOP, MAINT_REMOTELOOP, MAINT_LOOPUP, MAINT_LOOPDOWN = range(5)
MAINT_PAYLOADLOOP, MAINT_RESET_COUNTERS = 13, 14

# dahdi_spaninfo.alarms, dahdi_params.chan_alarms
ALARMS: Final = {
    "recovering": 1 << 0,
    "loopback": 1 << 1,
    "yellow": 1 << 2,
    "red": 1 << 3,
    "blue": 1 << 4,
    "not-open": 1 << 5,
    "los": 1 << 8,
    "lfa": 1 << 9,
    "lmfa": 1 << 10,
}

# dahdi_params.sigtype
_SIG_FXO, _SIG_FXS, _SIG_CLEAR = 1 << 12, 1 << 13, 1 << 7
_SIG_HDLCRAW = 1 << 8 | _SIG_CLEAR
SIGNALLING: Final = {
    "none": 0,
    "fxsls": 1 << 0 | _SIG_FXS,
    "fxsgs": 1 << 1 | _SIG_FXS,
    "fxsks": 1 << 2 | _SIG_FXS,
    "fxols": 1 << 3 | _SIG_FXO,
    "fxogs": 1 << 4 | _SIG_FXO,
    "fxoks": 1 << 5 | _SIG_FXO,
    "em": 1 << 6,
    "clear": _SIG_CLEAR,
    "hdlcraw": _SIG_HDLCRAW,
    "hdlcfcs": 1 << 9 | _SIG_HDLCRAW,
    "hardhdlc": 1 << 19 | _SIG_CLEAR,
    "cas": 1 << 15,
}


def call(fd: int, request: int, argument: ctypes.Structure) -> None:
    """Do an ioctl with a structure, which is changed in place. Raises OSError."""
    fcntl.ioctl(fd, request, argument)


def put(fd: int, request: int, value: int) -> None:
    """Do an ioctl that takes an int. Raises OSError."""
    fcntl.ioctl(fd, request, ctypes.c_int(value))


def get(fd: int, request: int) -> int:
    """Do an ioctl that gives an int. Raises OSError."""
    answer = ctypes.c_int(0)
    fcntl.ioctl(fd, request, answer)
    return answer.value
