from __future__ import annotations

import re
from pathlib import Path

import appliance
from appliance.store import Store
from appliance.store.pstn_models import PSTN_TABLES
from appliance.store.site import apply_site
from appliance.store.site_description import read_site

PAGE = Path(appliance.__file__).parents[1] / "docs" / "installer.md"


def test_the_site_of_the_installers_page_can_be_applied(store: Store, tmp_path: Path) -> None:
    blocks = [block for block in re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL) if "[[" in block]
    file = tmp_path / "site.toml"
    file.write_text("\n".join(blocks))
    site = read_site(file, "JP")
    with store.session() as session:
        changes = apply_site(session, site, realm="callfloor", who="a test", source=str(file))
    described = {change.table for change in changes}
    assert described >= {"line", "queue", "route", "carrier", "sim", "sim_policy", "line_group", *PSTN_TABLES}
