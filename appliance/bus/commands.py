"""The answering side of commands: deadline, duplicates, errors with stable ids.

Error ids: ``unknown-command``, ``bad-arguments``, ``deadline-passed``, ``service-offline``, ``internal-error``, and
those that handlers name themselves (``unknown-agent`` …).
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from appliance.bus.outbox import Message, publish_properties
from appliance.bus.topics import ROOT
from appliance.bus_payloads import Command, CommandAnswer, CommandError

log = logging.getLogger(__name__)
REMEMBERED = 512  # commands whose answer is kept against a repeated delivery

Arguments = dict[str, Any]
Handler = Callable[[Arguments], dict[str, Any]]


class CommandRefused(Exception):
    """A command was not carried out. ``id`` is stable and for programs, ``message`` says to a person what to do."""

    def __init__(self, id: str, message: str) -> None:  # noqa: A002
        super().__init__(f"{id}: {message}")
        self.id = id
        self.message = message


class Reply:
    """Answers one command, once, from any thread; a second answer is logged and dropped."""

    def __init__(self, command: str, send: Callable[[bytes], None]) -> None:
        self._command = command
        self._send: Callable[[bytes], None] | None = send
        self._lock = threading.Lock()

    def __call__(self, result: dict[str, Any] | None = None) -> None:
        """Say that it was carried out."""
        self._answer(CommandAnswer(ok=True, result=result or {}))

    def refuse(self, id: str, message: str) -> None:  # noqa: A002
        """Say that it was not carried out, and what to do."""
        self._answer(CommandAnswer(ok=False, error=CommandError(id=id, message=message)))

    def _answer(self, answer: CommandAnswer) -> None:
        body = answer.model_dump_json().encode()  # what can't be written as JSON raises here, before it is used up
        with self._lock:
            send, self._send = self._send, None
        if send is None:
            log.error("command %s answered twice; the second answer is dropped", self._command)
        else:
            send(body)


AsyncHandler = Callable[[Arguments, Reply], None]


class CommandServer:
    """Carries out the commands of one service. ``received`` runs on the bus thread; answers may come from any."""

    def __init__(self, send: Callable[[Message], None]) -> None:
        self._send = send
        self._handlers: dict[str, AsyncHandler] = {}
        self._lock = threading.Lock()
        self._answers: OrderedDict[tuple[str, bytes], Message | None] = OrderedDict()

    def add(self, command: str, handler: AsyncHandler) -> None:
        """Let ``handler`` carry out ``command``."""
        self._handlers[command] = handler

    def received(self, name: str, body: bytes, response_topic: str | None, correlation: bytes | None) -> None:
        """Carry out one command message, or refuse it; never raises."""
        # Answers go below response/ only: else an asker could have us write topics that it may not write itself.
        if not response_topic or not correlation or not response_topic.startswith(f"{ROOT}/response/"):
            log.warning("command %s without a response topic and correlation data; dropped", name)
            return
        if self._is_repeated((response_topic, correlation)):
            return
        reply = Reply(name, lambda body: self._answer(response_topic, correlation, body))
        try:
            command = Command.model_validate_json(body)
        except ValidationError as error:
            reply.refuse("bad-arguments", f"not a command: {error.errors(include_url=False)[0]['msg']}")
            return
        self._carry_out(name, command, reply)

    def _carry_out(self, name: str, command: Command, reply: Reply) -> None:
        handler = self._handlers.get(name)
        if handler is None:
            reply.refuse("unknown-command", f"there is no command {name}; known: {', '.join(sorted(self._handlers))}")
        elif _aware(command.deadline) < datetime.now(UTC):
            reply.refuse("deadline-passed", f"{name} arrived after its deadline and was not carried out; ask again")
        else:
            try:
                handler(command.arguments, reply)
            except CommandRefused as refusal:
                reply.refuse(refusal.id, refusal.message)
            except Exception:
                log.exception("command %s failed", name)
                reply.refuse("internal-error", f"{name} failed; see the log of the service that was asked")

    def _is_repeated(self, key: tuple[str, bytes]) -> bool:
        """QoS 1 may deliver twice: answer again what was answered, carry nothing out again."""
        with self._lock:
            if key not in self._answers:
                self._answers[key] = None
                while len(self._answers) > REMEMBERED:
                    self._answers.popitem(last=False)
                return False
            answer = self._answers[key]
        if answer is not None:
            self._send(answer)
        return True

    def _answer(self, response_topic: str, correlation: bytes, body: bytes) -> None:
        message = Message(response_topic, body, properties=publish_properties(CorrelationData=correlation))
        with self._lock:
            if (response_topic, correlation) in self._answers:
                self._answers[response_topic, correlation] = message
        self._send(message)


def _aware(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time


def at_once(handler: Handler) -> AsyncHandler:
    """Make a handler that returns its result fit the asynchronous shape."""

    def run(arguments: Arguments, reply: Reply) -> None:
        reply(handler(arguments))

    return run
