"""Listening to an FXO line: its audio, beside whoever talks on it, to caller-ID receiver or call progress detector."""

from __future__ import annotations

import logging
import select
from collections.abc import Callable
from typing import Protocol, get_args

from gateways.loop import HardwareLoop
from gateways.pstn.callerid import CallerIdentity, CallerIdReceiver
from gateways.pstn.config.spec import FxoSpec
from gateways.pstn.dahdi import DahdiError, Monitor
from gateways.pstn.fxostate import Listening
from gateways.pstn.fxotimings import Timings
from gateways.pstn.hearing import Hearing, Sound, Stage
from gateways.pstn.tones import BusyTone, tones_of


class Source(Protocol):
    """What hears a channel: ``dahdi.Monitor``."""

    fd: int

    def read(self) -> bytes: ...
    def close(self) -> None: ...


class Ear:
    """One line's. ``heard`` and ``identified`` are called in the loop's thread."""

    def __init__(
        self,
        spec: FxoSpec,
        timings: Timings,
        loop: HardwareLoop,
        heard: Callable[[Sound], None],
        identified: Callable[[CallerIdentity], None],
        open_source: Callable[[int], Source] = Monitor,
    ) -> None:
        self.busy_tone = spec.busy_tone
        self._spec = spec
        self._timings = timings
        self._loop = loop
        self._heard = heard
        self._identified = identified
        self._open_source = open_source
        self._log = logging.getLogger(f"gateways.pstn.{spec.name}")
        self._source: Source | None = None
        self._to: Listening = "nothing"
        self._hearing: Hearing | None = None
        self._receiver: CallerIdReceiver | None = None

    def check(self) -> None:
        """Find out whether the line can be listened to. DahdiError: it cannot, for that reason."""
        self._open_source(self._spec.channel).close()
        for stage in get_args(Stage):  # what the country's tones need is reckoned once: now, and not in the first call
            self._new_hearing(stage)

    def listen(self, to: Listening) -> None:
        """Listen for something else from now on, with nothing left of what was heard before."""
        self._to = to
        self._hearing = self._receiver = None
        if to == "nothing":
            self.close()
            return
        if to != "caller-id":
            self._hearing = self._new_hearing(to)
        elif self._spec.caller_id != "none":
            self._receiver = CallerIdReceiver(self._spec.caller_id)
        self._open()

    def use_busy_tone(self, tone: BusyTone | None) -> None:
        """Take another learned busy tone, from now on."""
        self.busy_tone = tone
        if self._to == "call":
            self._hearing = self._new_hearing("call")

    def _new_hearing(self, stage: Stage) -> Hearing:
        spec = self._spec
        return Hearing(
            tones_of(spec.country),
            busy_count=spec.busy_count,
            learned=self.busy_tone if spec.busy != "off" else None,
            silence_after=(spec.silence_hang_up or None) if stage == "call" else self._timings.silent_answer,
            stage=stage,
        )

    def _open(self) -> None:
        if self._source is not None:
            return
        try:
            self._source = self._open_source(self._spec.channel)
        except DahdiError as error:
            # It could when the channel was opened. The call goes on without; the channel's own events still end it.
            self._log.error("the line cannot be listened to: %s", error)
            return
        self._loop.watch(self._source.fd, select.EPOLLIN, self._ready)

    def _ready(self, _bits: int) -> None:
        source = self._source
        if source is None:
            return
        try:
            samples = source.read()
        except DahdiError as error:
            self._log.error("the line cannot be listened to any more: %s", error)
            self.close()
            return
        self._take(samples)

    def _take(self, samples: bytes) -> None:
        if self._receiver is not None:
            identity = self._receiver.hear(samples)
            if identity is not None:
                self._identified(identity)
        elif (hearing := self._hearing) is not None:
            for sound in hearing.hear(samples):
                if self._hearing is hearing:  # else what was heard first has changed what is listened for
                    self._heard(sound)

    def close(self) -> None:
        """Listen no more."""
        if self._source is not None:
            self._loop.unwatch(self._source.fd)
            self._source.close()
            self._source = None
