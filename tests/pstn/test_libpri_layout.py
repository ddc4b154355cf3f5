"""What we believe of libpri.h, against the header itself: a small C program says sizes, offsets and numbers."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from gateways.pstn import libpri_h as h
from gateways.pstn import libprievents as events
from gateways.pstn.libprilibrary import ffi

HEADER = Path("/usr/include/libpri.h")
STRUCTS = (
    "struct pri_party_name", "struct pri_party_number", "struct pri_party_subaddress", "struct pri_party_id",
    "struct pri_party_connected_line", "struct pri_party_redirecting", "struct pri_subcommands", "pri_event_error",
    "pri_event_restart", "pri_event_restart_ack", "pri_event_ringing", "pri_event_answer", "struct pri_event_facility",
    "pri_event_ring", "pri_event_hangup", "pri_event_proceeding", "pri_event_setup_ack", "pri_event_notify",
    "pri_event_keypad_digit", "pri_event_service", "pri_event_service_ack", "struct timeval",
)  # fmt: skip
NUMBERS = {
    "PRI_NETWORK": h.NETWORK, "PRI_CPE": h.CPE, "PRI_SWITCH_NI2": h.SWITCHES["ni2"],
    "PRI_SWITCH_DMS100": h.SWITCHES["dms100"], "PRI_SWITCH_LUCENT5E": h.SWITCHES["5ess"],
    "PRI_SWITCH_ATT4ESS": h.SWITCHES["4ess"], "PRI_SWITCH_EUROISDN_E1": h.SWITCHES["euroisdn"],
    "PRI_SWITCH_NI1": h.SWITCHES["ni1"], "PRI_SWITCH_QSIG": h.SWITCHES["qsig"],
    "PRI_PROG_CALL_NOT_E2E_ISDN": h.PROGRESS_NOT_END_TO_END, "PRI_PROG_INBAND_AVAILABLE": h.PROGRESS_INBAND,
    "PRI_TRANS_CAP_SPEECH": h.SPEECH, "PRI_TRANS_CAP_3_1K_AUDIO": h.AUDIO_3K1, "PRI_LAYER_1_ULAW": h.LAYER1_ULAW,
    "PRI_LAYER_1_ALAW": h.LAYER1_ALAW, "PRI_PRES_RESTRICTION": h.RESTRICTION, "PRI_PRES_ALLOWED": h.ALLOWED,
    "PRI_PRES_RESTRICTED": h.RESTRICTED, "PRI_SUBCMD_REDIRECTING": h.SUBCMD_REDIRECTING,
    "PRI_SUBCMD_CONNECTED_LINE": h.SUBCMD_CONNECTED_LINE, "PRI_DISPLAY_OPTION_BLOCK": h.DISPLAY_BLOCK,
    "PRI_EVENT_RING": events.RING, "PRI_EVENT_HANGUP": events.HANGUP, "PRI_EVENT_HANGUP_ACK": events.HANGUP_ACK,
    "PRI_EVENT_HANGUP_REQ": 15, "PRI_EVENT_DCHAN_UP": 1, "PRI_EVENT_DCHAN_DOWN": 2, "PRI_EVENT_RESTART": 3,
    "PRI_EVENT_CONFIG_ERR": 4, "PRI_EVENT_RINGING": 7, "PRI_EVENT_ANSWER": 8, "PRI_EVENT_RESTART_ACK": 10,
    "PRI_EVENT_FACILITY": 11, "PRI_EVENT_INFO_RECEIVED": 12, "PRI_EVENT_PROCEEDING": 13, "PRI_EVENT_SETUP_ACK": 14,
    "PRI_EVENT_NOTIFY": 16, "PRI_EVENT_PROGRESS": 17, "PRI_EVENT_KEYPAD_DIGIT": 18, "PRI_EVENT_SERVICE": 19,
    "PRI_EVENT_SERVICE_ACK": events.SERVICE_ACK, "PRI_CHAR_SET_ISO8859_1": 1, "PRI_CHAR_SET_ISO10646_UTF_8STRING": 9,
    "PRI_MAX_SUBCOMMANDS": 8,
}  # fmt: skip


def program() -> str:
    """Return C that prints ``name value`` for everything that is compared."""
    lines = [f'printf("{name} %ld\\n", (long) {name});' for name in NUMBERS]
    for struct in STRUCTS:
        lines.append(f'printf("{struct}: %zu\\n", sizeof({struct}));')
        for member, _ in ffi.typeof(struct).fields or ():
            lines.append(f'printf("{struct}.{member} %zu\\n", offsetof({struct}, {member}));')
    lines += [
        'printf("subcommand: %zu\\n", sizeof(struct pri_subcommand));',
        'printf("subcommand.u %zu\\n", offsetof(struct pri_subcommand, u));',
        'printf("union: %zu\\n", sizeof(pri_event));',
    ]
    body = "\n".join(lines)
    return (
        "#include <stddef.h>\n#include <stdio.h>\n#include <sys/time.h>\n#include <libpri.h>\n"
        f"int main(void) {{\n{body}\nreturn 0;\n}}\n"
    )


def said_by_the_header(where: Path) -> dict[str, int]:
    source, made = where / "layout.c", where / "layout"
    source.write_text(program())
    compiler = shutil.which("cc") or ""
    subprocess.run([compiler, "-Werror", "-o", made, source], check=True)
    lines = subprocess.run([made], check=True, capture_output=True, text=True).stdout.splitlines()
    return {name.rstrip(":"): int(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


@pytest.mark.skipif(shutil.which("cc") is None or not HEADER.exists(), reason="no C compiler or no libpri-dev")
def test_structs_and_numbers_are_the_headers(tmp_path: Path) -> None:
    said = said_by_the_header(tmp_path)
    assert {name: said[name] for name in NUMBERS} == NUMBERS
    for struct in STRUCTS:
        kind = ffi.typeof(struct)
        assert ffi.sizeof(struct) == said[struct]
        for member, field in kind.fields or ():
            assert field.offset == said[f"{struct}.{member}"], f"{struct}.{member}"
    assert ffi.sizeof("struct pri_subcommand") == said["subcommand"]
    assert dict(ffi.typeof("struct pri_subcommand").fields or ())["u"].offset == said["subcommand.u"]
    assert ffi.sizeof("pri_event") == said["union"]
