"""The control socket: one JSON object a line in, one a line back, {"ok": true, …} or {"ok": false, "error": "…"}.

{"op": "state"}
{"op": "call", "from": "+819012345678", "to": "+818000000001", "wait": 10}     dial; wait: until answered
{"op": "subscriber", "number": "+819012345678", "manner": "answers", "after": 1.0, "present": "international"}
{"op": "answer" | "hangup", "number": "+819012345678"}
{"op": "digits", "number": "+819012345678", "digits": "123#"}
{"op": "play", "number": "+819012345678", "file": "speech.raw"}                s16le, 8 kHz, mono
{"op": "record", "number": "+819012345678", "file": "heard.raw"}               what was heard so far in its call
{"op": "sms", "from": "+819012345678", "to": "+818000000001", "text": "…"}     further options: smsphone.py, send_sms
{"op": "messages", "number": "+819012345678"}                                  what that subscriber has received
{"op": "ussd", "number": "+818000000001", "text": "…"}                         a notice of the network to that line
{"op": "fault", "line": "gsm-1", "kind": "vanish", "options": {"seconds": 2}}  kinds: faults.py
{"op": "clear", "line": "gsm-1", "kind": "hang"}                               without a kind: all
{"op": "reauthorise" | "power_cycle" | "where", "line": "gsm-1"}
"""

import json
import socketserver
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .subscriber import Present, SubscriberCall

if TYPE_CHECKING:
    from .bank import Bank

WAIT_LIMIT = 120.0


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, path: str, answer: Callable[[bytes], bytes]) -> None:
        self.answer = answer
        super().__init__(path, _Handler)


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, _Server)
        for line in self.rfile:
            self.wfile.write(self.server.answer(line))


class Control:
    """Serves the socket on threads of its own. The path is removed at stop."""

    def __init__(self, bank: "Bank", path: Path) -> None:
        self._bank = bank
        self.path = path
        self._server: _Server | None = None

    def start(self) -> None:
        self.path.unlink(missing_ok=True)
        self._server = _Server(str(self.path), self.answer)
        threading.Thread(target=self._server.serve_forever, args=(0.1,), name="gsm-control", daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
            self.path.unlink(missing_ok=True)

    def answer(self, line: bytes) -> bytes:
        """One request line to one answer line."""
        try:
            request = json.loads(line)
            result = OPERATIONS[request["op"]](self._bank, request)
            reply: dict[str, Any] = {"ok": True, **result}
        except KeyError as error:
            reply = {"ok": False, "error": f"missing or unknown: {error}"}
        except (ValueError, TypeError, RuntimeError, OSError) as error:
            reply = {"ok": False, "error": str(error)}
        return json.dumps(reply).encode() + b"\n"


def _current(bank: "Bank", request: dict[str, Any]) -> SubscriberCall:
    call = bank.subscriber(request["number"]).current
    if call is None:
        raise RuntimeError(f"{request['number']} is in no call")
    return call


def _call(bank: "Bank", request: dict[str, Any]) -> dict[str, Any]:
    call = bank.subscriber(request["from"]).dial(request["to"])
    wait = min(float(request.get("wait", 0)), WAIT_LIMIT)
    if wait and not call.wait_answered(wait):
        cause = int(call.cause) if call.cause is not None else None
        return {"state": str(call.state), "cause": cause}
    return {"state": str(call.state)}


def _subscriber(bank: "Bank", request: dict[str, Any]) -> dict[str, Any]:
    who = bank.subscriber(request["number"])
    if "manner" in request:
        who.behaves(request["manner"], float(request.get("after", 0.5)))
    if "present" in request:
        who.present = Present(request["present"])
    if "noise_dbm0" in request:
        who.noise_dbm0 = None if request["noise_dbm0"] is None else float(request["noise_dbm0"])
    return {}


def _answer(bank: "Bank", request: dict[str, Any]) -> dict[str, Any]:
    _current(bank, request).answer()
    return {}


def _hangup(bank: "Bank", request: dict[str, Any]) -> dict[str, Any]:
    _current(bank, request).hang_up()
    return {}


def _digits(bank: "Bank", request: dict[str, Any]) -> dict[str, Any]:
    _current(bank, request).send_digits(request["digits"])
    return {}


def _play(bank: "Bank", request: dict[str, Any]) -> dict[str, Any]:
    sound = Path(request["file"]).read_bytes()
    _current(bank, request).play(sound)
    return {"seconds": len(sound) / 16000}


def _record(bank: "Bank", request: dict[str, Any]) -> dict[str, Any]:
    sound = _current(bank, request).heard_pcm()
    Path(request["file"]).write_bytes(sound)
    return {"seconds": len(sound) / 16000}


def _sms(bank: "Bank", request: dict[str, Any]) -> dict[str, Any]:
    options = {name: value for name, value in request.items() if name not in {"op", "from", "to", "text"}}
    if "late" in options:
        options["late"] = {int(part): seconds for part, seconds in options["late"].items()}
    return {"parts": len(bank.subscriber(request["from"]).send_sms(request["text"], request["to"], **options))}


def _messages(bank: "Bank", request: dict[str, Any]) -> dict[str, Any]:
    came = bank.subscriber(request["number"]).messages()
    return {"messages": [{"from": m.sender, "text": m.text, "complete": m.complete} for m in came]}


def _ussd(bank: "Bank", request: dict[str, Any]) -> dict[str, Any]:
    bank.loop.call(lambda: bank.ussd.push(request["number"], request["text"]))
    return {}


def _fault(bank: "Bank", request: dict[str, Any]) -> dict[str, Any]:
    bank.fault(request["line"], request["kind"], **request.get("options", {}))
    return {}


def _clear(bank: "Bank", request: dict[str, Any]) -> dict[str, Any]:
    bank.clear_faults(request["line"], request.get("kind"))
    return {}


def _reauthorise(bank: "Bank", request: dict[str, Any]) -> dict[str, Any]:
    bank.reauthorise(request["line"])
    return {}


def _power_cycle(bank: "Bank", request: dict[str, Any]) -> dict[str, Any]:
    bank.power_cycle(request["line"])
    return {}


OPERATIONS: dict[str, Callable[["Bank", dict[str, Any]], dict[str, Any]]] = {
    "state": lambda bank, _: bank.state(),
    "call": _call,
    "subscriber": _subscriber,
    "answer": _answer,
    "hangup": _hangup,
    "digits": _digits,
    "play": _play,
    "record": _record,
    "sms": _sms,
    "messages": _messages,
    "ussd": _ussd,
    "fault": _fault,
    "clear": _clear,
    "reauthorise": _reauthorise,
    "power_cycle": _power_cycle,
    "where": lambda bank, request: bank.where(request["line"]),
}
