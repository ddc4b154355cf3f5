"""A service to be killed: connects, publishes a line, waits. Arguments: port, password."""

import sys
import time
from datetime import UTC, datetime

from appliance.bus import Bus, topics
from appliance.bus_payloads import LineStatus

bus = Bus("127.0.0.1", int(sys.argv[1]), "gsm", sys.argv[2])
bus.start()
bus.publish(
    topics.line("gsm-1"), LineStatus(line="gsm-1", gateway="gsm", state="idle", since=datetime.now(UTC)), retain=True
)
time.sleep(60)
