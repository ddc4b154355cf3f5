"""spandsp's own transmitter and receiver of caller identities: a second opinion, for tests only (spandsp/adsi.h)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cffi import FFI

CLASS, CLIP, JCLIP, CLIP_DTMF = 1, 2, 4, 5
_ffi = FFI()
_ffi.cdef("""
    typedef void (*put_msg_func_t)(void *user_data, const uint8_t *msg, int len);
    void *adsi_tx_init(void *s, int standard);
    int adsi_tx_free(void *s);
    int adsi_tx(void *s, int16_t amp[], int max_len);
    void adsi_tx_send_alert_tone(void *s);
    int adsi_tx_put_message(void *s, const uint8_t *msg, int len);
    int adsi_add_field(void *s, uint8_t *msg, int len, uint8_t field_type, uint8_t const *field_body, int field_len);
    void *adsi_rx_init(void *s, int standard, put_msg_func_t put_msg, void *user_data);
    int adsi_rx_free(void *s);
    int adsi_rx(void *s, const int16_t amp[], int len);
""")
_lib: Any = _ffi.dlopen("libspandsp.so.2")


def transmit(standard: int, message_type: int, fields: Sequence[tuple[int, bytes]]) -> bytes:
    """Return the audio of a message, s16le at 8 kHz, with a quarter of a second of silence around it."""
    tx = _ffi.gc(_lib.adsi_tx_init(_ffi.NULL, standard), _lib.adsi_tx_free)
    message = _ffi.new("uint8_t[256]")
    length = _lib.adsi_add_field(tx, message, -1, message_type, _ffi.NULL, 0)
    for kind, body in fields:
        length = _lib.adsi_add_field(tx, message, length, kind, body, len(body))
    assert _lib.adsi_tx_put_message(tx, message, length) >= 0
    audio = bytearray(4000)
    block = _ffi.new("int16_t[160]")
    while (count := _lib.adsi_tx(tx, block, 160)) > 0 and len(audio) < 200_000:
        audio += bytes(_ffi.buffer(block, 2 * count))
    return bytes(audio + bytearray(12_000))


def receive(standard: int, audio: bytes) -> list[bytes]:
    """Return the messages that ``adsi_rx`` finds."""
    messages: list[bytes] = []

    def put(_user: Any, message: Any, length: int) -> None:
        messages.append(bytes(_ffi.buffer(message, length)))

    callback = _ffi.callback("put_msg_func_t", put)
    rx = _ffi.gc(_lib.adsi_rx_init(_ffi.NULL, standard, callback, _ffi.NULL), _lib.adsi_rx_free)
    for at in range(0, len(audio), 320):
        chunk = audio[at : at + 320]
        _lib.adsi_rx(rx, _ffi.from_buffer("int16_t[]", chunk), len(chunk) // 2)
    return messages
