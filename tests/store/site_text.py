"""A small site as a description, and how to apply it."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.store import Store
from appliance.store.site import Change, apply_site
from appliance.store.site_description import SiteError, read_site

SITE = """
[[line]]
name = "gsm-1"
gateway = "gsm"
number = "080-1234-5678"
family = "quectel"
at_port = "/dev/ttyUSB2"
pcm_port = "/dev/ttyUSB1"

[[extension]]
number = "101"
name = "Desk 1"
password = "correct horse"

[[agent]]
number = "2001"
name = "花子"

[[agent]]
number = "2002"
name = "Taro"

[[queue]]
name = "sales"
label = "Sales"
members = ["2002", "2001"]

[[route]]
line = "gsm-1"
weekdays = "51"
from_time = "09:00"
to_time = "18:00"
target = "ivr:main"

[[route]]
target = "hangup"

[ivr.main]
start = "menu"

[ivr.main.steps.menu]
type = "menu"
prompt = "welcome"
keys = { 1 = "queue:sales", 2 = "extension:101" }
"""


def apply(store: Store, text: str, tmp_path: Path, *, realm: str = "callfloor", who: str = "hanako") -> list[Change]:
    file = tmp_path / "site.toml"
    file.write_text(text, encoding="utf-8")
    site = read_site(file, "JP")
    with store.session() as session:
        return apply_site(session, site, realm=realm, who=who, source=str(file))


def refused(store: Store, text: str, tmp_path: Path, **options: str) -> list[str]:
    with pytest.raises(SiteError) as caught:
        apply(store, text, tmp_path, **options)
    start = f"{tmp_path / 'site.toml'}: "
    lines = str(caught.value).splitlines()
    assert all(line.startswith(start) for line in lines)
    return [line.removeprefix(start) for line in lines]
