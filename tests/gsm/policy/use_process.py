"""A gateway's policy in a process of its own, to be killed: ``use_process URL SPOOL steady|busy``.

``busy`` makes calls of a minute and prints how many are in the store; ``steady`` has one answered call that goes on.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance.store import open_store
from gateways.gsm.policy.service import SimPolicy

NOW = datetime(2026, 3, 10, 3, 0, tzinfo=UTC)
ICCID = "8981100000000000001"
MINUTE = timedelta(minutes=1)


def busy(policy: SimPolicy) -> None:
    at = NOW
    for made in range(1, 1000):
        policy.call_began("gsm-1", "+818011112222", "outbound", at)
        policy.call_answered("gsm-1", at)
        at += MINUTE
        policy.call_ended("gsm-1", 16, "far", at)
        policy.sms_sent("gsm-1", 1, NOW)
        policy.flush()
        print(made, flush=True)


def steady(policy: SimPolicy) -> None:
    policy.call_began("gsm-1", "+818011112222", "outbound", NOW)
    policy.call_answered("gsm-1", NOW)
    policy.tick(NOW)
    policy.tick(NOW + MINUTE)
    policy.flush()
    print(1, flush=True)
    time.sleep(60)


if __name__ == "__main__":
    service = SimPolicy(open_store(sys.argv[1]), Path(sys.argv[2]), ZoneInfo("Asia/Tokyo"), "JP")
    service.start(NOW)
    service.sim_seen("gsm-1", ICCID, "440101234567890", NOW)
    {"busy": busy, "steady": steady}[sys.argv[3]](service)
