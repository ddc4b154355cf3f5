"""A throw-away PostgreSQL server of Debian's packages: unix socket only, no durability, ended by its pid."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

START_SECONDS = 30.0
STOP_SECONDS = 10.0
# Speed only: the data lives as long as the test run.
OPTIONS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "shared_buffers=16MB", "listen_addresses=")


def newest_binaries() -> Path | None:
    """The folder with ``initdb`` and ``postgres`` of the newest version installed."""
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((path.parent for path in found), key=lambda path: float(path.parent.name), default=None)


class PostgresServer:
    """A running server; ``url(database)`` is SQLAlchemy's URL of one of its databases."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        # Not in pytest's folder: only root may enter that, and the server refuses to run as root.
        self._folder = Path(tempfile.mkdtemp(prefix="callfloor-pg-"))
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(self._folder, account.pw_uid, account.pw_gid)
            self._as = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        self._log = self._folder / "log"
        try:
            self._process = self._start()
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def _start(self) -> subprocess.Popen[bytes]:
        data = self._folder / "data"
        initdb: list[str | Path] = [
            self._binaries / "initdb",
            "-D",
            data,
            "-U",
            "callfloor",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "-N",
        ]
        subprocess.run(initdb, check=True, capture_output=True, timeout=60, cwd=self._folder, **self._as)
        command: list[str | Path] = [self._binaries / "postgres", "-D", data, "-k", self._folder]
        for option in OPTIONS:
            command += ["-c", option]
        with self._log.open("wb") as log:
            process: subprocess.Popen[bytes] = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self._folder, **self._as
            )
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self.conninfo("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                if process.poll() is not None or time.monotonic() > deadline:
                    process.kill()
                    process.wait()
                    raise RuntimeError(f"PostgreSQL didn't start: {self._log.read_text()}") from None
                time.sleep(0.05)
            else:
                return process

    def conninfo(self, database: str) -> str:
        """libpq's words for a connection."""
        return f"host={self._folder} user=callfloor dbname={database}"

    def url(self, database: str) -> str:
        """SQLAlchemy's URL of a database."""
        return f"postgresql+psycopg://callfloor@/{database}?host={self._folder}"

    def run(self, statement: str) -> None:
        """Run one statement that names databases, outside a transaction."""
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def stop(self) -> None:
        """End the server and remove its data."""
        self._process.send_signal(signal.SIGINT)  # fast shutdown
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(STOP_SECONDS)
        shutil.rmtree(self._folder, ignore_errors=True)
