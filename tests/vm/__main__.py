"""``python -m tests.vm [pytest's arguments]``: run tests/vm/guest in the virtual machine; exits as pytest does.

``--shell`` boots it and keeps it; ``--exec COMMAND`` runs a command in one that is kept, and exits as that does;
``--bench`` measures what a PRI channel costs the gateway;
``--refresh`` brings pjsua2 and the prompts in it up to date.
"""

from __future__ import annotations

import shlex
import sys
import tempfile
from pathlib import Path

from tests.vm import shell
from tests.vm.image import image
from tests.vm.machine import MachineError, run
from tests.vm.steps import ImageError

LONGEST = 2400.0
"""Seconds for boot and tests: many times what they take under software emulation."""


def main(arguments: list[str]) -> int:
    """Do what was asked; a misfortune is told in a line or some."""
    try:
        if arguments == ["--shell"]:
            return shell.shell()
        if arguments == ["--refresh"]:
            return shell.refresh()
        if arguments[:1] == ["--exec"]:
            return shell.execute(" ".join(arguments[1:]))
        return test(arguments)
    except (ImageError, MachineError) as error:
        print(f"vm: {error}", file=sys.stderr)
        return 1


def test(arguments: list[str]) -> int:
    """Build, boot, test; the results are dropped when all went well."""
    built = image()
    with tempfile.TemporaryDirectory(prefix="callfloor-vm-") as results:
        (Path(results) / "arguments").write_text(shlex.join(arguments))
        return run(built, Path(results), LONGEST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
