"""The AT interpreter of one modem: command lines in, information responses and result codes out (V.250 clause 5)."""

from collections import deque
from collections.abc import Callable, Iterator

from .commandline import Command, LineEditor, LineError, split
from .faults import Faults
from .output import Output

# V.250 table 1: result codes in words and as numbers (ATV0).
NUMERIC = {"OK": "0", "RING": "2", "NO CARRIER": "3", "ERROR": "4", "NO DIALTONE": "6", "BUSY": "7", "NO ANSWER": "8"}

CTRL_Z, ESC = 0x1A, 0x1B

CME_TEXT = {3: "operation not allowed", 4: "operation not supported", 10: "SIM not inserted", 11: "SIM PIN required",
            14: "SIM busy", 16: "incorrect password", 30: "no network service", 50: "incorrect parameters"}  # fmt: skip


class CmeError(Exception):
    """TS 27.007 §9.2: answered with +CME ERROR (ERROR when CMEE is 0)."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class FinalResult(Exception):
    """Ends the command line with this result code, e.g. NO CARRIER."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Busy:
    """A command at work that no character ends: what comes meanwhile waits, as in a modem that sends a message."""


# Does one command. An object: the command is at work until `proceed` or `finish` is called; None: it is done.
Run = Callable[[Command], object | None]


class Interpreter:
    """Runs one command line at a time. `abort(token)` ends a command that is still at work."""

    def __init__(self, output: Output, faults: Faults, run: Run, abort: Callable[[object], None]) -> None:
        self.output = output
        self.faults = faults
        self._run = run
        self._abort = abort
        self.reset()

    def reset(self) -> None:
        """As after power-on."""
        self.editor = LineEditor()
        self.verbose, self.quiet, self.call_progress = True, False, 4
        self.error_mode = 1  # AT+CMEE
        self.at_work: object | None = None
        self._busy = False
        self._commands: Iterator[Command] = iter(())
        self._input: deque[int] = deque()
        self._collecting: Callable[[bytes | None], None] | None = None
        self._text = bytearray()

    def received(self, data: bytes) -> None:
        self._input.extend(data)
        self._consume()

    def proceed(self) -> None:
        """Run the rest of the command line."""
        self.at_work = None
        try:
            for command in self._commands:
                self.at_work = self._run(command)
                if self.at_work is not None:
                    return
        except CmeError as error:
            self.finish(self._cme(error.number))
        except FinalResult as result:
            self.finish(result.code)
        except LineError:
            self.finish("ERROR")
        else:
            self.finish("OK")

    def prompt(self, deliver: Callable[[bytes | None], None]) -> None:
        """Send `> ` and gather text (TS 27.005 §3.5.1): `deliver` gets it at Ctrl-Z, None at ESC.

        The handler that asks for it returns an object (the command is at work); `deliver` calls `proceed` or `finish`.
        """
        self._text.clear()
        self._collecting = deliver
        self._send(b"\r\n> ")

    @property
    def prompting(self) -> bool:
        """Text is being entered: unsolicited codes of messages wait (TS 27.005 §3.4.4)."""
        return self._collecting is not None

    def finish(self, code: str) -> None:
        """End the command line with this final result code ("": with none)."""
        self._busy, self.at_work, self._commands = False, None, iter(())
        if self.faults.urc_after:
            self.say(self.faults.urc_after)
        if code and not self.faults.swallows_result():
            self.result(code)
        self._consume()

    def say(self, *lines: str) -> None:
        """An information response or an unsolicited code: its lines in one frame (V.250 §5.7.1)."""
        self._send(("\r\n" + "\r\n".join(lines) + "\r\n").encode("latin-1"))

    def result(self, code: str) -> None:
        """A result code, solicited or not."""
        if self.quiet:
            return
        if self.verbose:
            self.say(code)
        else:
            self._send((NUMERIC.get(code, code) + "\r").encode("latin-1"))

    def _send(self, data: bytes) -> None:
        if not self.faults.deaf:
            self.output.send(self.faults.junk + data)

    def _consume(self) -> None:
        while self._input:
            if self._collecting is not None:
                self._collect(self._input.popleft())
                continue
            if self._busy:
                if self.at_work is not None and not isinstance(self.at_work, Busy):
                    # V.250 §5.6.1: any character ends a dial or answer command that is still at work.
                    self._input.clear()
                    self._abort(self.at_work)
                return
            self.editor.forced_echo = self.faults.force_echo
            echo, body = self.editor.feed(self._input.popleft())
            if echo:
                self._send(echo)
            if body is not None:
                self._start(body)

    def _collect(self, byte: int) -> None:
        deliver = self._collecting
        if byte in {CTRL_Z, ESC} and deliver is not None:
            self._collecting = None
            deliver(bytes(self._text) if byte == CTRL_Z else None)
            return
        if self.editor.echo or self.faults.force_echo:
            self._send(bytes([byte]))
        self._text.append(byte)

    def _start(self, body: str) -> None:
        reply = self.faults.instead_of_answer()
        if reply is not None:
            self._send(reply)
            return
        if self.faults.urc_before:
            self.say(self.faults.urc_before)
        self._commands = split(body)
        self._busy = True
        self.proceed()

    def _cme(self, number: int) -> str:
        if self.error_mode == 0:
            return "ERROR"
        return f"+CME ERROR: {CME_TEXT.get(number, 'unknown') if self.error_mode == 2 else number}"
