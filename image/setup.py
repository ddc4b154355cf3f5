"""Sets a Debian machine up for ``make demo`` and ``make test``: packages, virtual environment, pjsua2, prompts.

Runs on the system's own Python, standard library only. Each step first looks whether it has anything to do, so that a
second run takes a moment; each prints one line with its time.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PACKAGES = {
    "run": "mosquitto kamailio kamailio-sqlite-modules kamailio-postgres-modules kamailio-extra-modules "
    "kamailio-json-modules usb-modeswitch espeak-ng sox libpri1.4 libspandsp2",
    "build": "build-essential swig pkg-config python3-dev python3-venv libssl-dev libsrtp2-dev libgsm1-dev "
    "libspeex-dev libspeexdsp-dev libsamplerate0-dev libopus-dev uuid-dev libspandsp-dev libtiff-dev "
    "libsystemd-dev libasound2-dev dpkg-dev debian-archive-keyring util-linux",
    "demo": "baresip-core mosquitto-clients",
    "vm": "mmdebstrap genext2fs e2fsprogs qemu-system-x86 openssh-client",
    "test": "postgresql sip-tester gammu smstools umockdev chromium fonts-noto-cjk pngquant openssl "
    "libpri-dev libtonezone2.0",
}


class Failed(Exception):
    """A step failed; the text says what to do."""


@contextmanager
def step(name: str) -> Iterator[Callable[[str], None]]:
    """Print a line when a step begins and what came of it, with its seconds."""
    began = time.monotonic()
    print(f"setup: {name} …", flush=True)
    outcome = ["done"]

    def say(what: str) -> None:
        outcome[0] = what

    yield say
    print(f"setup: {name}: {outcome[0]} ({time.monotonic() - began:.1f} s)", flush=True)


def run(command: list[str], why: str, **environment: str) -> None:
    """Run a command quietly; on failure show the end of what it printed and the command to repeat."""
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )
    if done.returncode != 0:
        tail = "\n".join(done.stdout.splitlines()[-25:])
        raise Failed(f"{tail}\nsetup: {why} failed; to see it again: {' '.join(command)}")


def debian_packages(groups: list[str]) -> None:
    """Install the Debian packages that are missing, without starting their services."""
    wanted = [name for group in groups for name in PACKAGES[group].split()]
    with step("Debian packages") as say:
        missing = [name for name in wanted if not installed(name)]
        if not missing:
            say(f"all {len(wanted)} there")
            return
        sudo = [] if os.geteuid() == 0 else ["sudo"]
        if sudo and not shutil.which("sudo"):
            raise Failed(f"these packages are missing; install them as root: apt-get install {' '.join(missing)}")
        with no_services_started(sudo):
            run([*sudo, "apt-get", "update"], "reading the package lists")
            install = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
            run([*sudo, "env", "DEBIAN_FRONTEND=noninteractive", *install], "installing packages")
        say(f"{len(missing)} installed")


def installed(name: str) -> bool:
    """Say whether a package, or one that provides it, is installed."""
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Provides}\n"]
    done = subprocess.run([*query, name], capture_output=True, text=True, check=False)
    if done.returncode == 0 and done.stdout.startswith("installed"):
        return True
    # Debian 13 renamed libraries for 64-bit time: libsamplerate0 is provided by its t64 successor where it exists.
    done = subprocess.run([*query, f"{name}t64"], capture_output=True, text=True, check=False)
    return done.returncode == 0 and done.stdout.startswith("installed")


@contextmanager
def no_services_started(sudo: list[str]) -> Iterator[None]:
    """Keep Debian from starting the packaged services: ours run with their own configuration (policy-rc.d)."""
    policy = Path("/usr/sbin/policy-rc.d")
    if policy.exists():
        yield
        return
    script = "printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d"
    run([*sudo, "sh", "-c", script], "writing policy-rc.d")
    try:
        yield
    finally:
        run([*sudo, "rm", "-f", str(policy)], "removing policy-rc.d")


def virtual_environment(python: str) -> None:
    """Make ``.venv`` with the project and its tools; made again when pyproject.toml or the Python has changed."""
    with step("virtual environment") as say:
        version = subprocess.run([python, "-VV"], capture_output=True, text=True, check=True).stdout
        key = digest((ROOT / "pyproject.toml").read_bytes(), version.encode(), str(ROOT).encode())
        if stamp_holds("venv", key):
            say("up to date")
            return
        if not (VENV / "bin" / "python").exists():
            run([python, "-m", "venv", "--clear", str(VENV)], "making the virtual environment")
        pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run([*pip, "--editable", f"{ROOT}[test]"], "installing Python packages")
        write_stamp("venv", key)


def pjsua2_wheel() -> None:
    """Build (or find in the cache) the pjsua2 wheel and install it."""
    with step("pjsua2 wheel (some minutes the first time)") as say:
        python = str(VENV / "bin" / "python")
        build = [python, "-m", "image.pjsua2.build", "--python", python, "--print-wheel"]
        done = subprocess.run(build, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise Failed(f"setup: building pjsua2 failed; to see it again: {' '.join(build)}")
        wheel = Path(done.stdout.strip().splitlines()[-1])
        key = digest(wheel.read_bytes())
        if stamp_holds("pjsua2", key):
            say(f"up to date, {wheel.name}")
            return
        run(
            [python, "-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps", str(wheel)],
            "installing pjsua2",
        )
        write_stamp("pjsua2", key)
        say(wheel.name)


def prompts() -> None:
    """Speak the prompts into the cache, where demo and tests find them."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "callfloor" / "prompts"
    with step("prompts"):
        run([str(VENV / "bin" / "python"), "-m", "image.prompts", str(cache)], "speaking prompts")


def digest(*parts: bytes) -> str:
    """Return a short name for these contents."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def stamp_holds(name: str, key: str) -> bool:
    """Say whether a step was done for the same inputs."""
    stamp = VENV / f".{name}-stamp"
    return stamp.exists() and stamp.read_text() == key


def write_stamp(name: str, key: str) -> None:
    """Remember that a step is done."""
    (VENV / f".{name}-stamp").write_text(key)


def main() -> int:
    """Run the steps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--for", dest="purpose", choices=("demo", "test", "vm"), default="demo")
    parser.add_argument("--python", default="python3")
    arguments = parser.parse_args()
    more = {"demo": [], "test": ["test"], "vm": ["test", "vm"]}
    groups = ["run", "build", "demo", *more[arguments.purpose]]
    try:
        debian_packages(groups)
        virtual_environment(arguments.python)
        pjsua2_wheel()
        prompts()
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
