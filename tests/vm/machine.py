"""Boots the image, with the checkout read-only and a directory for results, and ends when the guest does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.vm.image import Image

CHECKOUT = Path(__file__).parents[2]
MEMORY = "2560"


class MachineError(Exception):
    """The machine did not do its work; the text says why and what to look at."""


def run(image: Image, results: Path, longest: float) -> int:
    """Run the guest's tests; print what they print; return their exit status. ``longest``: seconds, else killed."""
    began = time.monotonic()
    returned = boot(image, results, "tests", longest, ())
    print(f"vm: done in {time.monotonic() - began:.0f} s", flush=True)
    status = results / "status"
    if not status.exists():
        raise MachineError(f"the machine ended without a result (QEMU: {returned}):\n{_tail(results)}")
    return int(status.read_text())


def boot(image: Image, results: Path, target: str, longest: float, more: tuple[str, ...]) -> int:
    """Boot into ``callfloor-TARGET.target`` with ``more`` arguments for QEMU; return its exit status when it ends."""
    qemu = shutil.which("qemu-system-x86_64")
    if qemu is None:
        raise MachineError("qemu-system-x86_64 not found: run `make setup-vm`")
    print(f"vm: booting ({'KVM' if _kvm() else 'software emulation: slow'}) …", flush=True)
    # Should this process be killed, the machine is not to outlive it.
    command = ["setpriv", "--pdeathsig", "KILL", "--", qemu, *_arguments(image, results, target), *more]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    # Read in a thread: the machine is to end in time even when it prints nothing, or never ends a line.
    reader = threading.Thread(target=_show, args=(process,))
    reader.start()
    try:
        return process.wait(longest)
    except subprocess.TimeoutExpired:
        raise MachineError(f"the machine was not done after {longest:.0f} s:\n{_tail(results)}") from None
    finally:
        process.kill()
        process.wait()
        reader.join()


def _kvm() -> bool:
    # The processor's own virtualisation; kvm_pvm, inside other virtual machines, runs only kernels made for it.
    native = any(Path("/sys/module", name).exists() for name in ("kvm_intel", "kvm_amd"))
    return native and os.access("/dev/kvm", os.R_OK | os.W_OK)


def _arguments(image: Image, results: Path, target: str) -> list[str]:
    share = "local,id={0},path={1},mount_tag={0},security_model=none{2}"
    # One processor under emulation: with more, a kernel that patches its own code now and then runs into its own int3.
    emulated = ["-accel", "tcg,tb-size=512", "-smp", "1"]
    if target == "tests":
        # Its clock counts instructions, 1 ns each, and skips what it would sleep: whatever this machine does besides,
        # the other sees a processor of 1 GHz that is never late. (Who waits at a shell wants his own time.)
        emulated += ["-icount", "shift=0,sleep=off", "-rtc", "clock=vm"]
    speed = ["-accel", "kvm", "-smp", "2"] if _kvm() else emulated
    # No defences against other tenants' processes, and page tables of four levels: an emulator pays for each.
    kernel = "root=/dev/vda rw console=ttyS0 panic=-1 quiet net.ifnames=0 systemd.show_status=no mitigations=off"
    return [
        *("-machine", "q35", "-cpu", "max,la57=off", "-m", MEMORY, *speed),
        *("-nodefaults", "-no-reboot", "-display", "none"),
        *("-kernel", str(image.kernel), "-initrd", str(image.initrd)),
        *("-append", f"{kernel} systemd.unit=callfloor-{target}.target"),
        *("-drive", f"file={image.disk},if=virtio,format=raw,snapshot=on"),
        *("-drive", f"file={image.python},if=virtio,format=raw,snapshot=on"),
        *("-virtfs", share.format("checkout", CHECKOUT, ",readonly=on,multidevs=remap")),
        *("-virtfs", share.format("results", results, "")),
        *("-serial", f"file:{results / 'console.log'}", "-serial", "stdio", "-device", "virtio-rng-pci"),
    ]


def _show(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    with process.stdout as said:
        for line in said:
            sys.stdout.write(line.decode(errors="replace").replace("\r", ""))
            sys.stdout.flush()


def _tail(results: Path) -> str:
    console = results / "console.log"
    text = console.read_text(errors="replace") if console.exists() else "(no console)"
    return "\n".join(text.splitlines()[-30:])
