"""From a site description to DAHDI's channels, by the real dahdi_cfg and the real kernel; and back when it fails."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.doctor import telephony
from appliance.store import Store, open_store
from appliance.store.site import apply_site
from appliance.store.site_description import read_site
from gateways.pstn.config.apply import Applied, ApplyError, apply
from gateways.pstn.config.load import load_specs
from gateways.pstn.config.show import scan, spans
from gateways.pstn.dahdi import Channel
from gateways.pstn.info import channel_info
from gateways.pstn.spans import spans as driver_spans
from tests.vm.guest import dahdi

GOLDEN = Path("tests/pstn/config/golden")
SITE = (GOLDEN / "dynamic.toml").read_text()
CONF = (GOLDEN / "dynamic.conf").read_text()
SYSTEM_CONF = Path("/etc/dahdi/system.conf")
MODPROBE_CONF = Path("/etc/modprobe.d/callfloor-dahdi.conf")
HINDRANCE = Path("/etc/modprobe.d/callfloor-test.conf")
Apply = Callable[..., Applied]


@pytest.fixture(autouse=True)
def _own_dahdi() -> Iterator[None]:
    """A DAHDI without spans, of a site that was never configured."""
    if dahdi.is_up():
        pytest.skip("the workbench's spans are in use")
    _forget()
    yield
    _forget()


def _forget() -> None:
    if SYSTEM_CONF.exists():
        _run("dahdi_cfg", "-s", check=False)
    for file in (SYSTEM_CONF, MODPROBE_CONF, HINDRANCE):
        file.unlink(missing_ok=True)
    for module in ("jpah", "kb1", "mg2"):
        _run("modprobe", "-q", "-r", f"dahdi_echocan_{module}", check=False)
    _run("modprobe", "-q", "-r", "dahdi_dynamic_loc", "dahdi_dynamic", "dahdi_transcode", check=False)
    _run("modprobe", "-q", "-r", "dahdi", check=False)


def _run(*command: str, check: bool = True) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0 or not check, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(name="store", scope="module")
def store_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('store') / 'callfloor.db'}")
    store.migrate()
    yield store
    store.close()


@pytest.fixture(name="put_into_force")
def put_into_force_fixture(store: Store, tmp_path: Path) -> Apply:
    """`callfloor store apply` and `callfloor pstn apply`, the description changed as told."""

    def put(change: tuple[str, str] = ("", ""), *, force: bool = False) -> Applied:
        file = tmp_path / "site.toml"
        file.write_text(SITE.replace(*change))
        with store.session() as session:
            apply_site(session, read_site(file, "JP"), realm="callfloor", who="test")
        with store.session() as session:
            return apply(session, force=force)

    return put


def test_a_description_becomes_channels(store: Store, put_into_force: Apply) -> None:
    assert not Path("/sys/module/dahdi").exists()
    done = put_into_force()
    assert done.lines[0] == f"50 channels configured, as in {SYSTEM_CONF}"
    assert SYSTEM_CONF.read_text() == CONF
    fxo, e1s, problems = load_specs(store)
    assert problems == {}
    assert [(line.name, line.channel, channel_info(line.channel).signalling) for line in fxo] == [
        ("fxo-1", 1, "fxsks"),
        ("fxo-8", 8, "fxsks"),
        ("ground", 59, "fxsgs"),
    ]
    e1, mixed = e1s
    for span in (e1, mixed):
        assert channel_info(span.d_channel).signalling == "hdlcfcs"
        assert {channel_info(number).signalling for number in span.b_channels} == {"clear"}
        assert {channel_info(number).law for number in span.b_channels} == {span.law}
    assert (e1.law, e1.d_channel, mixed.law, mixed.d_channel) == ("alaw", 40, "ulaw", 24)
    again = put_into_force()
    assert (again.changed, again.lines) == (False, ["nothing to change"])
    _people_see_it(store)
    _the_gateways_user_may_open_it()


def _people_see_it(store: Store) -> None:
    with store.session() as session:
        assert [(row.card, row.state, row.ports) for row in scan(session)] == [
            ("loc-a", "ok", "24 channels"),
            ("loc-b", "ok", "31 channels"),
            ("loc-c", "ok", "4 channels"),
        ]
        assert [(row.span, row.name, row.channels, row.configured, row.alarms) for row in spans(session)] == [
            (1, "mixed", "1-24", 18, "red"),
            (2, "e1-1", "25-55", 31, "red"),
            (3, "ground", "56-59", 1, "red"),
        ]
    assert [span.first_channel for span in driver_spans()] == [1, 25, 56]
    # Nobody is at the other end of these spans.
    assert [(finding.about, finding.text) for finding in telephony.findings(store) if finding.state != "ok"] == [
        ("span e1-1", "red alarm: no signal from the far end"),
        ("span mixed", "red alarm: no signal from the far end"),
        ("line fxo-1", "no line voltage"),
        ("line fxo-8", "no line voltage"),
        ("line ground", "no line voltage"),
    ]


def _the_gateways_user_may_open_it() -> None:
    _run("udevadm", "settle", "--timeout=60")
    for name in ("ctl", "channel", "pseudo", "chan/001/001"):
        node = Path("/dev/dahdi", name)
        assert (node.group(), stat.S_IMODE(node.stat().st_mode)) == ("dialout", 0o660)


def test_what_the_kernel_refuses_leaves_what_was_in_force(store: Store, put_into_force: Apply) -> None:
    put_into_force()
    before = load_specs(store)
    HINDRANCE.write_text("install dahdi_echocan_jpah /bin/false\n")
    with pytest.raises(ApplyError) as caught:
        put_into_force(('echo_canceller = "kb1"', 'echo_canceller = "jpah"'))
    print(caught.value)
    assert "DAHDI_ATTACH_ECHOCAN failed on channel 59" in str(caught.value)
    assert str(caught.value).endswith("; the configuration of before is in force again")
    assert SYSTEM_CONF.read_text() == CONF
    assert load_specs(store) == before
    assert "EC: KB1" in _channel_in_proc(59)


def test_a_first_configuration_that_fails_leaves_no_file(put_into_force: Apply) -> None:
    HINDRANCE.write_text("install dahdi_echocan_jpah /bin/false\n")
    with pytest.raises(ApplyError, match=r"the new system\.conf was removed"):
        put_into_force(('echo_canceller = "kb1"', 'echo_canceller = "jpah"'))
    assert not SYSTEM_CONF.exists()
    assert not MODPROBE_CONF.exists()


def test_a_change_waits_for_open_channels_unless_forced_and_moves_nothing_else(
    store: Store, put_into_force: Apply
) -> None:
    put_into_force()
    before = load_specs(store)
    change = ('start = "ground"', 'start = "loop"')
    channel = Channel(1)
    try:
        with pytest.raises(ApplyError, match="1 of 59 channels are open") as caught:
            put_into_force(change)
        assert caught.value.busy
        assert channel_info(59).signalling == "fxsgs"
        assert put_into_force(change, force=True).changed
    finally:
        channel.close()
    assert channel_info(59).signalling == "fxsls"
    assert load_specs(store).spans == before.spans
    assert [line.channel for line in load_specs(store).fxo] == [1, 8, 59]


def test_after_a_boot_and_on_a_dahdi_that_numbers_no_spans(store: Store, put_into_force: Apply) -> None:
    put_into_force()
    before = load_specs(store)
    text = SYSTEM_CONF.read_text()
    _forget()
    SYSTEM_CONF.write_text(text)
    _run("modprobe", "dahdi", "auto_assign_spans=0")
    assert put_into_force().changed
    assert load_specs(store) == before


def _channel_in_proc(number: int) -> str:
    lines = [line for file in Path("/proc/dahdi").iterdir() for line in file.read_text().splitlines()]
    return next(line for line in lines if line.split()[:1] == [str(number)])
