"""The virtual machine's disk, kernel and initial RAM disk: Debian 13, made by mmdebstrap, cached outside the checkout.

The cache's key is Debian's own index of the release (it changes with each point release) and this file.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

SUITE = "trixie"
MIRROR = "http://deb.debian.org/debian"
PACKAGES = (
    "linux-image-amd64 initramfs-tools systemd-sysv udev kmod iproute2 usbutils alsa-utils usb-modeswitch "
    "python3 python3-pytest python3-pytest-timeout python3-serial python3-pyudev python3-alsaaudio python3-systemd "
    "python3-pydantic python3-sqlalchemy python3-paho-mqtt"
)
FREE = "768M"
"""Room on the disk beyond what is installed; what a run writes there is dropped with it."""
UNIT = """\
[Unit]
Description=Callfloor's tests
After=local-fs.target systemd-udevd.service

[Service]
Type=oneshot
TimeoutStartSec=infinity
ExecStart=/bin/mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,ro --mkdir checkout /checkout
ExecStart=/bin/mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 --mkdir results /results
ExecStart=/bin/sh /checkout/tests/vm/guest/run.sh
# Twice: without asking anybody; a stop in good order takes as long as the tests.
ExecStopPost=/bin/systemctl poweroff -f -f
StandardOutput=file:/dev/ttyS1
StandardError=inherit

[Install]
WantedBy=multi-user.target
"""
_ESSENTIAL_HOOK = """\
#!/bin/sh
set -e
mkdir -p "$1/etc/initramfs-tools/conf.d"
echo MODULES=list > "$1/etc/initramfs-tools/conf.d/callfloor"
printf 'virtio_pci\\nvirtio_blk\\next4\\n' > "$1/etc/initramfs-tools/modules"
"""
_CUSTOMIZE_HOOK = """\
#!/bin/sh
set -e
cp "$(dirname "$0")/callfloor-tests.service" "$1/etc/systemd/system/"
chroot "$1" systemctl enable callfloor-tests.service
chroot "$1" systemctl mask serial-getty@ttyS0.service getty@tty1.service systemd-timesyncd.service
echo callfloor-vm > "$1/etc/hostname"
"""


class ImageError(Exception):
    """There is no image; the text says what to do."""


@dataclass(frozen=True)
class Image:
    """What QEMU needs."""

    disk: Path
    kernel: Path
    initrd: Path


def image() -> Image:
    """Return the image, built when the cache has none that is up to date (about a minute)."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "callfloor" / "vm"
    directory = cache / _key()
    if not directory.exists():
        missing = [name for name in ("mmdebstrap", "genext2fs", "resize2fs") if shutil.which(name) is None]
        if missing:
            raise ImageError(f"{', '.join(missing)} not found: run `make setup-test`")
        print(f"vm: building Debian {SUITE} (about a minute) …", flush=True)
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="building-") as building:
            _build(Path(building))
            Path(building).rename(directory)
            Path(building).mkdir()  # for the context to remove
        for old in cache.iterdir():
            if old != directory and not old.name.startswith("building-"):
                shutil.rmtree(old)
    return Image(directory / "root.ext2", next(directory.glob("vmlinuz-*")), next(directory.glob("initrd.img-*")))


def _key() -> str:
    try:
        with urllib.request.urlopen(f"{MIRROR}/dists/{SUITE}/InRelease", timeout=30) as answer:
            release = answer.read()
    except (urllib.error.URLError, TimeoutError) as error:
        raise ImageError(f"{MIRROR} cannot be read ({error}): check the network") from error
    return hashlib.sha256(release + Path(__file__).read_bytes()).hexdigest()[:16]


def _build(where: Path) -> None:
    for name, text in (
        ("essential", _ESSENTIAL_HOOK),
        ("customize", _CUSTOMIZE_HOOK),
        ("callfloor-tests.service", UNIT),
    ):
        (where / name).write_text(text)
        (where / name).chmod(0o755)
    disk = where / "root.ext2"
    where.chmod(0o755)  # mmdebstrap may work as another user
    command = [
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        "--format=ext2",
        f"--include={','.join(PACKAGES.split())}",
        f"--essential-hook={where}/essential",
        f"--customize-hook={where}/customize",
        f"--customize-hook=copy-out /boot {where}",
        SUITE,
        str(disk),
        MIRROR,
    ]
    _run(command)
    _run(["truncate", f"--size=+{FREE}", str(disk)])
    _run(["resize2fs", str(disk)])
    for file in (where / "boot").iterdir():
        file.rename(where / file.name)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        tail = "\n".join(done.stdout.splitlines()[-25:])
        raise ImageError(f"{tail}\nbuilding the image failed; to see it again: {' '.join(command)}")
