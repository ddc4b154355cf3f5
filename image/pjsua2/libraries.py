"""Compile pjproject into static libraries, kept in the cache by version, configuration and distribution."""

import hashlib
import platform
import shutil
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

from image.pjsua2.source import Source
from image.pjsua2.steps import BuildError, Steps

CONFIG_SITE = Path(__file__).with_name("config_site.h")
# The libraries go into a shared object that hides them, so they are position-independent and need no debug data.
CFLAGS = "-O2 -fPIC -fvisibility=hidden"
# pjproject's pkg-config for its users says the same; the byte order is all its headers cannot find out.
DEFINES = (
    "PJ_AUTOCONF=1",
    f"PJ_IS_BIG_ENDIAN={int(sys.byteorder == 'big')}",
    f"PJ_IS_LITTLE_ENDIAN={int(sys.byteorder == 'little')}",
)
# What the DFSG tarball lacks comes from Debian packages; what a telephone exchange does not need stays out.
CONFIGURE = (
    "--disable-video --disable-sound --with-external-srtp --with-external-gsm --with-external-speex "
    "--disable-resample --enable-libsamplerate --enable-epoll --disable-ilbc-codec --disable-g7221-codec "
    "--disable-libwebrtc --disable-libyuv --disable-opencore-amr --disable-bcg729 --disable-silk --disable-lyra "
    "--disable-upnp --disable-sdl --disable-ffmpeg --disable-v4l2 --disable-openh264 --disable-vpx"
)
REQUIRED = {
    "#define PJ_HAS_SSL_SOCK 1": ("pjlib/include/pj/compat/os_auto.h", "libssl-dev"),
    "#define PJMEDIA_HAS_OPUS_CODEC 1": ("pjmedia/include/pjmedia-codec/config_auto.h", "libopus-dev"),
    "-DPJMEDIA_EXTERNAL_SRTP=": ("pjmedia/build/os-auto.mak", "libsrtp2-dev"),
}
# Changes to pjproject's source: file, what stands there once, what it becomes.
MENDS = (
    # The jitter buffer counts G.711 in 10 ms frames, two to a packet, and takes anything over twice that burst for
    # clock drift: with 40 ms of prefetch it cut 10 ms out of speech every few seconds. Only what is more than a burst
    # over the prefetch is drift, or the rest of a stall.
    (
        "pjmedia/src/pjmedia/jbuf.c",
        "    diff = cur_size - burst_level*2;",
        "    diff = cur_size - PJ_MAX(burst_level*2, jb->jb_min_prefetch + burst_level);",
    ),
)


@dataclass(frozen=True)
class Libraries:
    """Compiled pjproject: header folders, the archives in link order, and the system's libraries they need."""

    root: Path
    archives: tuple[Path, ...]
    system: tuple[str, ...]

    @property
    def includes(self) -> tuple[Path, ...]:
        return tuple(self.root / part / "include" for part in ("pjlib", "pjlib-util", "pjnath", "pjmedia", "pjsip"))

    @property
    def swig(self) -> Path:
        return self.root / "pjsip-apps" / "src" / "swig"


def libraries_key(source: Source) -> str:
    """Changes with everything that changes the compiled libraries."""
    system = platform.freedesktop_os_release()
    parts = (
        source.digest, CONFIG_SITE.read_text(), CFLAGS, CONFIGURE, repr(MENDS),
        platform.machine(), system.get("ID", ""), system.get("VERSION_ID", ""),
    )  # fmt: skip
    return f"{source.version}-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:12]}"


def compile_libraries(source: Source, cache: Path, steps: Steps, jobs: int) -> Libraries:
    """Unpack, configure and make pjproject, unless that was done before."""
    root = cache / "pjproject" / libraries_key(source)
    finished = root / "link-words"
    if not finished.is_file():
        shutil.rmtree(root, ignore_errors=True)
        with steps.step(f"unpack pjproject {source.version}"):
            _unpack(source.tarball, root)
        with steps.step("configure"):
            _configure(root, steps)
        with steps.step("make"):
            steps.run(["make", f"-j{jobs}", "lib"], folder=root)
        words = _link_words(root, steps)
        for unneeded in root.rglob("*.o"):
            unneeded.unlink()
        finished.write_text("\n".join(words))
    return _found(root, finished.read_text().split())


def _unpack(tarball: Path, root: Path) -> None:
    with tarfile.open(tarball) as archive:
        # The tarball's one top folder, whatever it is called, becomes `root`.
        members = [member for member in archive if "/" in member.name]
        for member in members:
            member.name = member.name.split("/", 1)[1]
        archive.extractall(root, members, filter="tar")
    (root / "pjlib" / "include" / "pj" / "config_site.h").write_text(CONFIG_SITE.read_text())
    # Its makefile names this file, the DFSG tarball leaves it out. It is for another system and may be empty.
    (root / "pjmedia" / "src" / "pjmedia-audiodev" / "bdimad_dev.c").touch()
    for name, before, after in MENDS:
        file = root / name
        text = file.read_text()
        if text.count(before) != 1:
            raise BuildError(
                f"{name} is not what our change was made for", "look at MENDS in image/pjsua2/libraries.py"
            )
        file.write_text(text.replace(before, after))


def _configure(root: Path, steps: Steps) -> None:
    flags = [f"CFLAGS={CFLAGS} -ffile-prefix-map={root}=pjproject", f"CXXFLAGS={CFLAGS}"]
    steps.run(["bash", "./configure", *flags, *CONFIGURE.split()], folder=root)
    for setting, (file, package) in REQUIRED.items():
        if setting not in (root / file).read_text():
            raise BuildError(f"configure did not find {package}", f"apt-get install {package}, then run this again")


def _link_words(root: Path, steps: Steps) -> list[str]:
    folder = root / "pjsip-apps" / "src" / "swig" / "python"
    return steps.run(["make", "-s", "--no-print-directory", "-f", "helper.mak", "libs"], folder=folder).split()


def _found(root: Path, words: list[str]) -> Libraries:
    archives = {path.name.removeprefix("lib").removesuffix(".a"): path for path in root.glob("*/lib/lib*.a")}
    ordered = tuple(archives[word] for word in words if word in archives)
    return Libraries(root, ordered, tuple(word for word in words if word not in archives))
