"""One modem of a family with a host at its ports, for the tests of the families."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from gateways.gsm.simulator import Bank

from .conftest import quick
from .host import AtHost, PcmHost

CALLER = "+819012345678"
LINE = "+818000000001"


@contextmanager
def one_modem(directory: Path, family: str) -> Iterator[tuple[Bank, AtHost]]:
    bank = Bank(directory, lines=1, timing=quick(), families=[family])
    with bank, closing(AtHost(bank.at_path("gsm-1"))) as at:
        at.command("E0")
        yield bank, at


def opened(bank: Bank, at: AtHost, command: str) -> PcmHost:
    """The audio port of a call that goes on, opened by the family's command."""
    at.command("S0=1")
    assert bank.subscriber(CALLER).dial(LINE).wait_answered(2)
    if command:
        assert at.command(command)[-1] == "OK"
    return PcmHost(bank.pcm_path("gsm-1"))
