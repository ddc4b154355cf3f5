"""One SIM card in memory: its limits, what it was used for and how well its calls go."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateways.gsm.policy.config import Config, SimSettings
from gateways.gsm.policy.limits import Policy
from gateways.gsm.policy.quality import Alarm, Ended, Watch
from gateways.gsm.policy.rules import Lock, note_end
from gateways.gsm.policy.usage import Usage


@dataclass(slots=True)
class Card:
    """See the module. ``line``: where it is; None: in no line of this gateway at present."""

    iccid: str
    use: Usage
    imsi: str | None = None
    line: str | None = None
    carrier: str | None = None
    settings: SimSettings = field(default_factory=SimSettings)
    policy: Policy = field(default_factory=Policy)
    watch: Watch = field(default_factory=Watch)
    alarms: tuple[Alarm, ...] = ()

    def configure(self, config: Config) -> None:
        """Take over what is configured of this SIM."""
        self.settings = config.sims.get(self.iccid, SimSettings())
        self.carrier = config.carrier(self.iccid, self.imsi)
        self.policy = config.policy(self.iccid, self.imsi)
        self.use.enabled = self.settings.enabled
        self.use.set_windows(self.policy.windows)

    def call_ended(self, call: Ended) -> Lock | None:
        """Count an outgoing call; return the lock that it brings."""
        self.use.call_ended(call.answered, call.ended, call.billed_seconds)
        if call.outcome is None:
            return None
        self.watch.ended(call)
        return note_end(self.policy, self.use, call.outcome, call.ended)
