"""Wrap pjsua2 and our media classes with SWIG, and compile them for one Python."""

import hashlib
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from image.pjsua2 import proxies, stubs
from image.pjsua2.libraries import DEFINES, Libraries
from image.pjsua2.steps import BuildError, Steps
from image.pjsua2.wheel import Tag

HERE = Path(__file__).parent
INTERFACE = HERE / "pjsua2_callfloor.i"
SOURCES = HERE / "src"
# 312: nested structs. -threads lets the interpreter run while pjsua2 works.
SWIG = ("swig", "-c++", "-python", "-threads", "-w312")
COMPILE = ("g++", "-std=c++17", "-fPIC", "-fvisibility=hidden", *(f"-D{define}" for define in DEFINES))
# Measured: -O1 compiles the 160,000 generated lines in two thirds of -O2's time; they only convert arguments.
WRAPPER_FLAGS = ("-O1", "-fno-strict-aliasing")
OURS_FLAGS = ("-O2", "-Wall", "-Wextra", "-Werror")
LINK = ("g++", "-shared", "-s", "-Wl,--exclude-libs,ALL", "-Wl,-Bsymbolic")
OWN_LIBRARIES = ("spandsp",)
ASK = (
    "import json,sys,sysconfig as s;v=s.get_config_var;"
    "print(json.dumps([s.get_path('include'),v('EXT_SUFFIX'),'%d%d'%sys.version_info[:2],sys.abiflags,s.get_platform()]))"
)


@dataclass(frozen=True)
class Python:
    """The interpreter the wheel is for."""

    program: str
    include: Path
    suffix: str
    tag: Tag


def ask_python(program: str) -> Python:
    """Ask `program` what a module for it looks like. Raises BuildError if it is no CPython >= 3.11 with headers."""
    try:
        answer = subprocess.run([program, "-c", ASK], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise BuildError(f"{program} is no usable Python: {error}", "name one with --python") from error
    include, suffix, version, flags, system = json.loads(answer)
    if not (Path(include) / "Python.h").is_file():
        raise BuildError(f"{program} has no headers in {include}", "apt-get install python3-dev")
    tag = Tag(f"cp{version}", f"cp{version}{flags}", system.replace("-", "_").replace(".", "_"))
    return Python(program, Path(include), suffix, tag)


def extension_key(libraries: str) -> str:
    """Changes with everything that changes the wheel's contents for a given Python."""
    digest = hashlib.sha256(libraries.encode())
    for word in (*SWIG, *COMPILE, *WRAPPER_FLAGS, *OURS_FLAGS, *LINK, *OWN_LIBRARIES):
        digest.update(word.encode() + b"\0")
    for file in (INTERFACE, Path(stubs.__file__), Path(proxies.__file__), *sorted(SOURCES.iterdir())):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:10]


def build_extension(libraries: Libraries, python: Python, folder: Path, steps: Steps, jobs: int) -> dict[str, bytes]:
    """Make the module in `folder`; returns the wheel's files: path in site-packages -> contents."""
    folder.mkdir(parents=True, exist_ok=True)
    includes = [f"-I{path}" for path in (*libraries.includes, SOURCES)]
    with steps.step("SWIG"):
        steps.run([*SWIG, *includes, f"-I{libraries.swig}", "-o", "pjsua2_wrap.cpp", str(INTERFACE)], folder=folder)
    with steps.step(f"compile for {python.tag.interpreter}"):
        objects = _compile(libraries, python, includes, folder, steps, jobs)
    with steps.step("link"):
        module = folder / f"_pjsua2{python.suffix}"
        names = [f"-l{name}" for name in (*OWN_LIBRARIES, *libraries.system)]
        steps.run([*LINK, "-o", module, *objects, *libraries.archives, *names], folder=folder)
    with steps.step("import it"):
        steps.run([python.program, "-c", "import pjsua2; pjsua2.PcmPort"], folder=folder)
    module_text = (folder / "pjsua2.py").read_text()
    types = stubs.make_stubs(module_text, (libraries.swig / "pjsua2.i").read_text())
    return {
        module.name: module.read_bytes(),
        "pjsua2.py": proxies.keep_owners(module_text, frozenset(stubs.ALIASES)).encode(),
        "pjsua2-stubs/__init__.pyi": types.encode(),
    }


def _compile(
    libraries: Libraries, python: Python, includes: list[str], folder: Path, steps: Steps, jobs: int
) -> list[Path]:
    with ThreadPoolExecutor(jobs) as pool:
        wrapper = pool.submit(_compile_wrapper, libraries, python, includes, folder, steps)
        ours = [pool.submit(_compile_ours, source, includes, folder, steps) for source in sorted(SOURCES.glob("*.cpp"))]
        return [done.result() for done in (wrapper, *ours)]


def _compile_wrapper(libraries: Libraries, python: Python, includes: list[str], folder: Path, steps: Steps) -> Path:
    """The generated file's object is kept, since a change in our .cpp files alone does not change it."""
    source = folder / "pjsua2_wrap.cpp"
    kept = libraries.root / "wrappers" / _wrapper_name(source, python)
    if not kept.is_file():
        target = folder / "pjsua2_wrap.o"
        flags = [*WRAPPER_FLAGS, *includes, f"-I{python.include}"]
        steps.run([*COMPILE, *flags, "-c", str(source), "-o", str(target)], folder=folder)
        kept.parent.mkdir(exist_ok=True)
        target.rename(kept)
    return kept


def _compile_ours(source: Path, includes: list[str], folder: Path, steps: Steps) -> Path:
    target = folder / f"{source.stem}.o"
    flags = [*OURS_FLAGS, *_as_system(includes), f"-ffile-prefix-map={SOURCES}=callfloor"]
    steps.run([*COMPILE, *flags, "-c", str(source), "-o", str(target)], folder=folder)
    return target


def _as_system(includes: list[str]) -> list[str]:
    """Warnings are errors in our code only, not in pjproject's headers."""
    return [include if include == f"-I{SOURCES}" else f"-isystem{include[2:]}" for include in includes]


def _wrapper_name(wrapper: Path, python: Python) -> str:
    digest = hashlib.sha256(wrapper.read_bytes() + str(python.include).encode())
    for word in (*COMPILE, *WRAPPER_FLAGS):
        digest.update(word.encode() + b"\0")
    for header in sorted(SOURCES.glob("*.hpp")):
        digest.update(header.read_bytes())
    return f"{digest.hexdigest()[:16]}-{python.tag.interpreter}.o"
