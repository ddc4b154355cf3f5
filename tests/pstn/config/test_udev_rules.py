"""The rule that gives DAHDI's devices to the gateway; tests/vm/guest/test_pstn_config.py sees it at work."""

from __future__ import annotations

import re
from pathlib import Path

RULES = Path(__file__).parents[3] / "image" / "udev" / "77-callfloor-dahdi.rules"


def test_every_jump_has_its_label_and_both_kinds_of_devices_are_given() -> None:
    text = RULES.read_text()
    assert set(re.findall(r'GOTO="(\w+)"', text)) == set(re.findall(r'LABEL="(\w+)"', text))
    given = re.findall(r'^SUBSYSTEM=="(\w+)", OWNER="root", GROUP="dialout", MODE="0660"$', text, re.MULTILINE)
    assert given == ["dahdi", "dahdi_channels"]
