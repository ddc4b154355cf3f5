"""The pjsua2 wheel: built by us, with the limits, the codecs and the OpenSSL that the core needs."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from appliance.doctor.finding import Finding, fail, ok

CALLS_WANTED = 600
CODECS = ("PCMA", "PCMU", "G722", "opus")
SECONDS = 20.0
BUILD = "run `make setup`: it builds and installs the right one"


def pjsua2() -> Finding:
    """Ask the module in another process and judge its answer."""
    try:
        probe = subprocess.run(
            [sys.executable, "-m", "appliance.doctor.wheel_probe"],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return fail("pjsua2", f"gave no answer in {SECONDS:.0f} s", BUILD)
    if probe.returncode:
        reason = (probe.stderr.strip().splitlines() or ["no message"])[-1]
        if "No module named 'pjsua2'" in reason:
            return fail("pjsua2", "not installed", BUILD)
        return fail("pjsua2", f"doesn't start (status {probe.returncode}): {reason}", BUILD)
    return judge(json.loads(probe.stdout.splitlines()[-1]))


def judge(facts: dict[str, Any]) -> Finding:
    """Say whether what ``wheel_probe`` found will do."""
    wrong = []
    if facts["calls"] < CALLS_WANTED:
        wrong.append(f"compiled for {facts['calls']} calls a process, {CALLS_WANTED} are wanted")
    if not facts["openssl"].startswith("OpenSSL 3"):
        wrong.append(f"OpenSSL 3 is wanted, it has {facts['openssl']}")
    wrong += [f"codec {codec} is missing" for codec in CODECS if codec not in facts["codecs"]]
    if not facts["srtp"]:
        wrong.append("SRTP is missing")
    wrong += [f"our class {name} is missing" for name in facts["missing_classes"]]
    if wrong:
        return fail("pjsua2", f"{facts['version']}: {'; '.join(wrong)}", BUILD)
    openssl = " ".join(facts["openssl"].split()[:2])
    return ok("pjsua2", f"{facts['version']}, {facts['calls']} calls a process, {openssl}, SRTP, {', '.join(CODECS)}")
