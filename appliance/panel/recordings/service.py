"""From a recording's id to its file, never outside the recordings folder."""

from __future__ import annotations

from pathlib import Path

from appliance.store import Store
from appliance.store.models import Recording

PLAYABLE = ("complete", "interrupted")


class NoRecordingError(Exception):
    """There is no such recording, it isn't finished, or its file is gone."""


def file_of(store: Store, recording_id: str, folder: Path) -> Path:
    """The file of a finished recording; ``folder`` holds all of them. Raises NoRecordingError."""
    with store.session() as session:
        row = session.get(Recording, recording_id)
        if row is None or row.state not in PLAYABLE:
            raise NoRecordingError(recording_id)
        name = row.path
    return confined(folder, name)


def confined(folder: Path, name: str) -> Path:
    """``folder``/``name`` with links followed; it must be a file inside ``folder``. Raises NoRecordingError."""
    try:
        root = folder.resolve()
        path = (root / name).resolve()
        inside = path.is_relative_to(root) and path.is_file()
    except (OSError, ValueError, RuntimeError) as error:  # a NUL in the name, a loop of links
        raise NoRecordingError(name) from error
    if not inside:
        raise NoRecordingError(name)
    return path
