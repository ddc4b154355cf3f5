"""What is configured about SIMs, read from the store at once."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from sqlalchemy import select
from sqlalchemy.orm import Session

from appliance.store.sim_models import Carrier, Sim
from appliance.store.sim_models import SimPolicy as PolicyRow
from gateways.gsm.policy.limits import Policy


@dataclass(frozen=True, slots=True)
class SimSettings:
    """What the site description says of a SIM."""

    number: str | None = None
    carrier: str | None = None
    label: str | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Config:
    """Carriers by IMSI prefix, policies by subject, SIMs by ICCID."""

    carriers: dict[str, str] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    sims: dict[str, SimSettings] = field(default_factory=dict)

    def carrier(self, iccid: str, imsi: str | None) -> str | None:
        """Return the SIM's carrier: the described one, or the one with the longest prefix of its IMSI."""
        told = self.sims.get(iccid, SimSettings()).carrier
        if told is not None or imsi is None:
            return told
        prefix = max((p for p in self.carriers if imsi.startswith(p)), key=len, default=None)
        return None if prefix is None else self.carriers[prefix]

    def policy(self, iccid: str, imsi: str | None) -> Policy:
        """Return the SIM's limits, its carrier's where it has none of its own."""
        own = self.policies.get(f"sim:{iccid}", Policy())
        return own.over(self.policies.get(f"carrier:{self.carrier(iccid, imsi)}", Policy()))


def load_config(session: Session) -> Config:
    """Read it."""
    columns = [f.name for f in fields(Policy)]
    return Config(
        carriers={p: row.name for row in session.scalars(select(Carrier)) for p in row.imsi_prefixes},
        policies={
            row.subject: Policy(**{name: getattr(row, name) for name in columns})
            for row in session.scalars(select(PolicyRow))
        },
        sims={
            row.iccid: SimSettings(row.number, row.carrier, row.label, row.enabled)
            for row in session.scalars(select(Sim))
        },
    )
