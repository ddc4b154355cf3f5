"""``callfloor store``: make the tables, apply a site description, show what is configured."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Sequence

from appliance.settings import Settings
from appliance.store import open_store
from appliance.store.site import Change, apply_site
from appliance.store.site_description import SiteError, read_site
from appliance.store.site_show import show_site


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run ``arguments.store_command``: migrate, apply or show; return the exit status."""
    store = open_store(settings.database_url())
    try:
        if arguments.store_command == "migrate":
            store.migrate()
            print(f"{store.where}: tables are up to date")
            return 0
        if arguments.store_command == "show":
            with store.session() as session:
                print(show_site(session), end="")
            return 0
        site = read_site(arguments.file, settings.site.country)
        with store.session() as session:
            changes = apply_site(
                session, site, realm=settings.edge.realm, who=arguments.who or _user(), source=str(arguments.file)
            )
        for change in changes:
            print(change)
        print(f"{store.where}: {len(changes)} changed" if changes else f"{store.where}: nothing to change")
        if changes:
            _tell_services(settings, changes)
    except SiteError as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        store.close()
    return 0


def _tell_services(settings: Settings, changes: Sequence[Change]) -> None:
    from appliance.store.reload import tell  # the bus is loaded where it is needed

    for line in tell(settings, changes):
        print(line)


def _user() -> str:
    """Who is at the keyboard, also behind sudo."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):  # a user id without a name
        return f"uid {os.getuid()}"
