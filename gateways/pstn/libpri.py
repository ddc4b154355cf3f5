"""A D channel by libpri 1.6: frames and the time go in, events come out, calls are handles.

Rules that keep C from harm:
* a frame reaches libpri only through ``q931frame.passable``, and in a buffer whose rest is all ones;
* no pointer leaves this module. A handle is asked for (``pri_get_crv``) before each use, which libpri answers without
  touching the call; it is over once libpri has let go of the call, and then every use of it does nothing;
* libpri reports the end of each call that it was told something about, so each SETUP has to be answered at once;
* exceptions stay in the callbacks (cffi) and are logged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Literal

from gateways.pstn import libpri_h as h
from gateways.pstn.libpriclock import Clock
from gateways.pstn.libprievents import CALL_MEMBER, HANGUP, HANGUP_ACK, RING, of_call, without_call
from gateways.pstn.libprilibrary import PriError, ffi, library, names
from gateways.pstn.libprisetup import fill
from gateways.pstn.prievents import Call, Gone, PriEvent, Setup
from gateways.pstn.q931frame import FCS, OUR_FLAG, message_of, passable

log = logging.getLogger(__name__)
DISCONNECTED_MODE = b"\x00\x01\x0f"
"""A DM with F = 0 from the far end, which asks for that (Q.921 §5.5.1); libpri has no call to do so."""
EXPLICIT = 1 << 16  # in a channel: its interface is named (NFAS)
MOST_AT_ONCE = 64
"""Timers run in a row: one that always is due must not keep the loop."""
ODD_CAUSES = {6: 44, 7: 31, 26: 31, 81: 31}
"""Causes with which libpri clears in ways of its own (RELEASE at once, or none of it): what is said instead."""


class Pri:
    """One D channel. ``send`` puts a frame (without FCS) on the wire; it is used already while this is made."""

    def __init__(self, name: str, switch: str, role: Literal["cpe", "net"], send: Callable[[bytes], None]) -> None:
        """Raises PriError when libpri is not installed."""
        self._lib = library()
        self._name, self._send = name, send
        self._frame = b""  # the one that libpri is to read
        self._nfas = False
        self._calls: dict[int, Call] = {}
        self._pointers: dict[Call, Any] = {}
        self._tracing = False
        self._callbacks = self._make_callbacks()
        node = h.NETWORK if role == "net" else h.CPE
        self._pri = self._lib.pri_new_cb(-1, node, h.SWITCHES[switch], *self._callbacks, ffi.NULL)
        if not self._pri:
            raise PriError("libpri has no memory for another D channel")
        self._clock = Clock(name, lambda: self._lib.pri_schedule_next(self._pri))
        names[int(ffi.cast("uintptr_t", self._pri))] = name
        self._lib.pri_hangup_fix_enable(self._pri, 1)  # follow Q.931 §5.3.2 in clearing
        self._lib.pri_facility_enable(self._pri)
        self._lib.pri_set_service_message_support(self._pri, int(switch in h.WITH_SERVICE))
        if switch in h.NO_DISPLAY and role == "cpe":
            self._lib.pri_display_options_send(self._pri, h.DISPLAY_BLOCK)

    def _make_callbacks(self) -> tuple[Any, Any]:
        def failed(kind: Any, error: Any, trace: Any) -> None:
            log.error("%s: a fault in reading or writing a frame", self._name, exc_info=(kind, error, trace))

        def read(_pri: Any, buffer: Any, size: int) -> int:
            frame, self._frame = self._frame, b""
            ffi.buffer(buffer, size)[:] = (frame + FCS).ljust(size, b"\xff")
            return len(frame) + len(FCS)

        def write(_pri: Any, buffer: Any, size: int) -> int:
            frame = bytes(ffi.buffer(buffer, size))[: -len(FCS)]
            self._show(">", frame)
            self._send(frame)
            return size

        signature = "int(struct pri *, void *, int)"
        return ffi.callback(signature, read, onerror=failed), ffi.callback(signature, write, onerror=failed)

    # What there is to set

    def trace(self, wanted: bool) -> None:
        """Log every message, as octets; libpri's own tracing overruns its buffers on odd frames."""
        self._tracing = wanted

    def set_timer(self, name: str, milliseconds: int) -> None:
        """Set a timer or counter of Q.921 or Q.931 by name: T200, T203, N200, T303, T305, T308, T309, T313 …"""
        index = self._lib.pri_timer2idx(name.encode())
        if index < 0 or self._lib.pri_set_timer(self._pri, index, milliseconds) < 0:
            raise ValueError(f"libpri has no timer {name}")

    def set_overlap(self, wanted: bool) -> None:
        """Say in each SETUP whether the number is complete, also to switches other than EuroISDN."""
        self._lib.pri_set_overlapdial(self._pri, int(wanted))

    def enslave(self, other: Pri) -> None:
        """Take another D channel into this one's NFAS group: they share their calls. Before the first call."""
        self._lib.pri_enslave(self._pri, other._pri)
        self._nfas = other._nfas = True
        other._calls, other._pointers = self._calls, self._pointers

    # Frames and the time

    def receive(self, frame: bytes) -> list[PriEvent]:
        """Take a frame from the wire (without FCS) and return what it says."""
        self._show("<", frame)
        passed = passable(frame, {call.reference for call in self._pointers})
        if passed is None:
            return []
        self._frame = passed
        return self._events(self._lib.pri_check_event(self._pri), passed)

    def establish_anew(self) -> list[PriEvent]:
        """Set layer 2 up anew, whatever libpri believes of it."""
        self._frame = DISCONNECTED_MODE
        return self._events(self._lib.pri_check_event(self._pri), b"")

    def deadline(self) -> float | None:
        """Return when ``run`` is wanted next (``time.monotonic``)."""
        return self._clock.next()

    def run(self) -> list[PriEvent]:
        """Run the timers that are due and return what came of them."""
        found: list[PriEvent] = []
        for _ in range(MOST_AT_ONCE):
            event = self._lib.pri_schedule_run(self._pri)
            if not event:
                break
            found += self._events(event, b"")
        return found

    def _events(self, event: Any, frame: bytes) -> list[PriEvent]:
        if not event:
            return []
        if event.e not in CALL_MEMBER:
            told = without_call(event)
            return [] if told is None else [told]
        member = getattr(event, CALL_MEMBER[event.e])
        return self._call_events(event, member, frame)

    def _call_events(self, event: Any, member: Any, frame: bytes) -> list[PriEvent]:
        if not member.call:
            return []
        address = int(ffi.cast("uintptr_t", member.call))
        found: list[PriEvent] = []
        call = self._calls.get(address)
        if event.e == RING:
            if call is not None:
                found.append(Gone(call, 41))
            call = self._keep(member.call, member.cref & 0xFFFF)
        if call is None:
            return found
        told = of_call(event, call, frame)
        if event.e == HANGUP:
            self._finish(call, member.cause)
        elif event.e == HANGUP_ACK:
            self._forget(call)
        return [*found, told] if told is not None else found

    # Calls

    def _keep(self, pointer: Any, reference: int) -> Call:
        address = int(ffi.cast("uintptr_t", pointer))
        if (
            old := self._calls.get(address)
        ) is not None:  # libpri let go of it without a word: the memory is in use again
            self._forget(old)
        call = Call(reference)
        self._calls[address] = call
        self._pointers[call] = pointer
        return call

    def _forget(self, call: Call) -> None:
        call.over = True
        pointer = self._pointers.pop(call, None)
        if pointer is not None:
            self._calls.pop(int(ffi.cast("uintptr_t", pointer)), None)

    def _finish(self, call: Call, cause: int) -> None:
        """Answer RELEASE, or let go of a call that was ended without one."""
        pointer = self._pointers.get(call)
        if pointer is not None:
            self._lib.pri_hangup(self._pri, pointer, cause if 0 < cause < 128 else 16)
            if self._reference(pointer) is not None:
                self._lib.pri_destroycall(self._pri, pointer)
        self._forget(call)

    def _reference(self, pointer: Any) -> int | None:
        """Return the call reference, without its flag, of what the pointer points to; None when that is no call."""
        mode = ffi.new("int *")
        value = self._lib.pri_get_crv(self._pri, pointer, mode)
        return None if value < 0 else value << 3 | mode[0] & 7

    def _pointer(self, call: Call) -> Any | None:
        """Return a call's pointer if it still is that call's."""
        pointer = self._pointers.get(call)
        if pointer is None:
            return None
        if self._reference(pointer) != call.reference & ~OUR_FLAG:
            log.warning("%s: libpri has let go of a call without a word", self._name)
            self._forget(call)
            return None
        return pointer

    @property
    def calls(self) -> int:
        """How many calls libpri knows, those being cleared included."""
        return len(self._pointers)

    def setup(self, wanted: Setup) -> Call:
        """Send SETUP. Raises PriError when libpri would not."""
        pointer = self._lib.pri_new_call(self._pri)
        if not pointer:
            raise PriError("libpri has no call reference left")
        reference = self._reference(pointer)
        assert reference is not None
        record = self._lib.pri_sr_new()
        try:
            kept = fill(self._lib, record, wanted, self._channel(wanted.slot))
            if self._lib.pri_setup(self._pri, pointer, record) < 0:
                self._lib.pri_destroycall(self._pri, pointer)
                raise PriError("libpri would not send the SETUP")
            del kept
        finally:
            self._lib.pri_sr_free(record)
        return self._keep(pointer, reference | OUR_FLAG)

    def _channel(self, slot: int) -> int:
        return slot | (EXPLICIT if self._nfas else 0)

    def proceed(self, call: Call, slot: int) -> bool:
        """Send CALL PROCEEDING on a slot. This and the next: False when the call is over, or libpri would not."""
        return self._do(call, self._lib.pri_proceeding, self._channel(slot), 0)

    def ask_digits(self, call: Call, slot: int) -> bool:
        """Send SETUP ACKNOWLEDGE on a slot."""
        return self._do(call, self._lib.pri_need_more_info, self._channel(slot), 0)

    def alert(self, call: Call) -> bool:
        """Send ALERTING."""
        return self._do(call, self._lib.pri_acknowledge, 0, 0)

    def answer(self, call: Call, slot: int) -> bool:
        """Send CONNECT."""
        return self._do(call, self._lib.pri_answer, self._channel(slot), 0)

    def hang_up(self, call: Call, cause: int) -> bool:
        """Send DISCONNECT, RELEASE or RELEASE COMPLETE, as the call's state wants. True: the call is over with it.

        Else ``Gone`` tells when it is: in some 40 s at the latest, by T305 and T308.
        """
        cause = ODD_CAUSES.get(cause, cause if 0 < cause < 128 else 31)
        self._do(call, self._lib.pri_hangup, cause)
        pointer = self._pointers.get(call)
        if pointer is not None and self._reference(pointer) is None:
            self._forget(call)
        return call.over

    def drop(self, call: Call) -> None:
        """Forget a call without a word to the network: it was restarted, or does not end."""
        pointer = self._pointer(call)
        if pointer is not None:
            self._lib.pri_destroycall(self._pri, pointer)
        self._forget(call)

    def _do(self, call: Call, function: Callable[..., int], *arguments: int) -> bool:
        pointer = self._pointer(call)
        return pointer is not None and function(self._pri, pointer, *arguments) >= 0

    # B channels

    def restart(self, slot: int) -> None:
        """Send RESTART for a slot; one at a time: wait for the acknowledgement."""
        self._lib.pri_reset(self._pri, self._channel(slot))

    def service(self, slot: int, status: int) -> None:
        """Send SERVICE: take a slot out of service or put it back (``libpri_h``); for switches that have it."""
        self._lib.pri_maintenance_service(self._pri, slot >> 8, slot & 0xFF, status)

    def _show(self, direction: str, frame: bytes) -> None:
        if self._tracing and (message := message_of(frame)) is not None:
            reference = "dummy" if message.reference is None else f"{message.reference:#06x}"
            body = frame[message.start + 1 :].hex(" ")
            log.info("%s %s %s, call %s: %s", self._name, direction, message.name, reference, body)
