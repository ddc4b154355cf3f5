"""Build the pjsua2 wheel: `python -m image.pjsua2.build [--python PATH] [--print-wheel]`.

The wheel's path is the only thing printed on stdout. Everything made is kept in pjsua2/ under
${CALLFLOOR_CACHE:-~/.cache/callfloor}, so a second run answers at once, and another Python or a change in our C++ costs
only SWIG and a compile.
"""

import argparse
import fcntl
import os
import shutil
import sys
from pathlib import Path

from image.pjsua2.extension import Python, ask_python, build_extension, extension_key
from image.pjsua2.libraries import compile_libraries, libraries_key
from image.pjsua2.source import find_source
from image.pjsua2.steps import BuildError, Steps
from image.pjsua2.wheel import wheel_name, write_wheel

TOOLS = {"g++": "build-essential", "make": "build-essential", "swig": "swig"}
HEADERS = {
    "openssl/ssl.h": "libssl-dev",
    "srtp2/srtp.h": "libsrtp2-dev",
    "opus/opus.h": "libopus-dev",
    "gsm.h": "libgsm1-dev",
    "speex/speex.h": "libspeex-dev",
    "speex/speex_echo.h": "libspeexdsp-dev",
    "samplerate.h": "libsamplerate0-dev",
    "spandsp.h": "libspandsp-dev",
    "uuid/uuid.h": "uuid-dev",
}


def build_wheel(python: Python, cache: Path, steps: Steps, jobs: int) -> Path:
    """Return the wheel for `python`, building what is not in the cache. Raises BuildError."""
    source = find_source(cache, steps)
    key = extension_key(libraries_key(source))
    version = f"{source.version}+callfloor.{key}"
    wheels = cache / "wheels"
    wheel = wheels / wheel_name(version, python.tag)
    if wheel.is_file():
        return wheel
    check_packages(steps, cache)
    libraries = compile_libraries(source, cache, steps, jobs)
    work = cache / "work" / f"{key}-{python.tag}"
    files = build_extension(libraries, python, work, steps, jobs)
    wheels.mkdir(exist_ok=True)
    made = write_wheel(wheels, version, python.tag, files)
    shutil.rmtree(work)
    return made


def check_packages(steps: Steps, folder: Path) -> None:
    """Raises BuildError that names every Debian package the build needs and this machine lacks."""
    missing = {package for tool, package in TOOLS.items() if not shutil.which(tool)}
    if "build-essential" not in missing:
        for header, package in HEADERS.items():
            try:
                steps.run(["g++", "-E", "-x", "c++", "-include", header, "-o", "/dev/null", "/dev/null"], folder=folder)
            except BuildError:
                missing.add(package)
    if missing:
        raise BuildError(
            "the build needs packages that are not installed", f"apt-get install {' '.join(sorted(missing))}"
        )


def cache_folder() -> Path:
    """Where everything is kept; outside the checkout."""
    base = os.environ.get("CALLFLOOR_CACHE")
    return (Path(base) if base else Path.home() / ".cache" / "callfloor") / "pjsua2"


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 with the wheel's path on stdout, or 1 with the reason on stderr."""
    parser = argparse.ArgumentParser(prog="python -m image.pjsua2.build", description="Build the pjsua2 wheel.")
    parser.add_argument("--python", default=sys.executable, help="interpreter the wheel is for (default: this one)")
    parser.add_argument("--print-wheel", action="store_true", help="print nothing but the wheel's path")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="compile jobs at a time")
    options = parser.parse_args(arguments)
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two builds at once would unpack over each other
        log = cache / "build.log"
        log.write_text("")
        try:
            python = ask_python(options.python)
            print(build_wheel(python, cache, Steps(log, options.print_wheel), options.jobs))
        except BuildError as error:
            print(f"pjsua2: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
