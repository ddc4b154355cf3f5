"""``python -m tests.vm [pytest's arguments]``: run tests/vm/guest in the virtual machine; exits as pytest does."""

from __future__ import annotations

import shlex
import sys
import tempfile
from pathlib import Path

from tests.vm.image import ImageError, image
from tests.vm.machine import MachineError, run

LONGEST = 600.0
"""Seconds for boot and tests; four minutes under software emulation on a busy machine."""


def main() -> int:
    """Build, boot, test; the results are dropped when all went well."""
    try:
        built = image()
        with tempfile.TemporaryDirectory(prefix="callfloor-vm-") as results:
            (Path(results) / "arguments").write_text(shlex.join(sys.argv[1:]))
            return run(built, Path(results), LONGEST)
    except (ImageError, MachineError) as error:
        print(f"vm: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
