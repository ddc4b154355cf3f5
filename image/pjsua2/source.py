"""Get pjproject's source: from Debian's asterisk source package, verified by apt, or from PJPROJECT_TARBALL.

Debian's asterisk carries the whole of pjproject as its component tarball orig-Xpjproject. Nothing of the machine's apt
configuration is changed: lists, cache and sources.list are private, trust comes from Debian's own keyring.
"""

import hashlib
import os
import re
import shutil
import subprocess
import tarfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from image.pjsua2.steps import BuildError, Steps

SUITES = ("forky", "sid")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
APT_HELPER = Path("/usr/lib/apt/apt-helper")
DEFAULT_MIRROR = "http://deb.debian.org/debian"
BY_HAND = "fetch pjproject's release tarball yourself and name it: PJPROJECT_TARBALL=/path/pjproject-2.17.tar.gz"


@dataclass(frozen=True)
class Source:
    """A pjproject tarball with its version, e.g. "2.17", and SHA-256."""

    tarball: Path
    version: str
    digest: str


def find_source(cache: Path, steps: Steps) -> Source:
    """The tarball PJPROJECT_TARBALL names (a path, or a name in the cache's sources/), the cached one, or Debian's."""
    folder = cache / "sources"
    folder.mkdir(parents=True, exist_ok=True)
    named = os.environ.get("PJPROJECT_TARBALL")
    if named:
        for tarball in (Path(named), folder / named):
            if tarball.is_file():
                return _describe(tarball)
        raise BuildError(f"PJPROJECT_TARBALL={named}: no such file, nor is there one in {folder}")
    cached = sorted(folder.glob("*.orig-Xpjproject.tar.xz"))
    return _describe(cached[-1] if cached else _from_debian(cache / "apt", folder, steps))


def _describe(tarball: Path) -> Source:
    """Read the version out of the tarball once; a note beside it keeps that for the next time."""
    digest = hashlib.sha256(tarball.read_bytes()).hexdigest()
    note = tarball.with_name(tarball.name + f".{digest[:16]}.version")
    if note.is_file():
        return Source(tarball, note.read_text().strip(), digest)
    version = _read_version(tarball)
    with suppress(OSError):  # in a folder that is not ours the tarball is read again each time, which costs a second
        note.write_text(version + "\n")
    return Source(tarball, version, digest)


def _read_version(tarball: Path) -> str:
    with tarfile.open(tarball) as archive:
        for member in archive:
            if member.name.count("/") == 1 and member.name.endswith("/version.mak"):
                stream = archive.extractfile(member)
                text = stream.read().decode() if stream else ""
                found = dict(re.findall(r"export PJ_VERSION_(MAJOR|MINOR|REV)[ \t]*:?=[ \t]*(\w+)", text))
                return ".".join(found[part] for part in ("MAJOR", "MINOR", "REV") if part in found)
    raise BuildError(f"{tarball} is no pjproject source: it has no version.mak", BY_HAND)


def _from_debian(apt: Path, folder: Path, steps: Steps) -> Path:
    for tool in (KEYRING, APT_HELPER):
        if not tool.exists():
            raise BuildError(f"{tool} is missing: Debian's source can only be fetched and verified on Debian", BY_HAND)
    mirror = _mirror()
    problems = []
    for suite in SUITES:
        try:
            with steps.step(f"fetch pjproject from Debian {suite}'s asterisk source"):
                return _from_suite(apt, folder, mirror, suite, steps)
        except BuildError as error:
            problems.append(error.what)
    raise BuildError(f"{problems[-1]}\nno pjproject in Debian {' or '.join(SUITES)} at {mirror}", BY_HAND)


def _mirror() -> str:
    """The Debian mirror this machine is set up with, so that a site's own mirror or proxy is respected."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE)"], capture_output=True, text=True, check=False
    )
    sites = dict.fromkeys(listed.stdout.split())
    return next((site for site in sites if re.search(r"/debian/?$", site)), DEFAULT_MIRROR)


def _from_suite(apt: Path, folder: Path, mirror: str, suite: str, steps: Steps) -> Path:
    shutil.rmtree(apt, ignore_errors=True)
    (apt / "lists" / "partial").mkdir(parents=True)
    (apt / "archives" / "partial").mkdir(parents=True)
    (apt / "status").touch()
    (apt / "sources.list").write_text(f"deb-src [signed-by={KEYRING}] {mirror} {suite} main\n")
    options = [
        word
        for setting in (
            f"Dir::Etc::sourcelist={apt / 'sources.list'}",
            "Dir::Etc::sourceparts=-",
            f"Dir::State::lists={apt / 'lists'}",
            f"Dir::State::status={apt / 'status'}",
            f"Dir::Cache={apt}",
            "Acquire::Check-Valid-Until=false",
            "Acquire::Languages=none",
            "APT::Sandbox::User=",
            "APT::Update::Error-Mode=any",
        )
        for word in ("-o", setting)
    ]
    steps.run(["apt-get", *options, "update"], folder=apt, hint=BY_HAND)
    listed = steps.run(["apt-get", *options, "source", "--print-uris", "--download-only", "asterisk"], folder=apt)
    found = re.search(r"'(\S+)' (\S+\.orig-Xpjproject\.tar\.\w+) \d+ (SHA(?:256|512):[0-9a-f]+)", listed)
    if not found:
        raise BuildError(f"the asterisk source in {suite} has no pjproject component", BY_HAND)
    uri, name, digest = found.groups()
    # apt-helper compares with the digest, which comes from the index that the suite's signed InRelease vouches for.
    target = apt / name
    steps.run([APT_HELPER, *options, "download-file", uri, target, digest], folder=apt, hint=BY_HAND)
    fetched = target.rename(folder / name)
    shutil.rmtree(apt)
    return fetched
