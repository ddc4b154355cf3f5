"""The exchange's numbering plan: E.164 out of the digits and types of number on the wire, and back."""

from __future__ import annotations

from dataclasses import dataclass

from tests.pstn.exchange.behaviour import Offer
from tests.pstn.exchange.party import CalledNumber, CallingNumber, NumberType, Plan, Presentation, Screening
from tests.pstn.exchange.profiles import SpanPlan


@dataclass(frozen=True, slots=True)
class Numbering:
    """Where the exchange stands: country code, and the prefixes that its subscribers dial."""

    country: str = "81"
    national_prefix: str = "0"
    international_prefix: str = "010"

    def e164(self, digits: str, kind: NumberType = NumberType.UNKNOWN) -> str:
        """Return ``+`` and digits where the number is one in the world, else the digits: a short or odd one."""
        if kind is NumberType.INTERNATIONAL:
            return "+" + digits
        if kind is NumberType.NATIONAL:
            return f"+{self.country}{digits}"
        if digits.startswith(self.international_prefix):
            return "+" + digits.removeprefix(self.international_prefix)
        if digits.startswith(self.national_prefix):
            return f"+{self.country}{digits.removeprefix(self.national_prefix)}"
        return digits

    def split(self, number: str) -> tuple[str, NumberType]:
        """Return the digits and the type of number that a network sends for ``number`` (E.164 or digits as dialled)."""
        if number.startswith(f"+{self.country}"):
            return number.removeprefix(f"+{self.country}"), NumberType.NATIONAL
        if number.startswith("+"):
            return number[1:], NumberType.INTERNATIONAL
        return number, NumberType.UNKNOWN

    def called(self, number: str, kind: NumberType | None = None) -> CalledNumber:
        """Called party number for ``number``; with ``kind`` the digits are sent as they are, with that type."""
        digits, usual = (number, kind) if kind is not None else self.split(number)
        return CalledNumber(digits, usual)

    def calling(self, offer: Offer, screened: Screening) -> CallingNumber | None:
        """Calling party number as the network gives it: with no digits when restricted (EN 300 092-1 §9)."""
        if offer.restricted:
            return CallingNumber("", NumberType.UNKNOWN, Plan.UNKNOWN, Presentation.RESTRICTED, screened)
        if offer.number is None:
            return None
        as_it_is = offer.number_kind is not None
        digits, kind = (offer.number, offer.number_kind) if as_it_is else self.split(offer.number)
        assert kind is not None
        return CallingNumber(digits, kind, Plan.ISDN, Presentation.ALLOWED, screened)


def screened_by(plan: SpanPlan) -> Screening:
    """Who vouches for numbers that we send on that span."""
    return Screening.NETWORK if plan.role == "network" else Screening.USER_NOT_SCREENED
