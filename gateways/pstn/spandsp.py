"""Binding of libspandsp 0.0.6 (Debian: libspandsp2), the few functions in use: FSK and DTMF receivers, fax tones.

Audio is s16le, 8 kHz, in bytes of any length. Contexts are allocated by the library (its ``..._init`` with NULL: their
size is nobody's business here) and freed with the Python object. One object is for one thread at a time.
Prototypes: spandsp/fsk.h, spandsp/dtmf.h, spandsp/modem_connect_tones.h.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from cffi import FFI

LIBRARY = "libspandsp.so.2"
_PROTOTYPES = """
    typedef struct { const char *name; int freq_zero; int freq_one; int tx_level; int min_level; int baud_rate; }
        fsk_spec_t;
    typedef void (*put_bit_func_t)(void *user_data, int bit);
    void *fsk_rx_init(void *s, const fsk_spec_t *spec, int framing_mode, put_bit_func_t put_bit, void *user_data);
    int fsk_rx(void *s, const int16_t *amp, int len);
    int fsk_rx_free(void *s);
    void *dtmf_rx_init(void *s, void *callback, void *user_data);
    int dtmf_rx(void *s, const int16_t amp[], int samples);
    size_t dtmf_rx_get(void *s, char *digits, int max);
    int dtmf_rx_free(void *s);
    void *modem_connect_tones_rx_init(void *s, int tone_type, void *tone_callback, void *user_data);
    int modem_connect_tones_rx(void *s, const int16_t amp[], int len);
    int modem_connect_tones_rx_get(void *s);
    int modem_connect_tones_rx_free(void *s);
"""
_ASYNC = 0  # FSK_FRAME_MODE_ASYNC: bits as they come, timed anew at each transition
_MAX_DIGITS = 128  # MAX_DTMF_DIGITS
_FAX_CNG, _FAX_PREAMBLE, _FAX_CED_OR_PREAMBLE = 1, 6, 7  # enum of modem_connect_tones.h
_ANSWER_TONES = range(2, 6)  # ANS, ANS_PR, ANSAM, ANSAM_PR: 2100 Hz, plain or as V.8 has it
CARRIER_UP, CARRIER_DOWN = -2, -1  # SIG_STATUS_… of async.h

ffi = FFI()
ffi.cdef(_PROTOTYPES)


class SpandspMissing(OSError):
    """The library isn't installed; the text says what to do."""


@cache
def library() -> Any:
    """Return the library, loaded once; raises ``SpandspMissing``."""
    try:
        return ffi.dlopen(LIBRARY)
    except OSError as error:
        raise SpandspMissing(f"{LIBRARY} cannot be loaded ({error}): apt-get install libspandsp2") from error


def _context(context: Any, free: Any) -> Any:
    """Tie a context that the library allocated to the life of a Python object."""
    if context == ffi.NULL:
        raise MemoryError("libspandsp could not allocate a receiver")
    return ffi.gc(context, free)


class FskReceiver:
    """An FSK demodulator (fsk.h). ``bits`` returns 0 and 1, and ``CARRIER_UP``/``CARRIER_DOWN`` where it comes or goes.

    ``zero`` and ``one`` in Hz; ``floor_dbm0``: what is softer is no carrier (it comes up 2.5 dB above that).
    """

    def __init__(self, zero: int, one: int, baud: int, floor_dbm0: int) -> None:
        self._bits: list[int] = []
        take = self._bits.append
        # C keeps calling this as long as the context lives; of the specification it keeps only the numbers.
        self._put_bit = ffi.callback("put_bit_func_t", lambda _user, bit: take(bit))
        spec = ffi.new("fsk_spec_t *", [ffi.NULL, zero, one, -14, floor_dbm0, baud * 100])
        lib = library()
        self._rx = _context(lib.fsk_rx_init(ffi.NULL, spec, _ASYNC, self._put_bit, ffi.NULL), lib.fsk_rx_free)
        self._feed = lib.fsk_rx

    def bits(self, samples: bytes) -> list[int]:
        """Return the bits whose middle lay in these samples."""
        self._feed(self._rx, ffi.from_buffer("int16_t[]", samples), len(samples) // 2)
        bits, self._bits[:] = self._bits.copy(), []
        return bits


class DtmfReceiver:
    """A DTMF detector (dtmf.h; ITU-T Q.24)."""

    def __init__(self) -> None:
        lib = library()
        self._rx = _context(lib.dtmf_rx_init(ffi.NULL, ffi.NULL, ffi.NULL), lib.dtmf_rx_free)
        self._feed, self._get = lib.dtmf_rx, lib.dtmf_rx_get
        self._digits = ffi.new("char[]", _MAX_DIGITS + 1)

    def digits(self, samples: bytes) -> str:
        """Return the digits (0-9 * # A-D) that became sure in these samples."""
        self._feed(self._rx, ffi.from_buffer("int16_t[]", samples), len(samples) // 2)
        count = self._get(self._rx, self._digits, _MAX_DIGITS)
        return bytes(ffi.buffer(self._digits, count)).decode("ascii", "replace")


class FaxToneReceiver:
    """Listens for the tones of fax machines (modem_connect_tones.h): ITU-T T.30 §4.1 CNG, CED or the V.21 preamble."""

    def __init__(self) -> None:
        lib = library()
        kinds = (_FAX_CNG, _FAX_CED_OR_PREAMBLE)
        free = lib.modem_connect_tones_rx_free
        self._receivers = [
            _context(lib.modem_connect_tones_rx_init(ffi.NULL, kind, ffi.NULL, ffi.NULL), free) for kind in kinds
        ]
        self._feed, self._get = lib.modem_connect_tones_rx, lib.modem_connect_tones_rx_get

    def tone(self, samples: bytes) -> Literal["cng", "ced"] | None:
        """Return the tone that became sure in these samples: each burst once."""
        amplitudes, count = ffi.from_buffer("int16_t[]", samples), len(samples) // 2
        heard = []
        for receiver in self._receivers:
            self._feed(receiver, amplitudes, count)
            heard.append(self._get(receiver))
        if _FAX_CNG in heard:
            return "cng"
        answered = any(tone == _FAX_PREAMBLE or tone in _ANSWER_TONES for tone in heard)
        return "ced" if answered else None
