"""The machine as a workbench: it stays up, and takes commands from this host over ssh, from many at once.

Only in this mode the machine has a network (QEMU's user mode: no privileges, reached on 127.0.0.1 alone) and an sshd,
which knows one key made for it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.vm.image import cache_folder, image
from tests.vm.machine import MachineError, boot

NAME = "callfloor-vm"
LONGEST = 7 * 86400.0
"""Seconds; a forgotten one ends after a week."""


def shell() -> int:
    """Boot and stay until the machine is stopped (Ctrl-C, SIGTERM, or `poweroff -f` inside)."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    built = image()
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        results = folder / "results"
        shutil.rmtree(results, ignore_errors=True)
        results.mkdir()
        shutil.copy(_key(folder).with_suffix(".pub"), results / "authorized_keys")
        port = _free_port()
        (folder / "port").write_text(str(port))
        print(f"vm: sshd on 127.0.0.1:{port} when it says so; results in {results}", flush=True)
        forward = f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{port}-:22"
        try:
            return boot(built, results, "shell", LONGEST, ("-netdev", forward, "-device", "virtio-net-pci,netdev=net"))
        except KeyboardInterrupt:
            return 0
        finally:
            (folder / "port").unlink()


def execute(command: str) -> int:
    """Run a command of the shell in the running machine, from /checkout; return its exit status."""
    folder = _folder()
    results = folder / "results"
    if not (folder / "port").exists() or not (results / "host_key").exists():
        raise MachineError("no machine is up: start one with `make vm-shell` and wait until it says that sshd listens")
    known = folder / "known_hosts"
    if not known.exists() or not known.read_text().endswith((results / "host_key").read_text()):
        known.write_text(f"{NAME} {(results / 'host_key').read_text()}")
    options = {
        "HostKeyAlias": NAME,
        "UserKnownHostsFile": known,
        "IdentitiesOnly": "yes",
        "LogLevel": "ERROR",
        "ConnectTimeout": 60,
        "ServerAliveInterval": 30,
        # One connection for all: under emulation its keys alone take a second or two.
        "ControlMaster": "auto",
        "ControlPath": folder / "ssh-%C",
        "ControlPersist": 600,
    }
    ssh = ["ssh", "-F", "none", "-i", str(folder / "key"), "-p", (folder / "port").read_text()]
    ssh += [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    ssh.append("-t" if sys.stdin.isatty() else "-n")
    return subprocess.run(
        [*ssh, "root@127.0.0.1", f"cd /checkout && . tests/vm/guest/environment.sh && {{ {command}\n}}"], check=False
    ).returncode


def refresh() -> int:
    """Put pjsua2 and the prompts, built anew where they have changed, into the running machine."""
    shutil.copy(image().ours, _folder() / "results" / "ours.tar")
    old = "/opt/callfloor/lib/python3*/site-packages/*pjsua2*"
    return execute(f"rm -rf {old} && tar -C /opt -xf /results/ours.tar && rm /results/ours.tar")


def _folder() -> Path:
    return cache_folder() / "shell"


def _key(folder: Path) -> Path:
    key = folder / "key"
    if not key.exists():
        if shutil.which("ssh-keygen") is None:
            raise MachineError("ssh-keygen not found: run `make setup-vm`")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", NAME, "-f", str(key)], check=True)
    return key


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise MachineError("one is up already: `python -m tests.vm --exec COMMAND` runs commands in it") from None
        lock.write(str(os.getpid()))
        lock.flush()
        with contextlib.suppress(OSError):
            (folder / "results" / "host_key").unlink()
        yield
