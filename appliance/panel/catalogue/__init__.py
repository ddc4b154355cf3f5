"""Every string a person reads on the panel, one module a language; the keys are the same in all."""

from __future__ import annotations

from typing import Literal

from appliance.panel.catalogue import en, ja

Language = Literal["en", "ja"]
CATALOGUES: dict[Language, dict[str, str]] = {"en": en.STRINGS, "ja": ja.STRINGS}
