"""Make SWIG's Python proxies hold what they point into.

A SWIG proxy of a struct's member, or of a vector's item met while iterating, is a bare pointer: in
`call.getInfo().media[0].status` the temporary CallInfo is freed before its member is read. Here each such proxy gets a
reference to the proxy it was taken from.
"""

import re

KEEPER = '''
def _owned(get):
    """A getter whose result keeps the object alive that it is part of."""
    def getter(self):
        value = get(self)
        value._owner = self
        return value
    return getter

'''
FIRST_CLASS = re.compile(r"^class \w+", re.MULTILINE)
CLASS_NAME = re.compile(r"^class (\w+)", re.MULTILINE)
MEMBER = re.compile(r'^(    \w+: "(?:pj::|callfloor::)?(\w+)" = property\()(_pjsua2\.\w+_get)\b', re.MULTILINE)
ITERATION = """    def __iter__(self):
        return self.iterator()

    def __nonzero__(self) -> "bool":
        return _pjsua2.{vector}___nonzero__"""
OWNED_ITERATION = """    def __iter__(self):
        return (self[index] for index in range(len(self)))

    def __nonzero__(self) -> "bool":
        return _pjsua2.{vector}___nonzero__"""


def keep_owners(module: str, aliases: frozenset[str] = frozenset()) -> str:
    """Rewrite the module SWIG wrote. `aliases` are C++ names of wrapped classes that Python knows by another name."""
    classes = set(CLASS_NAME.findall(module)) | aliases

    def owned(member: re.Match[str]) -> str:
        head, kind, getter = member.groups()
        return f"{head}_owned({getter})" if kind in classes else member.group()

    module = MEMBER.sub(owned, module)
    for vector in re.findall(r"_pjsua2\.(\w+)___getslice__", module):
        module = module.replace(ITERATION.format(vector=vector), OWNED_ITERATION.format(vector=vector))
    return FIRST_CLASS.sub(lambda first: KEEPER + first.group(), module, count=1)
