"""``callfloor doctor``: one line for each thing looked at, what to do below it where something is wrong."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import TextIO

from appliance.doctor import machine, site, telephony, wheel
from appliance.doctor.finding import Finding
from appliance.doctor.programs import PROGRAMS, program
from appliance.settings import Settings


def examine(settings: Settings) -> Iterator[Finding]:
    """All findings, as they are made."""
    yield machine.python()
    yield wheel.pjsua2()
    for wanted in PROGRAMS:
        yield program(wanted)
    yield machine.memory()
    yield machine.clock()
    yield machine.sound()
    yield machine.disk("disk state", settings.paths.state)
    recordings = settings.paths.recordings
    yield machine.disk("disk recordings", recordings if recordings.is_dir() else recordings.parent)  # the core makes it
    store = site.open_settings_store(settings)
    try:
        yield site.database(store)
        yield site.prompts(settings, store)
        yield from telephony.findings(store)
    finally:
        store.close()
    yield from site.ports(settings)


def run(settings: Settings, *, as_json: bool = False, out: TextIO | None = None) -> int:
    """Print the findings; return 1 if one of them is a fail, else 0."""
    out = out or sys.stdout
    findings = []
    for finding in examine(settings):
        findings.append(finding)
        if not as_json:
            out.write(f"{finding.state:4}  {finding.about:24}  {finding.text}\n")
            if finding.advice:
                out.write(f"      {'':24}  -> {finding.advice}\n")
            out.flush()
    if as_json:
        json.dump([asdict(finding) for finding in findings], out, ensure_ascii=False, indent=1)
        out.write("\n")
    return 1 if any(finding.state == "fail" for finding in findings) else 0
