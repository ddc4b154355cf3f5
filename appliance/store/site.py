"""Applies a site description to the store: all of it in one transaction, or nothing and every problem named.

The description is compared with what is there; only differences are written, each with a ``setting_change`` row that
says who, before and after. A secret never stands in one: a new password shows as ``"password": "changed"``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from appliance.store.models import Agent, Base, Extension, IvrFlow, Line, Queue, QueueMember, Route, SettingChange
from appliance.store.pstn_models import Fxo, PstnCard, PstnSpan
from appliance.store.sim_models import Carrier, LineGroup, Sim, SimPolicy
from appliance.store.site_check import problems
from appliance.store.site_description import SiteDescription, SiteError

Row = dict[str, Any]
Rows = dict[str, dict[str, Row]]  # table -> key -> columns; a queue's row also has its members

MODELS: dict[str, type[Base]] = {
    "line": Line,
    "pstn_card": PstnCard,
    "pstn_span": PstnSpan,
    "fxo": Fxo,
    "extension": Extension,
    "agent": Agent,
    "queue": Queue,
    "route": Route,
    "ivr_flow": IvrFlow,
    "carrier": Carrier,
    "sim": Sim,
    "sim_policy": SimPolicy,
    "line_group": LineGroup,
}
KEY_COLUMNS = {
    "line": "name",
    "pstn_card": "name",
    "pstn_span": "name",
    "fxo": "name",
    "extension": "number",
    "agent": "number",
    "queue": "name",
    "route": "position",
    "ivr_flow": "name",
    "carrier": "name",
    "sim": "iccid",
    "sim_policy": "subject",
    "line_group": "name",
}
RUNNING = {
    "line": {"out_of_service_reason"},
    "fxo": {"busy_tone", "busy_learned"},
    "sim": {"imsi", "line", "first_line", "first_seen", "last_seen", "locked_until", "lock_reason"},
}  # columns that a service writes, no description


@dataclass(frozen=True)
class Change:
    """One difference, free of secrets. ``before`` None: the row is new; ``after`` None: it was removed."""

    table: str
    key: str
    before: Row | None
    after: Row | None

    def __str__(self) -> str:
        thing = f"{self.table} {self.key}"
        if self.before is None:
            return f"added {thing}"
        if self.after is None:
            return f"removed {thing}"
        steps = []
        for key, value in self.after.items():
            had = self.before.get(key)
            if value != had:
                plain = key in self.before and not isinstance(value, dict)
                steps.append(f"{key} {had} -> {value}" if plain else key)
        return f"changed {thing}: {', '.join(steps)}"


def apply_site(session: Session, site: SiteDescription, *, realm: str, who: str, source: str = "site") -> list[Change]:
    """Make the store say what ``site`` says and return what changed; ``realm`` is ``edge.realm`` of the settings.

    ``source`` (the file's name) begins each line of a SiteError. The session's owner commits.
    """
    _keep_others_out(session)
    now = present(session)
    wanted = _wanted(site, now, realm)
    wrong = problems(site, now | wanted)
    if wrong:
        raise SiteError("\n".join(f"{source}: {line}" for line in wrong))
    changes = []
    for table in MODELS:
        if table in wanted:
            changes += _write_table(session, table, now[table], wanted[table], who)
    _write_members(session, wanted.get("queue", {}))
    return changes


def present(session: Session) -> Rows:
    """All that is configured, as plain data."""
    rows: Rows = {}
    for table, model in MODELS.items():
        columns = [c.key for c in inspect(model).columns if c.key not in RUNNING.get(table, ())]
        found = session.scalars(select(model).order_by(*inspect(model).primary_key))
        rows[table] = {str(getattr(r, KEY_COLUMNS[table])): {c: getattr(r, c) for c in columns} for r in found}
    for queue in rows["queue"].values():
        queue["members"] = []
    for member in session.scalars(select(QueueMember).order_by(QueueMember.agent)):
        rows["queue"][member.queue]["members"].append(member.agent)
    return rows


def ha1(number: str, realm: str, password: str) -> str:
    """The digest that stands for a password (RFC 7616 §3.4.2; MD5, because most phones know nothing else)."""
    return hashlib.md5(f"{number}:{realm}:{password}".encode(), usedforsecurity=False).hexdigest()


def _keep_others_out(session: Session) -> None:
    """Two who apply at once take turns, so that neither compares with a state that is about to change."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("DELETE FROM setting_change WHERE 1 = 0"))  # a write, however empty, takes the lock
    else:
        session.execute(text("LOCK TABLE setting_change IN SHARE ROW EXCLUSIVE MODE"))


def _wanted(site: SiteDescription, now: Rows, realm: str) -> Rows:
    wanted: Rows = {}
    for table in ("line", "pstn_card", "pstn_span", "fxo", "agent", "carrier", "sim", "sim_policy", "line_group"):
        rows = getattr(site, table)
        if rows is not None:
            wanted[table] = {getattr(row, KEY_COLUMNS[table]): row.model_dump() for row in rows}
    for line in site.line or []:
        kept = now["line"].get(line.name, {}).get("pin")
        wanted["line"][line.name]["pin"] = kept if line.pin is None else line.pin.get_secret_value() or None
    if site.sim is not None:
        wanted["sim"] = now["sim"] | wanted["sim"]  # one that a gateway found is there, whatever a file says
    if site.queue is not None:
        wanted["queue"] = {row.name: row.model_dump() | {"members": sorted(set(row.members))} for row in site.queue}
    if site.route is not None:
        wanted["route"] = {str(n): {"position": n, **row.model_dump()} for n, row in enumerate(site.route, 1)}
    if site.ivr is not None:
        wanted["ivr_flow"] = {name: {"name": name, "definition": flow} for name, flow in site.ivr.items()}
    if site.extension is not None:
        wanted["extension"] = {}
        for row in site.extension:
            known = now["extension"].get(row.number, {})
            kept = known["ha1"] if known.get("realm") == realm else ""  # a digest is good for one realm only
            digest = ha1(row.number, realm, row.password.get_secret_value()) if row.password else kept
            wanted["extension"][row.number] = row.model_dump(exclude={"password"}) | {"realm": realm, "ha1": digest}
    return wanted


def _write_table(
    session: Session, table: str, now: Mapping[str, Row], wanted: Mapping[str, Row], who: str
) -> list[Change]:
    changes = []
    model = MODELS[table]
    for key in [*now, *(key for key in wanted if key not in now)]:
        before, after = now.get(key), wanted.get(key)
        if before == after:
            continue
        primary = int(key) if table == "route" else key
        row = session.get(model, primary)
        if after is None:
            session.delete(row)
        else:
            columns = {name: value for name, value in after.items() if name != "members"}
            session.merge(model(**columns))
        changes.append(Change(table, key, *_without_secrets(before, after)))
        session.add(_record(changes[-1], who))
    session.flush()
    return changes


def _write_members(session: Session, queues: Mapping[str, Row]) -> None:
    for name, queue in queues.items():
        had = {member.agent: member for member in session.scalars(select(QueueMember).where(QueueMember.queue == name))}
        for agent, member in had.items():
            if agent not in queue["members"]:
                session.delete(member)
        session.add_all(QueueMember(queue=name, agent=agent) for agent in queue["members"] if agent not in had)
    session.flush()


_SECRETS = {"ha1": "password", "pin": "pin"}  # column, and what it is called where it is said to have changed


def _without_secrets(before: Row | None, after: Row | None) -> tuple[Row | None, Row | None]:
    clean = [None if row is None else {k: v for k, v in row.items() if k not in _SECRETS} for row in (before, after)]
    if before is not None and after is not None and clean[1] is not None:
        clean[1] |= {name: "changed" for key, name in _SECRETS.items() if before.get(key) != after.get(key)}
    return clean[0], clean[1]


def _record(change: Change, who: str) -> SettingChange:
    thing = f"{change.table}/{change.key}"
    return SettingChange(at=datetime.now(UTC), who=who, thing=thing, before=change.before, after=change.after)
