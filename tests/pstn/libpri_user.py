"""libpri as the user's side of a D channel, in a process of its own: a peer that is not of our making.

``python -m tests.pstn.libpri_user FD SWITCH`` takes commands as lines on stdin and tells events as JSON lines.
Commands: ``call CHANNEL CALLED CALLING NAME``, ``proceed N``, ``alert N``, ``answer N``, ``more N``, ``digit N D``,
``hangup N CAUSE``, ``reset CHANNEL``, ``service CHANNEL STATUS``. N is the number that the event of the call had.
"""

from __future__ import annotations

import ctypes as c
import json
import os
import select
import sys
import time
from typing import Any

LIBRARY = "/usr/lib/libpri.so.1.4"
CPE = 2
SWITCHES = {"ni2": 1, "dms100": 2, "5ess": 3, "4ess": 4, "euroisdn": 5, "ni1": 7, "qsig": 10}
EVENTS = {1: "up", 2: "down", 3: "restart", 4: "error", 5: "ring", 6: "hangup", 7: "ringing", 8: "answer"}
EVENTS |= {9: "hangup-ack", 10: "restart-ack", 11: "facility", 12: "digits", 13: "proceeding", 14: "setup-ack"}
EVENTS |= {15: "hangup-request", 16: "notify", 17: "progress", 19: "service", 20: "service-ack", 27: "connect-ack"}
DEBUG = (1 << 1) | (1 << 5) | (1 << 7)


class Ring(c.Structure):
    """struct pri_event_ring of libpri.h, as far as it is used."""

    _fields_ = [
        *((name, c.c_int) for name in ("e", "channel", "presentation", "planani", "plan")),
        *((name, c.c_char * 256) for name in ("ani", "number", "name")),
        *((name, c.c_int) for name in ("calledplan", "ani2")),
        *((name, c.c_char * 256) for name in ("called", "redirecting", "redirectingname")),
        *((name, c.c_int) for name in ("reason", "planrdnis")),
        ("useruser", c.c_char * 260),
        *((name, c.c_int) for name in ("flexible", "cref", "ctype", "layer1", "complete")),
        ("call", c.c_void_p),
    ]


class Progressing(c.Structure):
    """struct pri_event_ringing and pri_event_answer."""

    _fields_ = [
        *((name, c.c_int) for name in ("e", "channel", "cref", "progress", "mask")),
        ("call", c.c_void_p),
    ]


class Proceeding(c.Structure):
    """struct pri_event_proceeding."""

    _fields_ = [
        *((name, c.c_int) for name in ("e", "channel", "cref", "progress", "mask", "cause")),
        ("call", c.c_void_p),
    ]


class Hangup(c.Structure):
    """struct pri_event_hangup."""

    _fields_ = [*((name, c.c_int) for name in ("e", "channel", "cause", "cref")), ("call", c.c_void_p)]


class SetupAck(c.Structure):
    """struct pri_event_setup_ack, and others that begin alike."""

    _fields_ = [*((name, c.c_int) for name in ("e", "channel")), ("call", c.c_void_p)]


class Channelled(c.Structure):
    """struct pri_event_restart, _restart_ack, _service, _service_ack: what they have in common."""

    _fields_ = [*((name, c.c_int) for name in ("e", "channel"))]


SHAPES: dict[str, Any] = {
    "ring": Ring,
    "digits": Ring,
    "ringing": Progressing,
    "answer": Progressing,
    "proceeding": Proceeding,
    "progress": Proceeding,
    "hangup": Hangup,
    "hangup-ack": Hangup,
    "hangup-request": Hangup,
    "setup-ack": SetupAck,
    "connect-ack": SetupAck,
    "restart": Channelled,
    "restart-ack": Channelled,
    "service": Channelled,
    "service-ack": Channelled,
}
SAID = ("channel", "number", "name", "called", "redirecting", "cause", "complete", "flexible", "presentation", "mask")


