"""The corpus of captures in ``captures/``: what real modems say, and the lines that ``callfloor gsm decode`` owes.

A file holds one family's captures, parted by a blank line: ``== title``, ``source:`` (where the shape of the lines was
seen; numbers are fictional ones), ``command:`` if the bytes follow one, ``<`` bytes with backslash escapes, ``>`` a
line of the answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateways.gsm.decode import decode
from gateways.gsm.dialects import FAMILIES

CAPTURES = Path(__file__).parent / "captures"


def _captures() -> Iterator[Any]:
    for file in sorted(CAPTURES.glob("*.txt")):
        for block in file.read_text(encoding="utf-8").strip().split("\n\n"):
            title, command, data, forms = "", "", b"", []
            for line in block.splitlines():
                mark, _, rest = line.partition(" ")
                if mark == "==":
                    title = rest
                elif mark == "command:":
                    command = rest
                elif mark == "<":
                    data += rest.encode().decode("unicode_escape").encode("latin-1")
                elif mark == ">":
                    forms.append(json.loads(rest))
            yield pytest.param(file.stem, command, data, forms, id=f"{file.stem}: {title}")


@pytest.mark.parametrize(("family", "command", "data", "forms"), list(_captures()))
def test_capture(family: str, command: str, data: bytes, forms: list[dict[str, Any]]) -> None:
    assert list(decode([data], family, command)) == forms
    by_byte = [data[at : at + 1] for at in range(len(data))]
    assert list(decode(by_byte, family, command)) == forms


def test_every_family_has_captures() -> None:
    assert {file.stem for file in CAPTURES.glob("*.txt")} == set(FAMILIES)
