"""USSD sessions: menus, ends, time-outs, what the network says unasked."""

from __future__ import annotations

import pytest

from gateways.gsm.messages import UssdAnswer
from tests.gsm.messages.bench import Bench


def ask(bench: Bench, text: str = "*100#") -> None:
    bench.messages.ussd(text, bench.answers.append)
    bench.settle()


@pytest.mark.parametrize(
    ("line", "status", "text", "error"),
    [
        ('+CUSD: 0,"Balance 500",15', "done", "Balance 500", None),
        ('+CUSD: 0,"00420061006C003A00200035",72', "done", "Bal: 5", None),
        ('+CUSD: 1,"1 Data 2 Voice",15', "menu", "1 Data 2 Voice", None),
        ("+CUSD: 2", "ended", None, "the network ended the session"),
        ('+CUSD: 2,"Thank you for asking",15', "ended", "Thank you for asking", None),
        ("+CUSD: 4", "unsupported", None, "check the string with the operator"),
        ("+CUSD: 5", "timeout", None, "did not answer in time"),
    ],
)
def test_answers(bench: Bench, line: str, status: str, text: str | None, error: str | None) -> None:
    ask(bench)
    assert bench.answers == []
    bench.say(line)
    [answer] = bench.answers
    assert (answer.status, answer.text) == (status, text)
    assert (answer.error is None) == (error is None)
    assert (error or "") in (answer.error or "")


def test_a_menu_goes_back_and_forth(bench: Bench) -> None:
    ask(bench)
    bench.say('+CUSD: 1,"1 Data 2 Voice",15')
    bench.messages.ussd_reply("1", bench.answers.append)
    bench.settle()
    bench.say('+CUSD: 0,"Data left: 2 GB",15')
    assert [answer.text for answer in bench.answers] == ["1 Data 2 Voice", "Data left: 2 GB"]
    assert [command for command in bench.far.heard if "CUSD=1" in command] == [
        'AT+CUSD=1,"*100#",15',
        'AT+CUSD=1,"1",15',
    ]


def test_the_answer_may_come_before_the_ok(bench: Bench) -> None:
    bench.far.replies.append(("AT+CUSD", '+CUSD: 0,"Fast answer",15\r\n\r\nOK'))
    ask(bench)
    assert [answer.text for answer in bench.answers] == ["Fast answer"]
    ask(bench)
    bench.say('+CUSD: 0,"Second answer",15')
    assert len(bench.answers) == 2


def test_one_session_at_a_time(bench: Bench) -> None:
    ask(bench)
    ask(bench)
    assert [answer.status for answer in bench.answers] == ["busy"]


def test_not_while_a_call_is_set_up_nor_out_of_service(bench: Bench) -> None:
    bench.calm = False
    ask(bench)
    bench.messages.out_of_service()
    ask(bench)
    assert [answer.status for answer in bench.answers] == ["busy", "failed"]


def test_silence_ends_in_a_time_out_and_a_cancel(bench: Bench) -> None:
    ask(bench)
    bench.wait(100)
    assert [answer.status for answer in bench.answers] == ["timeout"]
    assert "AT+CUSD=2" in bench.far.heard
    bench.say('+CUSD: 0,"Late answer",15')
    assert UssdAnswer("gsm-1", "pushed", "Late answer") in bench.events


def test_a_menu_that_nobody_answers_is_closed(bench: Bench) -> None:
    ask(bench)
    bench.say('+CUSD: 1,"1 Data 2 Voice",15')
    bench.wait(200)
    assert "AT+CUSD=2" in bench.far.heard
    ask(bench)
    bench.say('+CUSD: 0,"Again",15')
    assert bench.answers[-1].text == "Again"


@pytest.mark.parametrize("reply", ["ERROR", "+CME ERROR: 30"])
def test_a_modem_that_refuses(bench: Bench, reply: str) -> None:
    bench.far.replies.append(("AT+CUSD", reply))
    ask(bench)
    assert [(answer.status, answer.error) for answer in bench.answers] == [("failed", f"the modem answers {reply}")]


def test_a_string_that_cannot_be_sent_says_so(bench: Bench) -> None:
    ask(bench, "*100#\r")
    assert bench.answers[0].status == "failed"


def test_cancel_and_loss_of_the_modem_answer_who_asked(bench: Bench) -> None:
    ask(bench)
    bench.messages.ussd_cancel()
    bench.settle()
    ask(bench)
    bench.messages.out_of_service()
    assert [answer.status for answer in bench.answers] == ["cancelled", "failed"]


def test_a_reply_without_a_menu_is_refused(bench: Bench) -> None:
    bench.messages.ussd_reply("1", bench.answers.append)
    assert bench.answers[0].status == "failed"


def test_the_network_may_open_a_menu_by_itself(bench: Bench) -> None:
    bench.say('+CUSD: 1,"Do you agree? 1 Yes",15')
    assert UssdAnswer("gsm-1", "menu", "Do you agree? 1 Yes") in bench.events
    bench.messages.ussd_reply("1", bench.answers.append)
    bench.settle()
    bench.say('+CUSD: 0,"Thanks to you",15')
    assert [answer.text for answer in bench.answers] == ["Thanks to you"]
