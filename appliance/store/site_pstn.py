"""Telephone lines in a site description: cards, spans, FXO ports. ``pstn_models`` says what each column means."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from appliance.pstn_drivers import DRIVERS, ECHO_CANCELLERS
from appliance.settings_fields import known_country
from appliance.store.pstn_defaults import parse_timeslots
from appliance.store.site_fields import Flag, Name, PhoneNumber, Row


def _words(words: str) -> str:
    """Words of a choice as a sentence's end: ``"a", "b" or "c"``."""
    *others, last = [json.dumps(word) for word in words.split()]
    return f"{', '.join(others)} or {last}"


def _choice(words: str) -> Any:
    return Field(pattern=f"^({'|'.join(words.split())})$", description=_words(words))


def _whole(lowest: int, highest: int, of: str = "") -> Any:
    return Field(strict=True, ge=lowest, le=highest, description=f"a whole number{of} from {lowest} to {highest}")


def _decimal(lowest: float, highest: float, of: str) -> Any:
    text = f"a number of {of} from {lowest:g} to {highest:g}"
    return Field(strict=True, ge=lowest, le=highest, allow_inf_nan=False, description=text)


def _timeslots(value: str) -> str:
    parse_timeslots(value)
    return value


def _options(value: dict[str, Any]) -> dict[str, Any]:
    if not all(isinstance(one, int | str) and not isinstance(one, bool) for one in value.values()):
        raise ValueError
    return value


def _cadences(value: dict[str, list[int]]) -> dict[str, list[int]]:
    if len({tuple(cadence) for cadence in value.values()}) != len(value):
        raise ValueError
    return value


SpanName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,28}$",
        description="1 to 29 letters, digits, dots, hyphens and underscores, a letter or digit first",
    ),
]
Country = Annotated[
    str, AfterValidator(known_country), Field(description='a two-letter country code in capitals, such as "JP"')
]
Echo = Annotated[str, _choice(" ".join(ECHO_CANCELLERS))]
Taps = Annotated[Literal[32, 64, 128, 256, 512, 1024], Field(description="32, 64, 128, 256, 512 or 1024")]
Milliseconds = Annotated[int, Field(strict=True, ge=50, le=10000)]


class PstnCardRow(Row):
    """See ``pstn_models.PstnCard``. Without a country it is the site's."""

    name: Name
    driver: Annotated[str, _choice(" ".join(DRIVERS))]
    location: Annotated[
        str,
        Field(
            pattern=r"^[^\s]([^\x00-\x1f\x7f]{0,62}[^\s])?$",
            description="what `callfloor pstn scan` shows as the card's hardware id or place",
        ),
    ]
    country: Annotated[Country | None, Field(validate_default=True)] = None
    options: Annotated[
        dict[str, Any],
        AfterValidator(_options),
        Field(description="a table of driver options, such as { boostringer = 1 }"),
    ] = Field(default_factory=dict)

    @field_validator("country", mode="before")
    @classmethod
    def _site_country(cls, value: object, info: ValidationInfo) -> object:
        return (info.context or {}).get("country") if value is None else value


class PstnSpanRow(Row):
    """See ``pstn_models.PstnSpan``."""

    name: SpanName
    card: Name
    port: Annotated[int, _whole(1, 8)]
    kind: Annotated[Literal["e1", "t1"], Field(description='"e1" or "t1"')]
    timing: Annotated[int, _whole(0, 8)] | None = None
    lbo: Annotated[int, _whole(0, 7)] = 0
    framing: Annotated[str, _choice("ccs cas esf d4")] | None = None
    coding: Annotated[str, _choice("hdb3 b8zs ami")] | None = None
    crc4: Flag | None = None
    switch: Annotated[str, _choice("euroisdn ni1 ni2 dms100 4ess 5ess qsig")] | None = None
    role: Annotated[str, _choice("cpe net")] = "cpe"
    d_channel: Annotated[int, _whole(1, 31)] | None = None
    timeslots: (
        Annotated[
            str,
            AfterValidator(_timeslots),
            Field(max_length=96, description='timeslots, each once, such as "1-15,17-31"'),
        ]
        | None
    ) = None
    nfas_group: Name | None = None
    nfas: Annotated[str, _choice("primary backup member")] | None = None
    nfas_interface: Annotated[int, _whole(0, 31)] | None = None
    number: PhoneNumber | None = None
    numbers: Annotated[str, _choice("national international unknown")] = "national"
    overlap: Flag = False
    did_digits: Annotated[int, _whole(0, 15)] = 0
    exclusive: Flag = True
    restart_interval: Annotated[int, _whole(0, 86400, " of seconds")] = 3600
    layer2_hold: Annotated[int, _whole(6, 90, " of seconds")] = 12
    echo_canceller: Echo = "mg2"
    echo_taps: Taps = 128
    line_group: Name = "pstn"
    enabled: Flag = True


class FxoRow(Row):
    """See ``pstn_models.Fxo``."""

    name: Name
    card: Name
    port: Annotated[int, _whole(1, 31)]
    number: PhoneNumber | None = None
    country: Country | None = None
    start: Annotated[str, _choice("loop ground kewl")] = "kewl"
    caller_id: Annotated[str, _choice("none bell202 v23 v23-japan dtmf")] | None = None
    caller_id_start: Annotated[str, _choice("ring polarity polarity-india dtmf")] | None = None
    answer_on_polarity: Flag = False
    hang_up_on_polarity: Flag = False
    wait_dial_tone: Annotated[float, _decimal(0, 60, "seconds")] = 3.0
    dial_prefix: Annotated[
        str, Field(pattern=r"^[0-9*#w,]{0,16}$", description='digits and pauses (w 0.5 s, "," 2 s), such as "0w"')
    ] = ""
    pulse: Flag = False
    busy: Annotated[str, _choice("country learned off")] = "country"
    busy_count: Annotated[int, _whole(2, 20)] = 6
    silence_hang_up: Annotated[int, _whole(0, 3600, " of seconds")] = 0
    rx_gain: Annotated[float, _decimal(-12, 12, "dB")] = 0.0
    tx_gain: Annotated[float, _decimal(-12, 12, "dB")] = 0.0
    echo_canceller: Echo = "mg2"
    echo_taps: Taps = 128
    distinctive_ring: Annotated[
        dict[PhoneNumber, Annotated[list[Milliseconds], Field(min_length=1, max_length=8)]],
        AfterValidator(_cadences),
        Field(description='numbers and their rings and pauses in ms, no two alike: { "0312345678" = [400, 200, 400] }'),
    ] = Field(default_factory=dict)
    line_group: Name = "pstn"
    enabled: Flag = True
