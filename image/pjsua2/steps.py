"""Steps of the build: a line of progress each, all commands' output in one log, errors that say what to do."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TAIL_LINES = 15


class BuildError(Exception):
    """The build cannot go on; the text is for the person who ran it."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(f"{what}\nhint: {hint}" if hint else what)
        self.what = what


@dataclass(frozen=True)
class Steps:
    """Runs the build's steps. `log` collects what their commands print; `quiet` leaves out the progress lines."""

    log: Path
    quiet: bool = False

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Print `title` and, when the block is done, the seconds it took."""
        self._say(f"pjsua2: {title} ... ", end="")
        begin = time.monotonic()
        try:
            yield
        except BaseException:
            self._say("failed")
            raise
        self._say(f"{time.monotonic() - begin:.1f} s")

    def run(
        self, command: Sequence[str | Path], *, folder: Path, hint: str = "", env: Mapping[str, str] | None = None
    ) -> str:
        """Run a command in `folder` and return what it printed on stdout. Raises BuildError with the log's end."""
        words = [str(word) for word in command]
        environment = {**os.environ, "LC_ALL": "C", **(env or {})}
        with self.log.open("a") as log:
            log.write(f"\n$ cd {folder} && {' '.join(words)}\n")
            log.flush()
            done = subprocess.run(
                words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=log, text=True, check=False
            )
            log.write(done.stdout)
        if done.returncode != 0:
            raise BuildError(self._failure(words, folder, done.returncode), hint or "read the log's first error")
        return done.stdout

    def _failure(self, words: list[str], folder: Path, status: int) -> str:
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:])
        return f"exit status {status} of: cd {folder} && {' '.join(words)}\nlog: {self.log}, its last lines:\n{tail}"

    def _say(self, text: str, end: str = "\n") -> None:
        if not self.quiet:
            print(text, end=end, file=sys.stderr, flush=True)
