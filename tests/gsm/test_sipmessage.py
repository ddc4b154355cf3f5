"""What the gateways read of a SIP message themselves."""

from __future__ import annotations

import pytest

from appliance.sip_text import quoted
from gateways.line import ShownCaller
from gateways.sipmessage import SipMessage


@pytest.mark.parametrize(
    ("headers", "caller"),
    [
        ('From: "101" <sip:101@10.0.0.1>;tag=a', ShownCaller()),
        ('From: "Sales" <sip:101@10.0.0.1>;tag=a', ShownCaller(name="Sales")),
        ("From: Sales desk <sip:+81312345678@10.0.0.1>", ShownCaller("+81312345678", "Sales desk")),
        ('f: "say \\"hi\\"" <sip:+81312345678@10.0.0.1>', ShownCaller("+81312345678", 'say "hi"')),
        ("From: <sip:%2B81312345678@10.0.0.1>", ShownCaller("+81312345678")),
        ("From: sip:+81312345678@10.0.0.1;tag=a", ShownCaller("+81312345678")),
        ('From: "anonymous" <sip:anonymous@10.0.0.1>', ShownCaller(withheld=True)),
        ('From: "A" <sip:+81312345678@10.0.0.1>\r\nPrivacy: id;critical', ShownCaller(withheld=True)),
        ("From: <sip:+12@10.0.0.1>", ShownCaller()),
        ("From: nonsense", ShownCaller()),
        ("To: <sip:1@10.0.0.1>", ShownCaller()),
    ],
)
def test_caller(headers: str, caller: ShownCaller) -> None:
    assert SipMessage(f"INVITE sip:1@10.0.0.1 SIP/2.0\r\n{headers}\r\n\r\n").caller == caller


def test_a_name_is_quoted() -> None:
    assert quoted('a "b" \\ c\r\nd') == '"a \\"b\\" \\\\ cd"'
