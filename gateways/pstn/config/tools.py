"""Programs and files of the system that configuring needs: run in bounded time, written whole or not at all."""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SECONDS = 120.0
"""A card with echo cancellers takes some ten to start."""


class ApplyError(Exception):
    """It was not applied, and all is as it was before; the text says why and what to do.

    ``busy``: channels are open, of calls or of the gateway that waits for them.
    """

    def __init__(self, text: str, *, busy: bool = False) -> None:
        super().__init__(text)
        self.busy = busy


class ProgramError(Exception):
    """A program ended with an error, or not in time; the text is what it said, in one line."""


@dataclass(frozen=True)
class Machine:
    """Where the files are and which programs are run."""

    root: Path = Path("/")
    dahdi_cfg: str = "dahdi_cfg"
    modprobe: str = "modprobe"
    seconds: float = SECONDS

    @property
    def system_conf(self) -> Path:
        """What dahdi_cfg reads."""
        return self.root / "etc/dahdi/system.conf"

    @property
    def modprobe_conf(self) -> Path:
        """Options of DAHDI's drivers."""
        return self.root / "etc/modprobe.d/callfloor-dahdi.conf"

    def configure(self, *options: str) -> None:
        """Run dahdi_cfg. Raises ProgramError, ApplyError when it is not there."""
        run([self.dahdi_cfg, *options], self.seconds)

    def load(self, module: str) -> None:
        """Load a module. Raises ProgramError, ApplyError when there is no modprobe."""
        run([self.modprobe, module], self.seconds)


def run(command: list[str], seconds: float) -> None:
    """Run a program to its end. Raises ProgramError, ApplyError when it is not there."""
    environment = os.environ | {"LC_ALL": "C", "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"}
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
        )
    except FileNotFoundError:
        raise ApplyError(f"{command[0]} is not there: `apt install dahdi kmod`") from None
    with process:
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            raise ProgramError(
                f"not done after {seconds:.0f} s; if no dahdi_cfg runs: `rm /dev/shm/sem.dahdi_cfg`"
            ) from None
    if process.returncode != 0:
        raise ProgramError(_told(said.decode(errors="replace")) or f"exit status {process.returncode}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """By SIGTERM first: killed outright, dahdi_cfg leaves its semaphore taken, and the next one waits for ever."""
    process.terminate()
    try:
        process.communicate(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def _told(said: str) -> str:
    """The first lines that say something; dahdi_cfg begins with a notice and ends with a count."""
    lines = [" ".join(line.split()) for line in said.splitlines()]
    return "; ".join([line for line in lines if line and not line.startswith("Notice:")][:3])


def read(path: Path) -> str | None:
    """A file's text; None: there is none."""
    try:
        return path.read_text(errors="replace")
    except FileNotFoundError:
        return None


def replace(path: Path, text: str | None) -> None:
    """Write a file whole, by another name first; None removes it. Raises ApplyError."""
    try:
        if text is None:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.new")
        with new.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.chmod(0o644)
        new.replace(path)
    except PermissionError:
        raise ApplyError(f"{path} may not be written: run it as root (`sudo callfloor pstn apply`)") from None
    except OSError as error:
        raise ApplyError(f"{path} can't be written: {error.strerror}; see `df -h` and `findmnt -T {path}`") from None


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep others who apply out, for a with block. Raises ApplyError when somebody is at it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise ApplyError(f"{path.parent} can't be opened: {error.strerror}; run it as root") from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ApplyError("another `callfloor pstn apply` is running: wait for it") from None
    finally:
        os.close(folder)
