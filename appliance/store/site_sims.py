"""SIMs in a site description: carriers, SIMs, policies, line groups. ``sim_models`` says what each column means."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from appliance.store.site_fields import Flag, Label, Name, PhoneNumber, Row, seconds
from appliance.talk_windows import parse_windows

Strategy = Literal[
    "least-recently-used", "least-used", "round-robin", "fixed-order", "by-prefix", "ascending", "descending"
]


def _windows(value: str) -> str:
    parse_windows(value)
    return value


def _pattern(value: str) -> str:
    try:
        named = re.compile(value).groupindex
    except re.error as error:
        raise ValueError(str(error)) from None
    if "amount" not in named:
        raise ValueError
    return value


def _whole(what: str, lowest: int, highest: int) -> Any:
    text = f"a whole number{what} from {lowest} to {highest}"
    return Field(strict=True, ge=lowest, le=highest, description=text)


# 89, country, issuer and account: 18 or 19 digits with the check digit, 20 from some issuers (ITU-T E.118 §4.1).
Iccid = Annotated[
    str, Field(pattern=r"^89[0-9]{16,18}$", description='an ICCID of 18 to 20 digits in quotes, such as "8981…"')
]
ImsiPrefix = Annotated[str, Field(pattern=r"^[0-9]{5,15}$")]
ImsiPrefixes = Annotated[
    list[ImsiPrefix], Field(description='a list of first digits of IMSIs, MCC and MNC at least, such as ["44010"]')
]
NumberPrefix = Annotated[str, Field(pattern=r"^\+[0-9]{1,15}$")]
NumberPrefixes = Annotated[list[NumberPrefix], Field(description='a list of "+" and digits, such as ["+8190"]')]
Minutes = Annotated[int, _whole(" of minutes", 0, 1_000_000)]
Money = Annotated[float, Field(strict=True, allow_inf_nan=False, description="an amount of money, such as 2.5")]
Count = Annotated[int, _whole("", 0, 100_000)]
InARow = Annotated[int, _whole("", 1, 1000)]
Ussd = Annotated[
    str,
    Field(
        pattern=r"^[*#0-9][^\x00-\x1f\x7f]{0,159}$",
        description='what is dialled, and answers to menus after ">", such as "*100#" or "*100#>1"',
    ),
]
Subject = Annotated[
    str,
    Field(
        pattern=r"^(carrier:[A-Za-z0-9][A-Za-z0-9._-]{0,31}|sim:89[0-9]{16,18})$",
        description='"carrier:NAME" or "sim:ICCID"',
    ),
]
LineNames = Annotated[list[Name], Field(description='a list of lines, such as ["gsm-1", "gsm-2"]')]
PrefixLines = Annotated[
    dict[NumberPrefix, LineNames],
    Field(description='a table of prefixes and their lines, such as { "+8190" = ["gsm-1"] }'),
]


class CarrierRow(Row):
    """See ``sim_models.Carrier``."""

    name: Name
    imsi_prefixes: ImsiPrefixes = Field(default_factory=list)
    number_prefixes: NumberPrefixes = Field(default_factory=list)
    ussd_balance: Ussd | None = None
    balance_pattern: (
        Annotated[
            str,
            AfterValidator(_pattern),
            Field(max_length=500, description="a regular expression with a group (?P<amount>…)"),
        ]
        | None
    ) = None
    balance_every: Minutes = 1440


class SimRow(Row):
    """See ``sim_models.Sim``."""

    iccid: Iccid
    number: PhoneNumber | None = None
    carrier: Name | None = None
    label: Label | None = None
    enabled: Flag = True


class SimPolicyRow(Row):
    """See ``sim_models.SimPolicy``."""

    subject: Subject
    day_minutes: Minutes | None = None
    month_minutes: Minutes | None = None
    month_reset_day: Annotated[int, _whole("", 1, 31)] | None = None
    total_minutes: Minutes | None = None
    window_minutes: (
        Annotated[
            str,
            AfterValidator(_windows),
            Field(description='windows of the day and their minutes, such as "08:00-12:00,100|12:00-20:00,200"'),
        ]
        | None
    ) = None
    calls_per_hour: Count | None = None
    calls_per_day: Count | None = None
    sms_per_hour: Count | None = None
    sms_per_day: Count | None = None
    longest_call: Annotated[int, seconds(10, 86400)] | None = None
    warn_before: Annotated[int, seconds(1, 600)] | None = None
    billing_minimum: Annotated[int, seconds(0, 3600)] | None = None
    billing_unit: Annotated[int, seconds(1, 3600)] | None = None
    cool_down: Annotated[int, seconds(0, 86400)] | None = None
    failed_stop: InARow | None = None
    unanswered_stop: InARow | None = None
    short_stop: InARow | None = None
    short_seconds: Annotated[int, seconds(1, 600)] | None = None
    lock_minutes: Minutes | None = None
    min_balance: Money | None = None


class LineGroupRow(Row):
    """See ``sim_models.LineGroup``."""

    name: Name
    strategy: Annotated[
        Strategy,
        Field(
            description='"least-recently-used", "least-used", "round-robin", "fixed-order", "by-prefix", "ascending" '
            'or "descending"',
        ),
    ] = "least-recently-used"
    line_order: LineNames = Field(default_factory=list)
    prefixes: PrefixLines = Field(default_factory=dict)
