from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pbx.edge.render import Limits
from tests.edge.running import Edge
from tests.edge.sip import Endpoint


@pytest.fixture
def make_edge(tmp_path: Path, sqlite_template: Path) -> Iterator[Callable[[Limits], Edge]]:
    """Starts an edge on SQLite with limits of one's own."""
    made: list[Edge] = []

    def make(limits: Limits) -> Edge:
        shutil.copy(sqlite_template, tmp_path / "callfloor.db")
        made.append(Edge(tmp_path, f"sqlite:///{tmp_path / 'callfloor.db'}", limits))
        return made[-1]

    yield make
    for running in made:
        running.close()


@pytest.fixture
def edge(make_edge: Callable[[Limits], Edge]) -> Edge:
    """A running edge on SQLite."""
    return make_edge(Limits())


@pytest.fixture
def core(edge: Edge) -> Endpoint:
    """The core's socket."""
    return edge.core
