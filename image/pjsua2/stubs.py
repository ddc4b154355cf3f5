"""Make type stubs out of the Python module SWIG wrote, whose annotations are C++ types.

SWIG writes `def getInfo(self) -> "pj::CallInfo"` and `reason: "pj::string" = property(...)`. Where it takes `*args`,
the C++ function is overloaded and its arguments stay unchecked. Enumerations are int, as in the module.
"""

import ast
import re
from collections.abc import Iterator

HEADER = "from collections.abc import Iterator\nfrom typing import Any\n\n"
ALIASES = {"MediaDirVector": "IntVector", "SocketAddressVector": "StringVector"}
SIMPLE = {
    **ALIASES,
    "void": "None",
    "bool": "bool",
    "float": "float",
    "double": "float",
    "string": "str",
    "std::string": "str",
    "SocketAddress": "str",
    "PyObject": "Any",
}
INTEGER = re.compile(r"(unsigned )?(char|short|int|long|long long|size_t|ptrdiff_t)|pj(_|media_|sip_|sua_|rpid_)\w+")
VECTOR_CLASS = re.compile(r"%template\((\w+)\)\s*std::vector<\s*([\w: ]+?)\s*\*?\s*>")
VECTOR = """class {name}:
    def __init__(self, *args: Any) -> None: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[{item}]: ...
    def __getitem__(self, index: int) -> {item}: ...
    def __setitem__(self, index: int, value: {item}) -> None: ...
    def append(self, value: {item}) -> None: ...
    def push_back(self, value: {item}) -> None: ...
    def size(self) -> int: ...
    def clear(self) -> None: ...
"""


class StubWriter:
    """Turns one SWIG module into stub text. `interface` is the SWIG interface that names its vectors."""

    def __init__(self, module: str, interface: str) -> None:
        self._tree = ast.parse(module)
        self._classes = {node.name for node in self._tree.body if isinstance(node, ast.ClassDef)}
        self._vectors = dict(VECTOR_CLASS.findall(interface))

    def text(self) -> str:
        """The whole stub file."""
        return HEADER + "".join(self._top_level())

    def _top_level(self) -> Iterator[str]:
        for node in self._tree.body:
            match node:
                case ast.ClassDef(name=name) if name in self._vectors:
                    yield VECTOR.format(name=name, item=self._type(self._vectors[name]))
                case ast.ClassDef(name=name) if not name.startswith("_"):
                    yield self._class(node)
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Attribute(value=ast.Name(id="_pjsua2"))):
                    yield f"{name}: int\n"

    def _class(self, node: ast.ClassDef) -> str:
        bases = [ast.unparse(base) for base in node.bases if ast.unparse(base) != "object"]
        lines = [line for item in node.body for line in self._member(item)]
        head = f"class {node.name}({', '.join(bases)}):\n" if bases else f"class {node.name}:\n"
        return head + "".join(f"    {line}\n" for line in lines or ["..."])

    def _member(self, item: ast.stmt) -> Iterator[str]:
        match item:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=kind):
                yield f"{name}: {self._annotation(kind)}"
            case ast.FunctionDef(name=name) if name == "__init__" or not name.startswith("__"):
                if any(ast.unparse(decorator) == "staticmethod" for decorator in item.decorator_list):
                    yield "@staticmethod"
                result = "None" if name == "__init__" else self._result(item.returns)
                yield f"def {name}({', '.join(self._parameters(item.args))}) -> {result}: ..."

    def _parameters(self, arguments: ast.arguments) -> Iterator[str]:
        optional = len(arguments.args) - len(arguments.defaults)
        for position, argument in enumerate(arguments.args):
            if argument.arg == "self":
                yield "self"
            else:
                default = " = ..." if position >= optional else ""
                yield f"{argument.arg}: {self._annotation(argument.annotation)}{default}"
        if arguments.vararg:
            yield f"*{arguments.vararg.arg}: Any"

    def _result(self, node: ast.expr | None) -> str:
        kind = self._annotation(node)
        pointer = isinstance(node, ast.Constant) and str(node.value).endswith("*")
        return f"{kind} | None" if pointer and kind != "Any" else kind

    def _annotation(self, node: ast.expr | None) -> str:
        return self._type(str(node.value)) if isinstance(node, ast.Constant) else "Any"

    def _type(self, declared: str) -> str:
        if "void *" in declared:
            return "Any"
        name = re.sub(r"\bconst\b|[&*]|\b(pj|callfloor)::", "", declared).strip()
        if name in self._classes:
            return name
        if name in SIMPLE:
            return SIMPLE[name]
        return "int" if INTEGER.fullmatch(name) else "Any"


def make_stubs(module: str, interface: str) -> str:
    """Stub text for the module SWIG wrote (`module`) from the interface file with the %template lines (`interface`)."""
    return StubWriter(module, interface).text()
