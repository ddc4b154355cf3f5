"""What lives on a modem is told when it serves and when it does not, each once."""

from __future__ import annotations

from gateways.gsm.companion import Seat
from gateways.gsm.dialects import CallInfo, Identity, NeutralEvent, Operator, Signal, SmsStored, Ussd


class Companion:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []
        self.at: float | None = None

    def on(self, event: NeutralEvent) -> None:
        self.told.append(event)

    def in_service(self, iccid: str | None) -> None:
        self.told.append(("serves", iccid))

    def out_of_service(self) -> None:
        self.told.append("rests")

    def deadline(self) -> float | None:
        return self.at

    def tick(self, now: float) -> None:
        self.told.append(now)


def seated() -> tuple[Seat, Companion]:
    seat, companion = Seat(), Companion()
    seat.companion = companion
    return seat, companion


def test_a_network_lost_and_found_is_no_new_service_but_another_sim_is() -> None:
    seat, companion = seated()
    for iccid in ("8981", "8981", None, None, "8981"):
        seat.serving(iccid)
    assert companion.told == [("serves", "8981"), ("serves", None), ("serves", "8981")]


def test_after_a_rest_the_same_sim_serves_anew() -> None:
    seat, companion = seated()
    seat.serving("8981")
    seat.not_serving()
    seat.serving("8981")
    assert companion.told == [("serves", "8981"), "rests", ("serves", "8981")]


def test_it_hears_what_concerns_it() -> None:
    seat, companion = seated()
    mine: list[NeutralEvent] = [SmsStored("ME", 1), Ussd(0), Operator("NET"), Identity("imsi", "44010")]
    for event in [*mine, Signal(-71), CallInfo(1, True, "active")]:
        seat.hear(event)
    assert companion.told == mine


def test_its_time_is_the_seat_s() -> None:
    seat, companion = seated()
    assert seat.deadline() is None
    companion.at = 7.0
    assert seat.deadline() == 7.0
    seat.tick(8.0)
    assert companion.told == [8.0]


def test_an_empty_seat_does_nothing() -> None:
    seat = Seat()
    seat.serving("8981")
    seat.not_serving()
    seat.hear(Ussd(0))
    seat.tick(1.0)
    assert seat.deadline() is None
