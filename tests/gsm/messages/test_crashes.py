"""kill -9 at each step: what goes out goes out once or is "unknown", what comes in is in the store once."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from appliance.store import Store, open_store
from appliance.store.message_models import InboundPart, Message, queued_message
from gateways.gsm.sms import Submit, decode_pdu
from tests.gsm.messages.bench import PEER, START
from tests.gsm.messages.far import FarModem, deliver

TEXT = "A message in three parts. " * 14


class Ground:
    """A far modem behind a socket, and the gateway's process, which dies at a step and is started again."""

    def __init__(self, url: str, folder: Path) -> None:
        self.store = open_store(url)
        self.far = FarModem(self._step)
        self.deaths = 0
        self._url = url
        self._path = folder / "modem"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._path))
        self._listener.listen()
        self._process: subprocess.Popen[bytes] | None = None
        self._die_at: tuple[str, int] | None = None
        self._seen: Counter[str] = Counter()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _step(self, step: str) -> None:
        self._seen[step] += 1
        if self._die_at == (step, self._seen[step]):
            self._kill()

    def _kill(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait(5)
        self.deaths += 1

    def _serve(self) -> None:
        """Be the modem of one process after another, until the listener is shut."""
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self.far._buffer, self.far._wants_text = b"", False
                try:
                    while data := connection.recv(4096):
                        connection.sendall(self.far.take(data))
                        if self._die_at is not None and self._seen[f"after {self._die_at[0]}"]:
                            self._kill()
                except (ConnectionError, BrokenPipeError):
                    continue

    def run(self, die_at: tuple[str, int] | None = None) -> None:
        """Start the process, to die the n-th time that the modem comes to a step."""
        self._die_at, self._seen = die_at, Counter()
        command = [sys.executable, "-m", "tests.gsm.messages.gateway_process", self._url, str(self._path)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def wait_dead(self) -> None:
        assert self._process is not None
        self._process.wait(20)

    def until(self, holds: Callable[[], bool]) -> None:
        ends = time.monotonic() + 20
        while not holds():
            assert time.monotonic() < ends
            time.sleep(0.05)

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(5)
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        self.store.close()

    def messages(self) -> list[Message]:
        with self.store.session() as session:
            return list(session.scalars(select(Message)))


@pytest.fixture
def ground(sqlite_template: Path) -> Iterator[Ground]:
    folder = Path(tempfile.mkdtemp(prefix="callfloor-"))  # a socket's path must be short
    shutil.copy(sqlite_template, folder / "callfloor.db")
    made = Ground(f"sqlite:///{folder / 'callfloor.db'}", folder)
    yield made
    made.close()
    shutil.rmtree(folder)


def order(store: Store) -> str:
    message = queued_message("gsm-1", PEER, TEXT, START)
    with store.session() as session:
        session.add(message)
    return message.id


@pytest.mark.parametrize(
    ("step", "sent", "state"),
    [
        (("AT+CMGL", 1), 3, "sent"),  # before anything was claimed
        (("AT+CMGS", 1), 2, "unknown"),  # claimed, the text not given: nobody can tell that from the next
        (("text", 1), 2, "unknown"),  # the modem has the text but has not passed it on
        (("taken", 1), 3, "unknown"),  # the network has it, the gateway does not know
        (("AT+CMGS", 2), 2, "unknown"),
        (("taken", 2), 3, "unknown"),
        (("AT+CMGS", 3), 2, "unknown"),
        (("taken", 3), 3, "unknown"),
    ],
)
def test_each_part_goes_out_at_most_once(ground: Ground, step: tuple[str, int], sent: int, state: str) -> None:
    key = order(ground.store)
    if step[0] == "text":
        ground.far.replies.append(("text", "+CMS ERROR: 500"))  # it dies before this is read
    ground.run(step)
    ground.wait_dead()
    ground.run()
    ground.until(lambda: ground.messages()[0].state not in {"queued", "sending"})
    assert ground.deaths == 1
    decoded = [decode_pdu(bytes.fromhex(pdu)) for pdu in ground.far.sent]
    seqs = [part.content.concat.seq for part in decoded if isinstance(part, Submit) and part.content.concat]
    assert len(set(seqs)) == len(seqs) == sent
    with ground.store.session() as session:
        message = session.get_one(Message, key)
    assert message.state == state
    if state == "unknown":
        assert "stopped while it was being sent" in (message.error or "")


@pytest.mark.parametrize(
    "step",
    [
        ("AT+CMGL", 1),  # before anything was read
        ("AT+CMGD", 1),  # one is committed, nothing deleted
        ("deleted", 1),  # deleted, the gateway does not know
        ("AT+CMGD", 3),
        ("deleted", 4),
    ],
)
def test_each_message_comes_in_once(ground: Ground, step: tuple[str, int]) -> None:
    for pdu in (
        deliver("one"), deliver("half ", (9, 1, 2)), deliver("two"), deliver("half", (9, 2, 2)), deliver("one"),
    ):  # fmt: skip
        ground.far.store(pdu)
    ground.run(step)
    ground.wait_dead()
    assert ground.far.storage
    ground.run()
    ground.until(lambda: not ground.far.storage)
    assert ground.deaths == 1
    assert sorted(message.text for message in ground.messages()) == ["half half", "one", "two"]
    with ground.store.session() as session:
        assert len(session.scalars(select(InboundPart)).all()) == 4


@pytest.mark.parametrize("pause", [0.0, 0.002, 0.005, 0.01, 0.02, 0.05])
def test_whenever_it_dies_nothing_is_doubled(ground: Ground, pause: float) -> None:
    """Not at a step of the modem's but a moment after it heard that a part was taken or listed."""
    order(ground.store)
    for number in range(6):
        ground.far.store(deliver(f"No. {number}"))
    ground.run()
    ground.until(lambda: "AT+CMGL=4" in ground.far.heard)
    time.sleep(pause)
    ground._kill()
    ground.run()
    ground.until(lambda: not ground.far.storage)
    ground.until(lambda: all(row.state in {"received", "sent", "unknown"} for row in ground.messages()))
    inbound = [row.text for row in ground.messages() if row.direction == "inbound"]
    assert sorted(inbound) == [f"No. {number}" for number in range(6)]
    assert len(set(ground.far.sent)) == len(ground.far.sent)
    states = [row.state for row in ground.messages() if row.direction == "outbound"]
    assert states == (["sent"] if len(ground.far.sent) == 3 and states == ["sent"] else ["unknown"])
