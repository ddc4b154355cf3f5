"""V.250 command lines: editing and splitting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.gsm.simulator.commandline import Command, Kind, LineEditor, LineError, split, split_args


def feed(editor: LineEditor, data: bytes) -> tuple[bytes, list[str]]:
    echo, bodies = b"", []
    for byte in data:
        part, body = editor.feed(byte)
        echo += part
        if body is not None:
            bodies.append(body)
    return echo, bodies


def test_a_line_ends_with_cr_and_line_feeds_do_not_count() -> None:
    assert feed(LineEditor(), b"AT+CSQ\r\nat+cops?\r") == (b"AT+CSQ\r\nat+cops?\r", ["+CSQ", "+cops?"])


def test_backspace_takes_the_last_character_back() -> None:
    echo, bodies = feed(LineEditor(), b"AT+CSX\x08Q\r")
    assert bodies == ["+CSQ"]
    assert echo == b"AT+CSX\b \bQ\r"


def test_echo_off_says_nothing_and_forced_echo_does() -> None:
    assert feed(LineEditor(echo=False), b"AT\r") == (b"", [""])
    assert feed(LineEditor(echo=False, forced_echo=True), b"AT\r")[0] == b"AT\r"


def test_a_slash_repeats_the_last_line_without_cr() -> None:
    assert feed(LineEditor(), b"AT+CSQ\rA/")[1] == ["+CSQ", "+CSQ"]


def test_noise_before_at_and_lines_without_it_are_ignored() -> None:
    assert feed(LineEditor(), b"hello\r\xff\xfeAT+CSQ\r")[1] == ["+CSQ"]


def test_extended_commands_are_parted_by_semicolons_outside_quotes() -> None:
    commands = list(split('+QPCMV=0;+QPCMV=1,0;+QCFG="a;b",1;D+81901234567;'))
    assert [c.name for c in commands] == ["+QPCMV", "+QPCMV", "+QCFG", "D"]
    assert commands[2].args == ("a;b", "1")
    assert commands[3] == Command("D", Kind.EXECUTE, "+81901234567;")


def test_basic_commands_follow_each_other_directly() -> None:
    commands = list(split("E0V1&FS0=2S0?+CSQ"))
    assert [(c.name, c.kind, c.text) for c in commands] == [
        ("E", Kind.EXECUTE, "0"),
        ("V", Kind.EXECUTE, "1"),
        ("&F", Kind.EXECUTE, ""),
        ("S0", Kind.SET, "2"),
        ("S0", Kind.READ, ""),
        ("+CSQ", Kind.EXECUTE, ""),
    ]


@pytest.mark.parametrize(("text", "kind"), [("+A", Kind.EXECUTE), ("+A?", Kind.READ), ("+A=?", Kind.TEST)])
def test_kinds(text: str, kind: Kind) -> None:
    assert next(split(text)) == Command("+A", kind)


def test_commands_before_a_bad_one_are_given_first() -> None:
    commands = split("+CSQ;+CSQ!!x")
    assert next(commands).name == "+CSQ"
    with pytest.raises(LineError):
        list(split("1"))


def test_empty_and_quoted_values() -> None:
    assert split_args('1,,"a,b",') == ("1", "", "a,b", "")


@given(st.binary(max_size=200))
def test_no_bytes_break_the_editor_or_the_splitter(data: bytes) -> None:
    for body in feed(LineEditor(), data + b"\r")[1]:
        try:
            list(split(body))
        except LineError:
            continue
