"""Which modem is which line."""

from __future__ import annotations

import pytest

from gateways.gsm.discovery import FoundModem
from gateways.gsm.discovery.binding import Bindings, LineKey, bind

A, B = "004401000000019", "004401000000027"


def modem(usb_path: str, family: str | None = "quectel") -> FoundModem:
    return FoundModem(usb_path, 0x2C7C, 0x0125, family)


def places(result: Bindings) -> dict[str, tuple[str, str]]:
    return {name: (bound.modem.usb_path, bound.ground) for name, bound in result.lines.items()}


@pytest.mark.parametrize(
    ("lines", "at", "imeis", "expected"),
    [
        pytest.param([LineKey("x", A, "1-1")], ["1-1"], {"1-1": A}, {"x": ("1-1", "imei")}, id="at its place"),
        pytest.param([LineKey("x", A, "1-1")], ["1-2"], {"1-2": A}, {"x": ("1-2", "imei")}, id="moved"),
        pytest.param([LineKey("x", A, "1-1")], ["1-1"], {}, {"x": ("1-1", "path")}, id="not verified yet"),
        pytest.param([LineKey("x", A)], ["1-1"], {}, {}, id="nothing known of it yet"),
        pytest.param([LineKey("x", None, "1-1")], ["1-1"], {"1-1": A}, {"x": ("1-1", "imei")}, id="line by path only"),
        pytest.param([LineKey("x", A, "1-1")], ["1-1"], {"1-1": B}, {}, id="another modem in its place"),
        pytest.param(
            [LineKey("x", A, "1-1"), LineKey("y", B, "1-2")],
            ["1-1", "1-2"],
            {"1-1": B, "1-2": A},
            {"x": ("1-2", "imei"), "y": ("1-1", "imei")},
            id="swapped",
        ),
        pytest.param(
            [LineKey("x", A, "1-1"), LineKey("y", B, "1-2")],
            ["1-1", "1-2"],
            {"1-2": A},
            {"x": ("1-2", "imei")},
            id="half known: y waits for the other to be read",
        ),
        pytest.param(
            [LineKey("x", A, "1-1")],
            ["1-1", "1-2"],
            {"1-1": A, "1-2": A},
            {"x": ("1-1", "imei")},
            id="clones: the one in place",
        ),
        pytest.param(
            [LineKey("x", None, "1-1"), LineKey("y", A, "1-2")],
            ["1-1"],
            {"1-1": A},
            {"y": ("1-1", "imei")},
            id="another line's modem in a line's place",
        ),
        pytest.param([LineKey("x", None, "1-1")], ["1-1"], {"1-9": A}, {"x": ("1-1", "path")}, id="IMEI of one gone"),
    ],
)
def test_lines(
    lines: list[LineKey], at: list[str], imeis: dict[str, str], expected: dict[str, tuple[str, str]]
) -> None:
    result = bind(lines, [modem(path) for path in at], imeis)
    assert places(result) == expected
    assert set(result.absent) == {line.name for line in lines} - set(expected)
    assert all(": " in why for why in result.absent.values())


def test_a_new_modem_gets_a_proposal_under_a_free_name() -> None:
    result = bind([LineKey("gsm-1", A, "1-1")], [modem("1-1"), modem("1-2"), modem("1-3")], {"1-1": A, "1-3": B})
    told = [(one.name, one.modem.usb_path, one.imei) for one in result.proposals]
    assert told == [("gsm-2", "1-2", None), ("gsm-3", "1-3", B)]


def test_a_serial_adapter_is_not_proposed_but_may_be_a_line() -> None:
    result = bind([LineKey("x", None, "1-1")], [modem("1-1", None), modem("1-2", None)], {})
    assert places(result) == {"x": ("1-1", "path")}
    assert result.proposals == []


@pytest.mark.parametrize(
    ("lines", "imeis", "said"),
    [
        ([LineKey("x", A), LineKey("y", A)], {}, "x, y have the same IMEI"),
        ([LineKey("x", A, "1-1"), LineKey("y", B, "1-1")], {}, "x, y have the same USB path 1-1"),
        ([], {"1-1": A, "1-2": A}, "the modems at 1-1, 1-2 have the same IMEI"),
        ([LineKey("x", A, "1-1")], {"1-1": B}, f"but at 1-1 there is {B}"),
    ],
)
def test_clashes_are_said(lines: list[LineKey], imeis: dict[str, str], said: str) -> None:
    result = bind(lines, [modem("1-1"), modem("1-2")], imeis)
    assert [text for text in result.clashes if said in text] == result.clashes
    assert len(result.clashes) == 1
