"""The upper layers of the machine's disk: a virtual environment of Debian 13's Python; pjsua2 for it, and prompts.

Each is made in the lower layer's own file system, so with its compiler and libraries, at the speed of this machine.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

from image.pjsua2 import build
from tests.vm.debian import MIRROR, SUITE, disk
from tests.vm.steps import run

ROOT = Path(__file__).parents[2]
TOP = "opt/callfloor"
"""Where both are in the machine."""
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
NOT_THERE = ("mypy", "playwright", "ruff", "types-")
"""Packages of the tests that the machine does without."""
MORE = ("cffi",)
FREE = "256M"
"""Room besides, for what Python compiles in the machine."""
LONGEST = 900.0
_VENV = f"""\
#!/bin/sh
set -e
chroot "$1" python3 -m venv /{TOP}
pip="chroot $1 /{TOP}/bin/python -m pip --disable-pip-version-check --no-cache-dir"
$pip install --no-compile -r /build/requirements.txt
# Only what tells where the checkout is: its packages come with it.
mkdir -p "$1/checkout"
cp "$1/build/pyproject.toml" "$1/build/README.md" "$1/build/LICENSE" "$1/checkout/"
$pip install --no-compile --no-deps --config-settings editable_mode=compat --editable /checkout
# Under emulation the first import of each takes long. Some packages come with files that are no Python: never mind.
chroot "$1" env PYTHONPYCACHEPREFIX=/{TOP}/compiled sh -c '
    /{TOP}/bin/python -m compileall -q -j 0 /{TOP}/lib /usr/lib/python3.* > /dev/null || true'
"""
_OURS = f"""\
#!/bin/sh
set -e
mkdir -p "$1/build/cache"
wheel=$(chroot "$1" env -C /build/checkout -u PJPROJECT_TARBALL CALLFLOOR_CACHE=/build/cache PYTHONPATH=. \\
    python3 -m image.pjsua2.build --python /usr/bin/python3)
site=$(chroot "$1" python3 -c 'import sysconfig; print(sysconfig.get_path("purelib", "venv", {{"base": "/{TOP}"}}))')
mkdir -p "$1$site"
chroot "$1" python3 -m zipfile -e "$wheel" "$site"
find "$1/build/cache/pjsua2/wheels" -type f ! -name "${{wheel##*/}}" -delete
rm -rf "$1/build/cache/pjsua2/work"
# Where a cache is looked for when XDG_CACHE_HOME is /{TOP}/cache.
chroot "$1" env -C /build/checkout PYTHONPATH=. python3 -m image.prompts /{TOP}/cache/callfloor/prompts
"""


def venv_key(base: str) -> str:
    """Changes with what is installed by pip, our own commands and version included."""
    return _digest(base, json.dumps(_project()), "\n".join(requirements()), _VENV)


def ours_key(base: str) -> str:
    """Changes with what pjsua2 and the prompts are made of."""
    return _digest(base, *(f"{path.name}\0{path.read_text()}" for path in _sources()), _OURS)


def build_venv(base: Path, where: Path) -> None:
    """Make ``venv.tar`` in ``where``, in the file system of ``base`` (a tar archive)."""
    (where / "requirements.txt").write_text("".join(f"{one}\n" for one in requirements()))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, where / name)
    _in_base("Python packages (about two minutes)", base, where, _VENV, "venv.tar")


def build_ours(base: Path, where: Path, cache: Path) -> None:
    """Make ``ours.tar`` in ``where``; what pjsua2's build for Debian 13 can use again is kept in ``cache``."""
    for file in _sources():
        copy = where / "checkout" / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    sources = build.cache_folder() / "sources"
    if cache.exists():
        shutil.copytree(cache, where / "cache" / "pjsua2", symlinks=True)
    elif sources.exists():  # this machine's own build has fetched them
        shutil.copytree(sources, where / "cache" / "pjsua2" / "sources")
    kept = where / "kept"
    kept.mkdir()
    _in_base("pjsua2 and prompts (some minutes the first time)", base, where, _OURS, "ours.tar", kept)
    shutil.rmtree(cache, ignore_errors=True)
    (kept / "pjsua2").rename(cache)
    shutil.rmtree(where / "cache", ignore_errors=True)


def assemble(venv: Path, ours: Path, where: Path) -> None:
    """Make ``python.ext2`` of both in ``where``."""
    contents = ["--tarball", str(venv), "--tarball", str(ours)]
    disk(where / "python.ext2", where / "python.log", contents, venv, FREE)


def requirements() -> list[str]:
    """What pip is to install."""
    project = _project()
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"], *MORE]
    return [name for name in wanted if not name.startswith(NOT_THERE)]


def _project() -> dict[str, Any]:
    described: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return described


def _sources() -> list[Path]:
    """What pjsua2 and the prompts are made with."""
    image = ROOT / "image"
    files = [path for path in (image / "pjsua2").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    return sorted([image / "__init__.py", *image.glob("prompt*.py"), *files])


def _in_base(title: str, base: Path, where: Path, script: str, product: str, kept: Path | None = None) -> None:
    """Run a script in the file system of ``base`` with ``where`` at /build; ``product``: what it left in TOP.

    ``kept``: where to bring back what it left in /build/cache.
    """
    hook = where / "hook"
    hook.write_text(script)
    hook.chmod(0o755)
    where.chmod(0o755)
    command = ["mmdebstrap", "--variant=custom", "--skip=update,setup,cleanup,check/empty,check/signed-by"]
    command += [f"--setup-hook=tar-in {base} /"]
    command += ['--customize-hook=mkdir "$1/build"', f"--customize-hook=sync-in {where} /build"]
    if CERTIFICATES.exists():  # what this machine trusts: pip may have to pass a firm's own proxy
        command += [f"--customize-hook=upload {CERTIFICATES} {CERTIFICATES}"]
    command += [f"--customize-hook={hook}", f"--customize-hook=tar-out /{TOP} {where / product}"]
    if kept:
        command += [f"--customize-hook=sync-out /build/cache {kept}"]
    run(title, [*command, "--format=null", SUITE, "/dev/null", MIRROR], where / "hook.log", LONGEST)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