class User:
    """The library with one D channel."""

    def __init__(self, fd: int, switch: str) -> None:
        self.lib = c.CDLL(LIBRARY)
        for name in ("pri_new", "pri_check_event", "pri_schedule_next", "pri_schedule_run", "pri_new_call"):
            getattr(self.lib, name).restype = c.c_void_p
        self.lib.pri_sr_new.restype = c.c_void_p
        report = c.CFUNCTYPE(None, c.c_void_p, c.c_char_p)
        self._report = report(lambda _, text: print(text.decode("latin-1"), end="", file=sys.stderr, flush=True))
        self.lib.pri_set_message(self._report)
        self.lib.pri_set_error(self._report)
        self.fd = fd
        self.law = 0x23 if switch in ("euroisdn", "qsig") else 0x22
        self.pri = c.c_void_p(self.lib.pri_new(fd, CPE, SWITCHES[switch]))
        self.lib.pri_set_debug(self.pri, DEBUG)
        self.lib.pri_facility_enable(self.pri)
        self.lib.pri_set_overlapdial(self.pri, 1)
        self.lib.pri_set_service_message_support(self.pri, 1)
        self.lib.pri_hangup_fix_enable(self.pri, 1)
        self.calls: list[int] = []

    def run(self) -> None:
        """Until stdin ends."""
        poller = select.poll()
        poller.register(self.fd, select.POLLIN)
        poller.register(0, select.POLLIN)
        line = b""
        while True:
            for fd, bits in poller.poll(self._pause()):
                if fd == 0:
                    got = os.read(0, 4096)
                    if not got:
                        return
                    *whole, line = (line + got).split(b"\n")
                    for command in whole:
                        self.command(*command.decode().split("\t"))
                elif bits & (select.POLLHUP | select.POLLERR):
                    return
                else:
                    self.event(self.lib.pri_check_event(self.pri))
            if self._pause() == 0:
                self.event(self.lib.pri_schedule_run(self.pri))

    def _pause(self) -> int:
        at = self.lib.pri_schedule_next(self.pri)
        if not at:
            return 1000
        seconds, micros = c.cast(at, c.POINTER(c.c_long * 2)).contents
        return max(0, min(1000, int((seconds + micros / 1e6 - time.time()) * 1000) + 1))

    def event(self, at: int | None) -> None:
        if not at:
            return
        number = c.cast(at, c.POINTER(c.c_int)).contents.value
        kind = EVENTS.get(number, str(number))
        said: dict[str, Any] = {"event": kind}
        if kind in SHAPES:
            body = c.cast(at, c.POINTER(SHAPES[kind])).contents
            for field in SAID:
                value = getattr(body, field, None)
                if value is not None:
                    said[field] = value.decode("latin-1") if isinstance(value, bytes) else value
            if hasattr(body, "call"):
                said["call"] = self._known(body.call)
            if kind in ("hangup", "hangup-request"):
                self.lib.pri_hangup(self.pri, c.c_void_p(body.call), body.cause)
        print(json.dumps(said), flush=True)

    def _known(self, call: int) -> int:
        if call not in self.calls:
            self.calls.append(call)
        return self.calls.index(call)

    def command(self, word: str, *said: str) -> None:
        lib, pri = self.lib, self.pri
        if word == "call":
            self._call(int(said[0]), *said[1:])
        elif word == "reset":
            lib.pri_reset(pri, int(said[0]))
        elif word == "service":
            lib.pri_maintenance_service(pri, 0, int(said[0]), int(said[1]))
        else:
            call = c.c_void_p(self.calls[int(said[0])])
            if word == "digit":
                lib.pri_information(pri, call, c.c_char(said[1].encode()))
            elif word == "hangup":
                lib.pri_hangup(pri, call, int(said[1]))
            else:
                does = {"proceed": "pri_proceeding", "alert": "pri_acknowledge", "answer": "pri_answer"}
                getattr(lib, {**does, "more": "pri_need_more_info"}[word])(pri, call, int(said[1]), 0)

    def _call(self, channel: int, called: str, calling: str, name: str) -> None:
        lib = self.lib
        call, request = c.c_void_p(lib.pri_new_call(self.pri)), c.c_void_p(lib.pri_sr_new())
        lib.pri_sr_set_channel(request, channel, 1, 0)
        lib.pri_sr_set_bearer(request, 0x10, self.law)
        lib.pri_sr_set_called(request, called.encode(), 0x01, 0)
        lib.pri_sr_set_caller(request, calling.encode(), name.encode() or None, 0x21, 0x00)
        lib.pri_setup(self.pri, call, request)
        lib.pri_sr_free(request)
        self.calls.append(call.value or 0)
        print(json.dumps({"event": "called", "call": self._known(call.value or 0)}), flush=True)


if __name__ == "__main__":
    User(int(sys.argv[1]), sys.argv[2]).run()
