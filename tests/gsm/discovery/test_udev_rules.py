"""The udev rules know the same vendors as the table of profiles."""

from __future__ import annotations

import re
from pathlib import Path

from gateways.gsm.discovery import profiles

RULES = Path(__file__).parents[3] / "image" / "udev" / "77-callfloor-modems.rules"


def test_same_vendors() -> None:
    lists = re.findall(r'ATTRS?\{idVendor\}=="([0-9a-f|]+)"', RULES.read_text())
    known = {f"{vid:04x}" for vid, _ in profiles._PROFILES}
    assert len(lists) == 2
    for vendors in lists:
        assert set(vendors.split("|")) == known


def test_every_jump_has_its_label() -> None:
    text = RULES.read_text()
    assert set(re.findall(r'GOTO="(\w+)"', text)) == set(re.findall(r'LABEL="(\w+)"', text))
