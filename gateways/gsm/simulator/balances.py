"""Prepaid accounts of the virtual network, one per number: calls and messages reduce them, vouchers fill them."""

from dataclasses import dataclass, field
from datetime import date


@dataclass
class Balances:
    """Whole units of money (yen). `per_minute` is charged for each minute begun of an answered call, to the caller."""

    start: int = 1000
    per_sms: int = 3
    per_minute: int = 20
    valid_until: date = date(2027, 12, 31)
    vouchers: dict[str, int] = field(default_factory=lambda: {"1234567890": 500})
    accounts: dict[str, int] = field(default_factory=dict)

    def of(self, number: str) -> int:
        return self.accounts.get(number, self.start)

    def charge_sms(self, number: str) -> None:
        self.accounts[number] = self.of(number) - self.per_sms

    def charge_call(self, number: str, seconds: float) -> None:
        minutes = int(seconds // 60) + 1
        self.accounts[number] = self.of(number) - minutes * self.per_minute

    def top_up(self, number: str, voucher: str) -> int | None:
        """The amount, once; None for a voucher that is unknown or used."""
        amount = self.vouchers.pop(voucher, None)
        if amount is not None:
            self.accounts[number] = self.of(number) + amount
        return amount
