"""What the core does by command over the bus. Handlers come on the bus thread and hand over to the core's loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from appliance.bus import Bus, CommandRefused, Reply
from pbx.acd.agents import AgentRefusal
from pbx.floor import Floor
from pbx.switch import Switch

Arguments = dict[str, Any]


def serve(bus: Bus, floor: Floor, switch: Switch, reload_site: Callable[[], None]) -> None:
    """Serve all commands of the core; they are listed in ``docs/bus.md``."""

    def command(name: str, keys: tuple[str, ...], action: Callable[[Arguments], Arguments | None]) -> None:
        def on_bus_thread(arguments: Arguments, reply: Reply) -> None:
            check(arguments, keys)
            floor.loop.post(lambda: _answer(reply, action, arguments))

        bus.serve_async(name, on_bus_thread)

    agents = switch.agents
    command("agent.login", ("agent", "extension"), lambda a: _login(floor, switch, a["agent"], a["extension"]))
    command("agent.logout", ("agent",), lambda a: agents.logout(a["agent"]))
    command("agent.pause", ("agent", "reason"), lambda a: agents.pause(a["agent"], a["reason"] or None))
    command("agent.unpause", ("agent",), lambda a: agents.unpause(a["agent"]))
    command("call.hangup", ("call",), lambda a: _hang_up(switch, a["call"]))
    command("call.dial", ("extension", "number"), lambda a: {"call": switch.click_to_call(a["extension"], a["number"])})
    command("site.reload", (), lambda _: reload_site())


def check(arguments: Arguments, keys: tuple[str, ...]) -> None:
    """Refuse missing, unknown and non-text arguments."""
    wrong = sorted(set(arguments) ^ set(keys)) or sorted(k for k in keys if not isinstance(arguments[k], str))
    if wrong:
        raise CommandRefused(
            "bad-arguments", f"{', '.join(wrong)}: this command takes {', '.join(keys) or 'none'}, as text"
        )


def _answer(reply: Reply, action: Callable[[Arguments], Arguments | None], arguments: Arguments) -> None:
    try:
        reply(action(arguments) or {})
    except AgentRefusal as refusal:
        reply.refuse(refusal.id, str(refusal))
    except Exception:
        reply.refuse("internal-error", "the core could not do it; its log says why")
        raise


def _login(floor: Floor, switch: Switch, agent: str, extension: str) -> None:
    if extension not in floor.site.extensions:
        raise AgentRefusal("unknown-extension", f"there is no extension {extension}")
    switch.agents.login(agent, extension)


def _hang_up(switch: Switch, call: str) -> None:
    if not switch.hang_up(call):
        raise AgentRefusal("unknown-call", f"there is no call {call} in progress")
