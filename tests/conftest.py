"""Fixtures of all tests: empty migrated databases on SQLite and PostgreSQL, and free ports."""

from __future__ import annotations

import itertools
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from appliance.store import Store, open_store
from tests.postgresql import PostgresServer, newest_binaries

BACKENDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.pg)]
TEMPLATE = "migrated"
_numbers = itertools.count(1)


def free_port(kind: Literal["udp", "tcp"] = "udp") -> int:
    """A loopback port that is free for both UDP and TCP at this moment; ``kind`` is the one bound last."""
    first, second = socket.SOCK_STREAM, socket.SOCK_DGRAM
    if kind == "tcp":
        first, second = second, first
    for _ in range(50):
        with socket.socket(socket.AF_INET, first) as one, socket.socket(socket.AF_INET, second) as other:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            try:
                other.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no port is free for both UDP and TCP")


def free_ports(count: int) -> list[int]:
    """Several different free ports."""
    ports: set[int] = set()
    while len(ports) < count:
        ports.add(free_port())
    return sorted(ports)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL server for the test run."""
    binaries = newest_binaries()
    if binaries is None:
        pytest.fail("PostgreSQL isn't installed: run `make setup`, or leave its tests out with -m 'not pg'")
    server = PostgresServer(binaries)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "callfloor.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """A migrated PostgreSQL database to copy."""
    postgres_server.run(f"CREATE DATABASE {TEMPLATE}")
    _migrate(postgres_server.url(TEMPLATE))
    return TEMPLATE


@pytest.fixture(params=BACKENDS)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated database without rows; each test gets its own, once on each kind of database."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copy(template, tmp_path / "callfloor.db")
        yield f"sqlite:///{tmp_path / 'callfloor.db'}"
    else:
        template_name: str = request.getfixturevalue("postgres_template")
        yield from _postgres_database(request, template_name)


@pytest.fixture(params=BACKENDS)
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables (for SQLite: without even the file)."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'callfloor.db'}"
    else:
        yield from _postgres_database(request, "template1")


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An open store on ``store_url``."""
    opened = open_store(store_url)
    yield opened
    opened.close()


def _postgres_database(request: pytest.FixtureRequest, template: str) -> Iterator[str]:
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = f"test_{next(_numbers)}"
    server.run(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.url(name)
    server.run(f"DROP DATABASE {name} WITH (FORCE)")


def _migrate(url: str) -> None:
    opened = open_store(url)
    opened.migrate()
    opened.close()
