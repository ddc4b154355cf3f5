"""The panel as its own process, as it runs on an appliance."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from tests.bus.broker import Broker, eventually
from tests.conftest import free_port

PROGRAM = """
import sys
from pathlib import Path
from appliance.panel.main import main
from appliance.settings import load
sys.exit(main(load(Path(sys.argv[1]))))
"""


class RunningPanel:
    """Starts the panel with settings of its own in ``directory``; ``stop`` ends it."""

    def __init__(
        self, directory: Path, broker: Broker, database: str, language: str = "en", zone: str = "UTC", notify: str = ""
    ) -> None:
        self.port = free_port("tcp")
        self.url = f"http://127.0.0.1:{self.port}"
        self.recordings = directory / "recordings"
        self.recordings.mkdir(exist_ok=True)
        self.log = directory / "panel.log"
        self._settings = directory / f"panel-{self.port}.toml"
        self._settings.write_text(
            f'[site]\nname = "callfloor"\nlanguage = "{language}"\ntimezone = "{zone}"\n'
            f'[paths]\nstate = "{directory}"\n'
            f'[database]\nurl = "{database}"\n'
            f'[bus]\nport = {broker.port}\npasswords = "{directory}/bus-passwords.json"\n'
            f"[panel]\nport = {self.port}\n"
        )
        self._environment = os.environ | {"HOME": str(directory)} | ({"NOTIFY_SOCKET": notify} if notify else {})
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Start it, also again after ``stop``."""
        with self.log.open("ab") as log:
            command = [sys.executable, "-c", PROGRAM, str(self._settings)]
            self.process = subprocess.Popen(command, stderr=log, env=self._environment)
        return self.process

    def answers(self) -> bool:
        """True once it serves pages."""
        try:
            self.health()
        except OSError:
            return False
        return True

    def wait(self) -> None:
        """Wait until it serves pages."""
        assert eventually(self.answers, 15), self.log.read_text()

    def health(self) -> dict[str, Any]:
        """What /healthz says."""
        with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
            health: dict[str, Any] = json.load(answer)
        return health

    def stop(self) -> None:
        """SIGTERM, and SIGKILL to the whole of it if that takes too long."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(8)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
