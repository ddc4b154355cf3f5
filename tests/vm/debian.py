"""The lower layer of the machine's disk: Debian 13 with its kernel, DAHDI built for it, and all that runs on it.

Made by mmdebstrap. The cache's key is Debian's own index of the
release (it changes with each point release) and all that mmdebstrap is told.
"""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from pathlib import Path

from image.setup import PACKAGES as SETUP
from tests.vm.steps import ImageError, run

SUITE = "trixie"
MIRROR = "http://deb.debian.org/debian"
PACKAGES = (
    "linux-image-amd64 linux-headers-amd64 initramfs-tools systemd-sysv udev kmod iproute2 usbutils alsa-utils "
    "dahdi-dkms dahdi libpri1.4 libpri-dev libtonezone-dev ca-certificates openssh-server python3 procps psmisc strace "
    f"sip-tester {SETUP['run']} {SETUP['build']} {SETUP['demo']}"
)
FREE = "2G"
"""Room on the disk beyond what is installed; what a run writes there is dropped with it."""
LONGEST = 1800.0
"""Seconds for the whole: two minutes and a half on two idle cores, most of it the compiler's on DAHDI."""
UNITS = Path(__file__).with_name("units")
_ESSENTIAL = """\
#!/bin/sh
set -e
mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/etc/modprobe.d" "$1/etc/systemd/system-generators"
echo MODULES=list > "$1/etc/initramfs-tools/conf.d/callfloor"
printf 'virtio_pci\\nvirtio_blk\\next4\\n' > "$1/etc/initramfs-tools/modules"
# Debian loads dahdi without; dahdi_cfg then finds no channel of a span.
echo 'options dahdi auto_assign_spans=1' > "$1/etc/modprobe.d/callfloor.conf"
"""
_CUSTOMIZE = """\
#!/bin/sh
set -e
cp "$(dirname "$0")"/callfloor-* "$1/etc/systemd/system/"
echo callfloor-vm > "$1/etc/hostname"
# Each boot would do without need: look for a way in through the hypervisor, and rebuild what is up to date.
ln -s /dev/null "$1/etc/systemd/system-generators/systemd-ssh-generator"
touch "$1/etc/.updated" "$1/var/.updated"
ls "$1"/lib/modules/*/updates/dkms/dahdi_dynamic_loc.ko* || { echo 'dahdi-dkms built no modules'; exit 1; }
"""


def key() -> str:
    """Changes with everything that changes the layer."""
    try:
        with urllib.request.urlopen(f"{MIRROR}/dists/{SUITE}/InRelease", timeout=30) as answer:
            release: bytes = answer.read()
    except (urllib.error.URLError, TimeoutError) as error:
        raise ImageError(f"{MIRROR} cannot be read ({error}): check the network") from error
    told = (*_command(Path()), _ESSENTIAL, _CUSTOMIZE, FREE)
    parts = [release, "\0".join(told).encode()]
    parts += [unit.read_bytes() for unit in sorted(UNITS.iterdir())]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def build(where: Path) -> None:
    """Make ``base.tar``, ``root.ext2``, the kernel and the initial RAM disk in ``where``."""
    for name, text in (("essential", _ESSENTIAL), ("customize", _CUSTOMIZE)):
        (where / name).write_text(text)
        (where / name).chmod(0o755)
    for unit in UNITS.iterdir():
        (where / unit.name).write_text(unit.read_text())
    where.chmod(0o755)  # mmdebstrap may work as another user
    run(
        f"Debian {SUITE} with DAHDI built for its kernel (about five minutes)",
        _command(where),
        where / "base.log",
        LONGEST,
    )
    for file in (where / "boot").iterdir():
        file.rename(where / file.name)
    disk(where / "root.ext2", where / "root.log", ["--tarball", str(where / "base.tar")], where / "base.tar", FREE)


def _command(where: Path) -> list[str]:
    return [
        "mmdebstrap",
        "--verbose",
        "--variant=minbase",
        "--format=tar",
        f"--include={','.join(dict.fromkeys(PACKAGES.split()))}",
        "--aptopt=Acquire::Retries 3",
        f"--essential-hook={where}/essential",
        f"--customize-hook={where}/customize",
        f"--customize-hook=copy-out /boot {where}",
        SUITE,
        str(where / "base.tar"),
        MIRROR,
    ]


def disk(target: Path, log: Path, contents: list[str], measure: Path, free: str) -> None:
    """Make a file system with ``contents`` (options of genext2fs) as large as ``measure``, and ``free`` besides."""
    # A block a file is lost by half on the mean; a sixth more holds that and the tables.
    blocks = measure.stat().st_size // 4096 * 7 // 6 + 4096
    make = ["genext2fs", "--block-size", "4096", "--size-in-blocks", str(blocks), "--bytes-per-inode", "8192"]
    run(f"the disk {target.name}", [*make, *contents, str(target)], log, 300)
    run(f"room on {target.name}", ["truncate", f"--size=+{free}", str(target)], log, 60)
    run(f"the file system of {target.name}", ["resize2fs", str(target)], log, 300)
