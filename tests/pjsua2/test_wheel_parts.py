"""The pure parts of the wheel's build."""

import base64
import hashlib
import zipfile
from pathlib import Path

from image.pjsua2.proxies import keep_owners
from image.pjsua2.stubs import make_stubs
from image.pjsua2.wheel import Tag, write_wheel

MODULE = """
PJ_ONE = _pjsua2.PJ_ONE

class Error(Exception):
    reason: "pj::string" = property(_pjsua2.Error_reason_get, _pjsua2.Error_reason_set)

class Item(object):
    def __init__(self, *args):
        _pjsua2.Item_swiginit(self, _pjsua2.new_Item(*args))

class ItemVector(object):
    def __iter__(self):
        return self.iterator()

    def __nonzero__(self) -> "bool":
        return _pjsua2.ItemVector___nonzero__(self)

    def __getslice__(self, i, j):
        return _pjsua2.ItemVector___getslice__(self, i, j)

class Info(object):
    items: "pj::ItemVector" = property(_pjsua2.Info_items_get, _pjsua2.Info_items_set)
    state: "pjsip_inv_state" = property(_pjsua2.Info_state_get, _pjsua2.Info_state_set)

    @staticmethod
    def lookup(number: "int"=0) -> "pj::Info *":
        return _pjsua2.Info_lookup(number)

    def hold(self, other: "Info", data: "void *") -> "void":
        return _pjsua2.Info_hold(self, other, data)
"""


def test_stubs_say_the_python_types_of_the_c_types() -> None:
    text = make_stubs(MODULE, "%template(ItemVector)  std::vector<pj::Item*>;")

    assert "PJ_ONE: int\n" in text
    assert "class Error(Exception):\n    reason: str\n" in text
    assert "    items: ItemVector\n    state: int\n" in text
    assert "    @staticmethod\n    def lookup(number: int = ...) -> Info | None: ...\n" in text
    assert "    def hold(self, other: Info, data: Any) -> None: ...\n" in text
    assert "    def __iter__(self) -> Iterator[Item]: ...\n" in text


def test_members_and_items_hold_what_they_are_part_of() -> None:
    text = keep_owners(MODULE)

    assert "property(_owned(_pjsua2.Info_items_get), _pjsua2.Info_items_set)" in text
    assert "property(_pjsua2.Info_state_get, _pjsua2.Info_state_set)" in text
    assert "return (self[index] for index in range(len(self)))" in text
    assert text.index("def _owned") < text.index("class Error")


def test_a_wheel_lists_its_files_with_their_digests(tmp_path: Path) -> None:
    tag = Tag("cp311", "cp311", "linux_x86_64")

    wheel = write_wheel(tmp_path, "2.17+callfloor.1", tag, {"pjsua2.py": b"x = 1\n"})

    assert wheel.name == "pjsua2-2.17+callfloor.1-cp311-cp311-linux_x86_64.whl"
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"x = 1\n").digest()).decode().rstrip("=")
    with zipfile.ZipFile(wheel) as archive:
        info = "pjsua2-2.17+callfloor.1.dist-info"
        record = archive.read(f"{info}/RECORD").decode().splitlines()
        assert f"pjsua2.py,sha256={digest},6" in record
        assert {line.split(",")[0] for line in record} == set(archive.namelist())
        assert f"Tag: {tag}" in archive.read(f"{info}/WHEEL").decode()
