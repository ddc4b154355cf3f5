"""What a PSTN gateway tells of a call, and on which of its lines a call goes on when one comes to nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edge.sip import SDP, Message
from tests.pbx.running import Core, request

CALLED, CALLER = "+81312345678", "+819012345678"


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Core]:
    running = Core(tmp_path, "pstn")
    try:
        running.tell("pstn-1")
        running.tell("pstn-2")
        running.start()
        yield running
    finally:
        running.close()


def arrives(core: Core, name: str = "", *more: str) -> tuple[Message, str]:
    """A call comes in on pstn-1; return the INVITE that the agent's phone gets, and the gateway's dialog."""
    extra = ("X-Callfloor-Line: pstn-1", *more)
    text = core.gateway.request("INVITE", f"sip:{CALLED}@127.0.0.1", CALLER, extra=extra, body=SDP, call_id="in-1")
    core.gateway.send(text.replace(f"From: <sip:{CALLER}", f"From: {name}<sip:{CALLER}"))
    return request(core.edge, "INVITE"), "in-1"


@pytest.mark.parametrize("name", ['"TARO \\"T\\" YAMADA" ', '"ヤマダ タロウ" '])
def test_name_and_number_reach_the_phone_and_the_ledger(core: Core, name: str) -> None:
    offered, _ = arrives(core, name, "Diversion: <tel:+81345678901>;reason=unconditional")
    assert offered.get("From").startswith(f"{name}<sip:{CALLER}@")
    core.edge.reply(offered, 486, "Busy")
    call, steps = core.row()
    assert (call.caller, call.did, call.line, call.cause) == (CALLER, CALLED, "pstn-1", 17)
    plain = name.strip()[1:-1].replace("\\", "")
    assert steps[0].data == {
        "line": "pstn-1", "caller": CALLER, "did": CALLED, "name": plain, "redirected_from": "+81345678901",
    }  # fmt: skip


def test_a_call_without_name_shows_the_number(core: Core) -> None:
    offered, _ = arrives(core)
    assert offered.get("From").startswith(f'"{CALLER}" <sip:{CALLER}@')
    core.edge.reply(offered, 486, "Busy")
    assert core.row()[1][0].data == {"line": "pstn-1", "caller": CALLER, "did": CALLED}


def test_a_fax_is_a_step_of_the_call(core: Core) -> None:
    offered, call_id = arrives(core)
    core.edge.reply(offered, 200, "OK")
    answer = core.gateway.final()
    to, contact = answer.get("To"), answer.contact_uri
    core.gateway.send(core.gateway.request("ACK", contact, CALLER, to=to, call_id=call_id, cseq=1))
    for cseq, tone in ((2, "cng"), (3, "nonsense")):
        extra = (f"X-Callfloor-Fax: {tone}",)
        core.gateway.send(core.gateway.request("INFO", contact, CALLER, to=to, call_id=call_id, cseq=cseq, extra=extra))
        assert core.gateway.final().code not in (408, 481), "either would end the dialog (RFC 3261 §12.2.1.2)"
    core.gateway.send(core.gateway.request("BYE", contact, CALLER, to=to, call_id=call_id, cseq=4))
    _, steps = core.row()
    assert [step.data for step in steps if step.kind == "fax"] == [{"tone": "cng"}]


@pytest.mark.parametrize("cause", [27, 42, 44])
def test_a_line_that_fails_is_followed_by_the_next(core: Core, cause: int) -> None:
    core.dial("09033334444")
    assert [core.refuse("no", cause), core.refuse("no", cause)] == ["pstn-1", "pstn-2"]
    row, _ = core.ended()
    assert (row.cause, row.ended_by) == (34, "core")


@pytest.mark.parametrize("cause", [1, 17, 21, 28])
def test_what_the_far_party_says_is_final(core: Core, cause: int) -> None:
    core.dial("09033334444")
    assert core.refuse("no", cause) == "pstn-1"
    row, _ = core.row()
    assert (row.cause, row.ended_by) == (cause, "callee")


@pytest.mark.parametrize("cause", [27, 41])
def test_a_phone_that_has_rung_is_not_rung_again_over_another_line(core: Core, cause: int) -> None:
    core.dial("09033334444")
    assert core.refuse("the modem is gone", cause, rings=True) == "pstn-1"
    row, steps = core.row()
    assert (row.cause, row.ended_by, row.result) == (cause, "line", "failed")
    assert [step.kind for step in steps] == ["ringing", "offered", "alerting", "line-failed", "ended"]


def test_an_emergency_call_that_has_rung_goes_on_all_the_same(core: Core) -> None:
    core.dial("110")
    assert [core.refuse("gone", 41, rings=True), core.refuse("gone", 41)] == ["pstn-1", "pstn-2"]
    assert core.ended()[0].cause == 34
