"""``callfloor gsm COMMAND`` against a running gateway with a simulated bank and a real broker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.bus import CommandRefused
from appliance.cli import main
from appliance.store import open_store
from appliance.store.message_models import SimBalance
from appliance.store.sim_models import Carrier, SimPolicy
from tests.bus.broker import Broker
from tests.gsm.conftest import until
from tests.gsm.gateway_service import CALLER, Service

Cli = Callable[..., str]
PATTERN = r"is (?P<amount>\d+) (?P<currency>yen), valid until (?P<expiry>\S+)\."


@pytest.fixture(name="service", scope="module")
def service_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Runs for all tests of the module, which leave its lines idle."""
    folder = tmp_path_factory.mktemp("gateway")
    service = Service(folder)
    try:
        store = open_store(f"sqlite:///{folder / 'callfloor.db'}")
        with store.session() as session:
            session.add(
                Carrier(name="simnet", imsi_prefixes=["00101"], ussd_balance="*100#",
                        balance_pattern=PATTERN, balance_every=0)
            )  # fmt: skip
        store.close()
        service.start()
        for line in ("gsm-1", "gsm-2"):
            service.wait_state(line, "idle")
        yield service
    finally:
        service.close()


@pytest.fixture(name="cli")
def cli_fixture(service: Service, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run a command and return what it prints; ``status`` 0: what it says on success, else on stderr."""

    def cli(*arguments: str, status: int = 0) -> str:
        assert main(["gsm", *arguments, "--settings", str(service.settings)]) == status
        said = capsys.readouterr()
        assert (said.out if status else said.err) == ""
        return said.err if status else said.out

    return cli


def answer(cli: Cli, *arguments: str) -> Any:
    return json.loads(cli(*arguments, "--json"))


def test_lines(cli: Cli) -> None:
    assert until(lambda: all(row["signal_dbm"] is not None and row["sim"] for row in answer(cli, "lines")))
    table = [line.split() for line in cli("lines").splitlines()]
    assert table[0] == ["line", "state", "number", "operator", "dBm", "caller", "recoveries", "blocked", "reason"]
    assert [row[:3] for row in table[1:]] == [["gsm-1", "idle", "+818000000001"], ["gsm-2", "idle", "+818000000002"]]
    assert [row["line"] for row in answer(cli, "lines")] == ["gsm-1", "gsm-2"]


def test_show(cli: Cli, service: Service) -> None:
    shown = answer(cli, "show", "gsm-2")
    identity = service.bank.modem("gsm-2").identity
    assert (shown["line"], shown["imei"], shown["imsi"]) == ("gsm-2", identity.imei, identity.imsi)
    assert (shown["sim"]["iccid"], shown["sim"]["carrier"]) == (identity.iccid, "simnet")
    text = cli("show", "gsm-2").splitlines()
    assert {"line: gsm-2", "state: idle", f"imei: {identity.imei}", f"sim.iccid: {identity.iccid}"} <= set(text)
    assert not any(line.endswith("None") for line in text)


def test_dial_and_hang_up(cli: Cli, service: Service) -> None:
    assert answer(cli, "dial", "gsm-1", CALLER) == {"line": "gsm-1", "number": CALLER, "state": "dialling"}
    call = service.bank.subscriber(CALLER).wait_call(5)
    assert call.wait_answered(5)
    service.wait_state("gsm-1", "active")
    assert "has a call" in cli("at", "gsm-1", "AT+CSQ", status=1)
    assert cli("dial", "gsm-1", CALLER, status=1) == "callfloor gsm dial: gsm-1 is not idle\n"
    assert answer(cli, "hangup", "gsm-1") == {}
    assert call.wait_ended(5)
    service.wait_state("gsm-1", "idle")
    assert cli("hangup", "gsm-1", status=1) == "callfloor gsm hangup: there is no call on gsm-1\n"


@pytest.mark.parametrize(
    ("text", "parts", "options"), [("Hello", 1, []), ("こんにちは " * 20, 2, []), ("Fire", 1, ["--flash"])]
)
def test_sms(cli: Cli, service: Service, text: str, parts: int, options: list[str]) -> None:
    said = answer(cli, "sms", "gsm-1", CALLER, text, *options)
    assert {**said, "id": ""} == {"id": "", "to": CALLER, "parts": parts, "state": "queued"}
    assert until(lambda: [m.text for m in service.bank.subscriber(CALLER).messages()][-1:] == [text], 10)


def test_sms_to_a_number_as_it_is_dialled_in_the_country(cli: Cli, service: Service) -> None:
    assert f"to: {CALLER}" in cli("sms", "gsm-2", CALLER.replace("+81", "0"), "national")
    assert until(lambda: [m.text for m in service.bank.subscriber(CALLER).messages()][-1:] == ["national"], 10)


def test_sms_that_cannot_be_written(cli: Cli) -> None:
    assert "is not a number to send to" in cli("sms", "gsm-1", "nobody", "Hello", status=1)


def test_a_ussd_menu(cli: Cli) -> None:
    menu = answer(cli, "ussd", "gsm-1", "*123#")
    assert menu == {"status": "menu", "text": "SIMNET\n1 Balance\n2 Packages\n3 My number"}
    assert cli("ussd", "gsm-1", "3") == "status: done\ntext: Your number: +818000000001\n"


@pytest.mark.parametrize(("code", "words"), [("*999#", "not"), ("*190#", "ended"), ("", "")])
def test_ussd_that_comes_to_nothing(cli: Cli, code: str, words: str) -> None:
    assert words in cli("ussd", "gsm-1", code, status=1)


def test_balance(cli: Cli, service: Service) -> None:
    cli("balance", "gsm-2")
    assert until(lambda: bool(answer(cli, "show", "gsm-2")["sim"]["balance"]))
    sim = answer(cli, "show", "gsm-2")["sim"]
    assert sim["balance"].endswith(" yen")
    assert sim["balance_at"] is not None


def test_a_balance_that_is_not_found_leaves_the_last_one(cli: Cli, service: Service) -> None:
    cli("balance", "gsm-1")
    assert until(lambda: bool(answer(cli, "show", "gsm-1")["sim"]["balance"]))
    before = answer(cli, "show", "gsm-1")["sim"]
    store = open_store(f"sqlite:///{service.settings.parent / 'callfloor.db'}")

    def describe(pattern: str) -> None:
        with store.session() as session:
            session.get_one(Carrier, "simnet").balance_pattern = pattern

    def error() -> str | None:
        with store.session() as session:
            return session.get_one(SimBalance, before["iccid"]).error

    describe("no such words")
    try:
        cli("balance", "gsm-1")
        assert until(lambda: error() is not None)
    finally:
        describe(PATTERN)
        store.close()
    cli("at", "gsm-1", "AT")  # what was told of it is through by then
    assert answer(cli, "show", "gsm-1")["sim"] == before


@pytest.mark.parametrize(
    ("command", "lines", "final"),
    [
        ("AT+CSQ", ["+CSQ: 23,99"], "OK"),
        ("at+cpin?", ["+CPIN: READY"], "OK"),
        ("AT+CMGL=4", [], "OK"),
        ("AT+CGSN", ["{imei}"], "OK"),
        ("AT+NONSENSE", [], "ERROR"),
    ],
)
def test_at(cli: Cli, service: Service, command: str, lines: list[str], final: str) -> None:
    imei = service.bank.modem("gsm-1").identity.imei
    said = answer(cli, "at", "gsm-1", command)
    assert said == {"lines": [line.format(imei=imei) for line in lines], "final": final}
    assert cli("at", "gsm-1", command).splitlines() == [*said["lines"], f"final: {final}"]


@pytest.mark.parametrize(
    "command",
    [
        'AT+EGMR=1,7,"490154203237518"', "AT+SIMEI=490154203237518", "at+cpin=1234", 'AT+CPIN ="1234"', "AT+CPIN2=1234",
        'AT+CLCK="SC",1,"1234"', 'AT+CPWD="SC","1234","4321"', "AT+CMGS=20", "hello", "AT+CSQ\r\nATD110;", "ATä",
        'AT^CARDLOCK="12345678"', 'AT+CSQ;+EGMR=1,7,"1"',
        'AT+QNVW=550,0,"08"', "ATD110;", "AT+CSQ;D110;", "ATA", "AT+CMSS=1",
    ],
)  # fmt: skip
def test_at_commands_that_are_not_sent(cli: Cli, command: str) -> None:
    said = cli("at", "gsm-1", command, status=1)
    assert "is not sent: begin with AT" in said
    assert said.count("\n") == 1


def test_unlock_and_reset(cli: Cli, service: Service) -> None:
    assert answer(cli, "unlock", "gsm-2") == {}
    before = service.lines["gsm-2"].since
    assert cli("reset", "gsm-2") == "done\n"
    assert until(lambda: service.lines["gsm-2"].since > before and service.lines["gsm-2"].state == "idle", 10)


def test_the_audio_self_test(cli: Cli) -> None:
    result = answer(cli, "loopback-test", "gsm-1")
    assert {way: one["heard"] for way, one in result.items()} == {"gsm-1 to gsm-2": 5, "gsm-2 to gsm-1": 5}


def test_a_limit_that_was_set_holds_from_the_next_reload(cli: Cli, service: Service) -> None:
    store = open_store(f"sqlite:///{service.settings.parent / 'callfloor.db'}")
    with store.session() as session:
        session.add(SimPolicy(subject="carrier:simnet", day_minutes=0))
    try:
        service.panel.ask("gsm", "site.reload", {})
        assert until(lambda: str((answer(cli, "show", "gsm-1")["sim"] or {}).get("blocked")).startswith("day_minutes"))
        service.wait_state("gsm-1", "idle")
        assert cli("dial", "gsm-1", CALLER, status=1).startswith("callfloor gsm dial: day_minutes: all 0 minutes")
    finally:
        with store.session() as session:
            session.delete(session.get_one(SimPolicy, "carrier:simnet"))
        store.close()
    service.panel.ask("gsm", "site.reload", {})
    assert until(lambda: answer(cli, "show", "gsm-1")["sim"]["blocked"] is None)


@pytest.mark.parametrize("arguments", [["show"], ["reset"], ["at", "AT"], ["sms", CALLER, "x"], ["dial", "110"]])
def test_a_line_that_does_not_exist(cli: Cli, arguments: list[str]) -> None:
    command, *rest = arguments
    expected = f"callfloor gsm {command}: no line gsm-3; this gateway has gsm-1, gsm-2\n"
    assert cli(command, "gsm-3", *rest, status=1) == expected


@pytest.mark.parametrize(
    "name",
    [
        "line.dial", "line.hangup", "line.reset", "line.at", "line.loopback", "sms.send", "ussd.send", "ussd.cancel",
        "balance.ask", "sim.unlock",
    ],
)  # fmt: skip
def test_commands_say_what_they_take(service: Service, name: str) -> None:
    with pytest.raises(CommandRefused, match=rf"bad-arguments: {name} takes line"):
        service.panel.ask("gsm", name, {"line": "gsm-1", "nonsense": 1})


def test_a_modem_that_is_away(cli: Cli, service: Service) -> None:
    service.bank.fault("gsm-2", "vanish")
    service.wait_state("gsm-2", "absent")
    assert cli("at", "gsm-2", "AT", status=1) == "callfloor gsm at: gsm-2 is absent: its modem is not open\n"
    assert "out of service" in cli("ussd", "gsm-2", "*100#", status=1)
    reason = answer(cli, "show", "gsm-2")["reason"]
    assert reason in cli("lines")
    assert "plug the modem in" in reason
    service.bank.clear_faults("gsm-2")
    service.wait_state("gsm-2", "idle")


# Without a gateway


def test_no_gateway_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broker = Broker(tmp_path)
    settings = tmp_path / "callfloor.toml"
    settings.write_text(f'[bus]\nport = {broker.port}\npasswords = "{tmp_path}/bus-passwords.json"\n')
    try:
        assert main(["gsm", "lines", "--settings", str(settings)]) == 1
    finally:
        broker.close()
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("callfloor gsm lines: ")
    assert "not running" in said.err


BYTES = b'AT+CSQ\r\r\n+CSQ: 20,99\r\n\r\nOK\r\n\r\nRING\r\n+WHAT: 1\r\n\r\n+CLIP: "+819012345678",145\r\n'
MEANING = [{"signal": {"csq": 20, "dbm": -73}}, {"final": "OK"}]


def decode(*arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """As on a machine without settings."""
    command = [sys.executable, "-m", "appliance.cli", "gsm", "decode", *arguments]
    environment = {key: value for key, value in os.environ.items() if key != "CALLFLOOR_SETTINGS"}
    return subprocess.run(command, input=data, capture_output=True, timeout=30, check=False, env=environment)


@pytest.mark.parametrize("how", ["file", "-", "stdin"])
def test_decode(tmp_path: Path, how: str) -> None:
    capture = tmp_path / "capture.bin"
    capture.write_bytes(BYTES)
    given = {"file": [str(capture)], "-": ["-"], "stdin": []}[how]
    done = decode("--family", "quectel", "--command", "AT+CSQ", *given, data=b"" if how == "file" else BYTES)
    assert (done.returncode, done.stderr) == (0, b"")
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert said[:2] == MEANING
    assert {"urc": "+WHAT: 1"} in said
    assert {"call": {"dir": "in", "state": "incoming", "number": "+819012345678"}} in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--family", "nokia"], "unknown modem family 'nokia'; known: generic, huawei"),
        (["--family", "quectel", "/no/such/file"], "No such file"),
        ([], "--family"),
    ],
)
def test_decode_refuses(arguments: list[str], words: str) -> None:
    done = decode(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert words in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
