"""What a C compiler makes of <dahdi/user.h>: numbers of ioctls, sizes and offsets of structures, other constants.

dahdi_layout.json has it as compiled from the headers of Debian's dahdi-dkms 2.11.1 (bookworm) and 3.1.0 (trixie), which
agree. ``python -m tests.pstn.dahdi_layout INCLUDE`` prints the same, of the header in another folder.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

Layout = dict[str, dict[str, int]]
"""Group -> name -> value. A structure is a group; its size stands under "-", offsets under the fields' names."""
RECORDED: Layout = json.loads(Path(__file__).with_suffix(".json").read_text())


def compiled(include: Path) -> Layout:
    """Compile and run a program that tells all that was recorded. Raises OSError, CalledProcessError."""
    lines = [
        f'printf("%s %s %lld\\n", "{group}", "{name}", (long long)({_expression(group, name)}));'
        for group, names in RECORDED.items()
        for name in names
    ]
    text = "#include <stddef.h>\n#include <stdio.h>\n#include <dahdi/user.h>\nint main(void) {\n"
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder) / "layout.c", Path(folder) / "layout"
        source.write_text(text + "\n".join(lines) + "\nreturn 0;\n}\n")
        subprocess.run(["gcc", f"-I{include}", "-o", program, source], check=True, capture_output=True)
        said = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    layout: Layout = {}
    for line in said.splitlines():
        group, name, value = line.split()
        layout.setdefault(group, {})[name] = int(value)
    return layout


def _expression(group: str, name: str) -> str:
    if group == "constants":
        return name
    if group == "requests":
        return f"DAHDI_{name}"
    return f"sizeof(struct {group})" if name == "-" else f"offsetof(struct {group}, {name})"


if __name__ == "__main__":
    print(json.dumps(compiled(Path(sys.argv[1])), indent=1))
