"""What a value of a site description may be. A field's ``description`` completes the sentence "must be …"."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationInfo

from appliance.numbers import to_e164


def _e164(value: str, info: ValidationInfo) -> str:
    number = to_e164(value, (info.context or {}).get("country", ""))
    if number is None:
        raise ValueError
    return number


def _pin(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"([0-9]{4,8})?", value.get_secret_value()):  # 3GPP TS 31.101 §9.5.1
        raise ValueError
    return value


def seconds(lowest: int, highest: int) -> Any:
    text = f"a whole number of seconds from {lowest} to {highest}"
    return Field(strict=True, ge=lowest, le=highest, description=text)


NAME_DESCRIPTION = "1 to 32 letters, digits, dots, hyphens and underscores, a letter or digit first"
# Names stand in MQTT topics, SIP headers and routing targets.
Name = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$",
        description=NAME_DESCRIPTION,
    ),
]
Label = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,64}$", description="1 to 64 characters on one line")]
Digits = Annotated[str, Field(pattern=r"^[0-9]{2,16}$", description='2 to 16 digits in quotes, such as "101"')]
PhoneNumber = Annotated[
    str, AfterValidator(_e164), Field(description='a phone number of the site\'s country or "+" and country code')
]
Device = Annotated[str, Field(pattern=r"^/[^\x00-\x1f]+$", description='a device\'s path, such as "/dev/ttyUSB2"')]
AudioDevice = Annotated[
    str,
    Field(
        pattern=r"^(/|alsa:)[^\x00-\x1f]+$",
        description='a device\'s path, such as "/dev/ttyUSB1", or an ALSA PCM, such as "alsa:plughw:CARD=Android"',
    ),
]
Imei = Annotated[str, Field(pattern=r"^[0-9]{15}$", description="an IMEI: 15 digits in quotes")]
UsbPath = Annotated[
    str,
    Field(pattern=r"^[0-9]+-[0-9]+(\.[0-9]+)*$", description='a USB path as the kernel writes it, such as "1-1.4.2"'),
]
Pin = Annotated[SecretStr, AfterValidator(_pin), Field(description='4 to 8 digits in quotes, or ""')]
Flag = Annotated[bool, Field(strict=True, description="true or false")]
Clock = Annotated[
    str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description='a time of day in quotes, such as "09:00"')
]
TargetText = Annotated[
    str,
    Field(
        pattern=r"^(hangup|(ivr|queue|extension):[A-Za-z0-9._-]{1,32})$",
        description='"ivr:NAME", "queue:NAME", "extension:NUMBER" or "hangup"',
    ),
]


class Row(BaseModel):
    """A row of a site description: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)
