"""The virtual machine's disks, kernel and initial RAM disk, in layers that are cached outside the checkout.

``base-*``: Debian, DAHDI (tests.vm.debian). ``venv-*``, ``ours-*``: Python packages; pjsua2 and prompts (``packages``).
``disk-*``: both of these as a disk. What a layer is made of is its name, so only what has changed is made again.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.vm import debian, packages
from tests.vm.steps import ImageError

OTHERS = ("lock", "pjsua2", "shell")
"""What is in the cache besides layers: the lock of its use, pjsua2's parts for Debian 13, the workbench's files."""
ROOM = 6 << 30
"""Bytes that a build needs, in the cache and, as it goes, in the folder for temporary files."""
TOOLS = ("mmdebstrap", "genext2fs", "resize2fs")


@dataclass(frozen=True)
class Image:
    """What QEMU needs: two disks, the second with Python's packages, and what to boot.

    ``ours``: the archive of pjsua2 and the prompts, which is on the second disk.
    """

    disk: Path
    python: Path
    ours: Path
    kernel: Path
    initrd: Path


def cache_folder() -> Path:
    """Where the layers are."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "callfloor" / "vm"


def image() -> Image:
    """Return the image, with the layers built that the cache has not. Raises ImageError."""
    missing = [name for name in TOOLS if shutil.which(name) is None]
    if missing:
        raise ImageError(f"{', '.join(missing)} not found: run `make setup-vm`")
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache):
        base = _layer(cache, "base", debian.key(), debian.build)
        tar = base / "base.tar"
        venv = _layer(cache, "venv", packages.venv_key(base.name), lambda where: packages.build_venv(tar, where))
        ours = _layer(
            cache,
            "ours",
            packages.ours_key(base.name),
            lambda where: packages.build_ours(tar, where, cache / "pjsua2"),
        )
        python = _layer(
            cache,
            "disk",
            f"{venv.name}-{ours.name}",
            lambda where: packages.assemble(venv / "venv.tar", ours / "ours.tar", where),
        )
        _forget(cache, {base, venv, ours, python})
    kernel, initrd = (next(base.glob(pattern)) for pattern in ("vmlinuz-*", "initrd.img-*"))
    return Image(base / "root.ext2", python / "python.ext2", ours / "ours.tar", kernel, initrd)


def _layer(cache: Path, kind: str, key: str, build: Callable[[Path], None]) -> Path:
    """Return a layer's directory, which appears whole or not at all."""
    directory = cache / f"{kind}-{key}"
    if not directory.exists():
        for place in (cache, Path(tempfile.gettempdir())):
            if shutil.disk_usage(place).free < ROOM:
                raise ImageError(f"{place} has less than {ROOM >> 30} GB free: make room, or name another by TMPDIR")
        with tempfile.TemporaryDirectory(dir=cache, prefix="building-") as building:
            build(Path(building))
            Path(building).rename(directory)
            Path(building).mkdir()  # for the context to remove
    return directory


def _forget(cache: Path, current: set[Path]) -> None:
    """Remove layers of other days, and what killed builds have left."""
    for old in cache.iterdir():
        if old.name not in OTHERS and old not in current:
            shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _locked(cache: Path) -> Iterator[None]:
    with (cache / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("vm: another run is building the image; waiting for it …", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
