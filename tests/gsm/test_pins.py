"""SIM PINs: the right one opens the line, a wrong one is tried once in a SIM's life."""

from __future__ import annotations

import logging
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateways.gsm.pins import PinBook, PinEntry
from gateways.line import LineReady
from tests.gsm.conftest import until
from tests.gsm.modems import is_a
from tests.gsm.scripted import Bench, ScriptedModem

PIN = "1234"
ENTER = f'AT+CPIN="{PIN}"'


class LockedModem(ScriptedModem):
    """Its SIM wants the PIN ``right``; ``entered`` are the commands that tried one."""

    def __init__(self, folder: Path, right: str) -> None:
        super().__init__(folder)
        self.right = right
        self.open = False
        self.script["AT+CPIN?"] = self._sim
        self.default = self._other

    def _sim(self, _command: str) -> str:
        return f"+CPIN: {'READY' if self.open else 'SIM PIN'}\r\n\r\nOK"

    def _other(self, command: str) -> str:
        if not command.startswith('AT+CPIN="'):
            return "OK"
        self.open = command == f'AT+CPIN="{self.right}"'
        return "OK" if self.open else "+CME ERROR: 16"

    @property
    def entered(self) -> list[str]:
        return [command for command in self.heard if command.startswith('AT+CPIN="')]


@contextmanager
def line(far: ScriptedModem, book: Path, pin: str = PIN) -> Iterator[Bench]:
    """A gateway's process, as it were: everything but the file is new."""
    bench = Bench(far, pins=PinBook(book), pin=pin)
    try:
        yield bench
    finally:
        bench.close()


@pytest.fixture(name="book")
def book_fixture(tmp_path: Path) -> Path:
    return tmp_path / "pins.json"


def test_the_right_pin_is_entered_once_and_again_after_a_power_cut(tmp_path: Path, book: Path) -> None:
    far = LockedModem(tmp_path, PIN)
    try:
        with line(far, book) as bench:
            bench.wait(is_a(LineReady))
            assert far.entered == [ENTER]
            mark = len(bench.events)
            far.open = False
            bench.do(lambda modem: modem.reset())
            bench.wait(is_a(LineReady), since=mark)
            assert far.entered == [ENTER] * 2
    finally:
        far.close()


def test_a_wrong_pin_is_never_tried_again(tmp_path: Path, book: Path) -> None:
    far = LockedModem(tmp_path, "9999")
    try:
        for _ in range(2):
            with line(far, book) as bench:
                reason = str(getattr(bench.wait_state("sim-pin"), "reason", ""))
                assert "it was not accepted" in reason
                asked = far.heard.count("AT+CPIN?")
                assert until(lambda asked=asked: far.heard.count("AT+CPIN?") > asked + 3)  # type: ignore[misc]
                bench.do(lambda modem: modem.reset())
                time.sleep(0.5)
        assert far.entered == [ENTER]
        with line(far, book, "9999") as bench:
            bench.wait_state("idle")
        assert far.entered == [ENTER, 'AT+CPIN="9999"']
    finally:
        far.close()


def test_a_pin_whose_fate_is_not_known_counts_as_tried(tmp_path: Path, book: Path) -> None:
    far = LockedModem(tmp_path, PIN)
    far.script[ENTER] = None
    try:
        with line(far, book) as bench:
            bench.wait_state("sim-pin")
            assert until(lambda: far.entered == [ENTER])
        with line(far, book) as bench:
            bench.wait_state("sim-pin")
            asked = far.heard.count("AT+CPIN?")
            assert until(lambda: far.heard.count("AT+CPIN?") > asked + 3)
        assert far.entered == [ENTER]
    finally:
        far.close()


def test_no_pin_is_entered_while_the_try_cannot_be_noted(tmp_path: Path) -> None:
    far = LockedModem(tmp_path, PIN)
    folder = tmp_path / "later"
    try:
        with line(far, folder / "pins.json") as bench:
            bench.wait_state("sim-pin")
            asked = far.heard.count("AT+CPIN?")
            assert until(lambda: far.heard.count("AT+CPIN?") > asked + 3)
            assert far.entered == []
            folder.mkdir()
            bench.wait_state("idle")
    finally:
        far.close()


def test_the_book_is_private_and_holds_no_pin(book: Path) -> None:
    first = PinBook(book)
    assert [first.begin("gsm-1", PIN), first.begin("gsm-1", PIN), first.begin("gsm-2", PIN)] == [True, False, True]
    assert [first.begin("gsm-1", "4321")] == [True]
    assert PIN not in book.read_text()
    assert stat.S_IMODE(book.stat().st_mode) == 0o600
    again = PinBook(book)
    again.accepted("gsm-1", PIN)
    assert [again.begin("gsm-1", PIN), again.begin("gsm-2", PIN)] == [True, False]


@pytest.mark.parametrize("content", ["", "5", "[[]]", "{"])
def test_a_book_that_is_not_ours_lets_nothing_be_tried(
    book: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    book.write_text(content)
    entry = PinEntry("gsm-1", PIN, PinBook(book))
    with caplog.at_level(logging.ERROR):
        assert [entry.take(), entry.take()] == [None, None]
    assert [record.message.partition(" is not")[0] for record in caplog.records] == ["gsm-1: the SIM's PIN"]


def test_a_line_without_a_pin_has_none_to_try(book: Path) -> None:
    assert PinEntry("gsm-1", None, PinBook(book)).take() is None
    assert PinEntry("gsm-1", PIN, None).take() is None
    assert not book.exists()


def test_no_pin_stands_in_a_log(tmp_path: Path, book: Path, caplog: pytest.LogCaptureFixture) -> None:
    far = LockedModem(tmp_path, PIN)
    try:
        with caplog.at_level(logging.DEBUG), line(far, book) as bench:
            bench.wait(is_a(LineReady))
            assert repr(PIN) not in repr(bench.modem._spec)
    finally:
        far.close()
    assert "-> AT+CPIN=(secret)" in caplog.text
    assert ENTER not in caplog.text
