"""Decoding of stored submissions and of status reports."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateways.gsm.sms import StatusReport, Submit, decode_pdu


def test_stored_submissions() -> None:
    pdu = "0011000C919471103254760000AA05E8329BFD06"
    message = decode_pdu(bytes.fromhex(pdu))
    assert isinstance(message, Submit)
    assert (message.destination.number, message.text, message.validity) == ("+491701234567", "hello", timedelta(days=4))
    assert not message.report
    absolute = decode_pdu(bytes.fromhex("0039070481214300004210612143008005E8329BFD06"))
    assert isinstance(absolute, Submit)
    assert (absolute.reference, absolute.validity) == (7, datetime(2024, 1, 16, 10, 34, tzinfo=UTC))
    assert absolute.report
    plain = decode_pdu(bytes.fromhex("00010004812143000005E8329BFD06"))
    assert isinstance(plain, Submit)
    assert (plain.validity, plain.text) == (None, "hello")
    enhanced = decode_pdu(bytes.fromhex("0009000481214300000112000000000005E8329BFD06"))
    assert isinstance(enhanced, Submit)
    assert (enhanced.validity, enhanced.text) == (None, "hello")


@pytest.mark.parametrize(
    ("pdu", "number", "outcome"),
    [
        ("06000B910221000000F0709021510121807090215101718000", "+20120000000", "delivered"),
        ("0006000B910221000000F0709021510121807090215101718030", "+20120000000", "trying"),
        ("0006000B910221000000F070902151012180709021510171804600", "+20120000000", "failed"),
        ("0006000B910221000000F070902151012180709021510171800007000004D4F29C0E", "+20120000000", "delivered"),
        ("0006000B910221000000F07090215101218070902151017180008100", "+20120000000", "delivered"),
    ],
)
def test_status_reports(pdu: str, number: str, outcome: str) -> None:
    report = decode_pdu(bytes.fromhex(pdu), report=True)
    assert isinstance(report, StatusReport)
    assert (report.reference, report.recipient.number, report.outcome) == (0, number, outcome)
    assert report.discharged == datetime(2007, 9, 12, 13, 10, 17, tzinfo=UTC)
    assert (report.content.text if report.content else "") == ("Test" if "D4F2" in pdu else "")
