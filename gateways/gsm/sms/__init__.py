"""Messages (SMS) between PDU and text: pure, no input or output, no clock.

``decode_pdu`` reads what a modem gives, ``encode_submit`` writes what it is to send, ``join_text`` reads parts as one.
"""

from __future__ import annotations

from gateways.gsm.sms.address import Address
from gateways.gsm.sms.alphabet import Language
from gateways.gsm.sms.coding import Coding, Waiting
from gateways.gsm.sms.content import Content, join_text
from gateways.gsm.sms.errors import SmsError
from gateways.gsm.sms.header import Concat, Header, Ports
from gateways.gsm.sms.pdu import Deliver, StatusReport, Submit, decode_pdu
from gateways.gsm.sms.submit import Part, encode_submit

__all__ = [
    "Address",
    "Coding",
    "Concat",
    "Content",
    "Deliver",
    "Header",
    "Language",
    "Part",
    "Ports",
    "SmsError",
    "StatusReport",
    "Submit",
    "Waiting",
    "decode_pdu",
    "encode_submit",
    "join_text",
]
