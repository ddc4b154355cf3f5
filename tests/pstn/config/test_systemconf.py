"""The files that are written for DAHDI: whole ones for typical machines, and what holds of every one."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.pstn_drivers import DRIVERS
from appliance.store.pstn_models import PstnSpan
from gateways.pstn.config.described import Described
from gateways.pstn.config.modprobe import modprobe_conf, modules
from gateways.pstn.config.resolve import resolve
from gateways.pstn.config.scan import scan
from gateways.pstn.config.systemconf import LONGEST, listed, system_conf, timing
from gateways.pstn.zones import ZONES
from tests.pstn.config.machine import BEARER, FXO, FXS, KERNEL, Machine
from tests.pstn.config.rows import rows

GOLDEN = Path(__file__).with_name("golden")
LINE_OF_DAHDI_CFG = 255
WORDS = {"span", "dynamic", "fxsks", "fxsls", "fxsgs", "bchan", "dchan", "echocanceller", "alaw", "mulaw"} | {
    "loadzone",
    "defaultzone",
}


def analog(machine: Machine) -> None:
    machine.span(machine.card("0000:03:05.0", "wcaxx", "A8A-1"), 1, "ANALOG_MIXED", [FXO, FXO, FXS, FXO])


def e1(machine: Machine) -> None:
    machine.span(machine.card("0000:05:00.0", "wcte13xp"), 1, "E1", [BEARER] * 31)


def nfas(machine: Machine) -> None:
    card = machine.card("0000:04:00.0", "wct4xxp", spans=4)
    for port in range(1, 5):
        machine.span(card, port, "T1", [BEARER] * 24)


def dynamic(machine: Machine) -> None:
    for address, channels in (("1:0", 24), ("2:0", 31), ("3:0", 4)):
        machine.dynamic(address, channels)


@pytest.mark.parametrize("build", [analog, e1, nfas, dynamic])
def test_whole_files(machine: Machine, build: Callable[[Machine], None]) -> None:
    machine.dahdi()
    build(machine)
    described = rows((GOLDEN / f"{build.__name__}.toml").read_text())
    found = resolve(described, scan(machine.root, KERNEL))
    assert not found.problems
    assert system_conf(found) == (GOLDEN / f"{build.__name__}.conf").read_text()
    assert modprobe_conf(described) == (GOLDEN / f"{build.__name__}.modprobe").read_text()


def test_numbers_follow_the_machine_and_not_the_description(machine: Machine) -> None:
    """Another card before it, and the span has other numbers."""
    machine.dahdi()
    machine.span(machine.card("0000:02:00.0", "wctdm24xxp"), 1, "ANALOG_MIXED", [FXO] * 8)
    e1(machine)
    text = system_conf(resolve(rows((GOLDEN / "e1.toml").read_text()), scan(machine.root, KERNEL)))
    assert "span=2,1,0,ccs,hdb3,crc4\nbchan=9-23,25-39\ndchan=24\n" in text


def test_what_is_not_there_is_left_out(machine: Machine) -> None:
    machine.dahdi()
    analog(machine)
    described = rows((GOLDEN / "analog.toml").read_text() + (GOLDEN / "e1.toml").read_text())
    text = system_conf(resolve(described, scan(machine.root, KERNEL)))
    assert "span=" not in text
    assert "fxsks=1,4\n" in text


def test_modules_in_the_order_in_which_they_are_loaded() -> None:
    assert modules(rows((GOLDEN / "nfas.toml").read_text())) == ["dahdi", "wct4xxp"]
    assert modules(rows((GOLDEN / "dynamic.toml").read_text())) == ["dahdi", "dahdi_dynamic", "dahdi_dynamic_loc"]


@given(st.sets(st.integers(1, 1023)))
def test_lists_of_channels_say_just_these_in_lines_that_dahdi_cfg_reads_whole(numbers: set[int]) -> None:
    lines = list(listed("echocanceller=oslec,", numbers))
    read: list[int] = []
    for line in lines:
        assert len(line) <= LONGEST + len("echocanceller=oslec,") <= LINE_OF_DAHDI_CFG
        for part in line.removeprefix("echocanceller=oslec,").split(","):
            first, _, last = part.partition("-")
            read += range(int(first), int(last or first) + 1)
    assert read == sorted(numbers)


@given(
    st.lists(
        st.tuples(st.sampled_from(["cpe", "cpe", "net"]), st.one_of(st.none(), st.integers(0, 8))),
        min_size=1,
        max_size=8,
    )
)
def test_every_span_has_its_own_choice_as_clock(spans: list[tuple[str, int | None]]) -> None:
    given_ = [choice for _, choice in spans if choice]
    if len(set(given_)) < len(given_) or any(choice > len(spans) for choice in given_):
        return  # refused when it is described
    made = [
        PstnSpan(name=f"s{port}", card="c", port=port, kind="e1", role=role, timing=choice)
        for port, (role, choice) in enumerate(spans, 1)
    ]
    choices = [timing(span, made) for span in made]
    used = [choice for choice in choices if choice]
    assert len(set(used)) == len(used)
    assert all(0 <= choice <= len(spans) for choice in choices)
    for span, choice in zip(made, choices, strict=True):
        assert choice == span.timing if span.timing is not None else bool(choice) == (span.role == "cpe")


SPANS = st.lists(st.sampled_from(["e1", "t1", "fxo"]), min_size=1, max_size=12)


@settings(deadline=None, max_examples=25)
@given(SPANS, st.sampled_from(["JP", "GB", "US", "KE", "DE"]), st.sampled_from(["mg2", "oslec", "hardware", "none"]))
def test_every_file_says_each_channel_once_and_only_what_dahdi_cfg_knows(
    kinds: list[str], country: str, echo: str
) -> None:
    text, lines = _site(kinds, country, echo)
    signalling: list[str] = []
    for line in lines:
        keyword, _, value = line.partition("=")
        assert keyword in WORDS
        assert value
        assert len(line) < LINE_OF_DAHDI_CFG
        if keyword in ("fxsks", "bchan", "dchan"):
            for part in value.split(","):
                first, _, last = part.partition("-")
                signalling += [str(number) for number in range(int(first), int(last or first) + 1)]
        if keyword in ("loadzone", "defaultzone"):
            assert value in ZONES
    sizes = {"e1": 31, "t1": 24, "fxo": 8}
    assert sorted(map(int, signalling)) == list(range(1, sum(sizes[kind] for kind in kinds) + 1))
    assert ("echocanceller=" in text) == (echo != "none")


def _site(kinds: list[str], country: str, echo: str) -> tuple[str, list[str]]:
    drivers = {"e1": "wcte13xp", "t1": "wcte12xp", "fxo": "wcaxx"}
    with tempfile.TemporaryDirectory() as folder:
        machine = Machine(Path(folder))
        machine.dahdi()
        text = ""
        for number, kind in enumerate(kinds, 1):
            address = f"0000:{number:02x}:00.0"
            card = machine.card(address, drivers[kind])
            machine.span(card, 1, kind.upper() if kind != "fxo" else "FXO", _capable(kind))
            text += (
                f'[[pstn_card]]\nname = "c{number:02d}"\ndriver = "{drivers[kind]}"\nlocation = "pci:{address}"\n'
                f'country = "{country}"\n'
            )
            text += _lines(number, kind, echo)
        found = resolve(rows(text), scan(machine.root, KERNEL))
        assert not found.problems
        conf = system_conf(found)
    return conf, [line for line in conf.splitlines() if not line.startswith("#")]


def _capable(kind: str) -> list[str]:
    return {"e1": [BEARER] * 31, "t1": [BEARER] * 24, "fxo": [FXO] * 8}[kind]


def _lines(number: int, kind: str, echo: str) -> str:
    on = f'card = "c{number:02d}"\necho_canceller = "{echo}"\n'
    if kind != "fxo":
        return f'[[pstn_span]]\nname = "s{number}"\nkind = "{kind}"\nport = 1\n{on}'
    return "".join(f'[[fxo]]\nname = "f{number}-{port}"\nport = {port}\n{on}' for port in range(1, 9))


def test_every_driver_with_spans_or_ports_is_told_from_the_others() -> None:
    assert all(driver.fxo or driver.spans or name == "wcb4xxp" for name, driver in DRIVERS.items())
    assert rows("") == Described()
