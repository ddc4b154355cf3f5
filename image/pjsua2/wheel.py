"""Put files together as a binary wheel (PEP 427), with nothing but the standard library."""

import base64
import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

NAME = "pjsua2"
EPOCH = (2020, 1, 1, 0, 0, 0)  # fixed, so that the same build gives the same file


@dataclass(frozen=True)
class Tag:
    """What a wheel can be installed on, e.g. cp311-cp311-linux_x86_64."""

    interpreter: str
    abi: str
    platform: str

    def __str__(self) -> str:
        return f"{self.interpreter}-{self.abi}-{self.platform}"


def wheel_name(version: str, tag: Tag) -> str:
    return f"{NAME}-{version}-{tag}.whl"


def write_wheel(folder: Path, version: str, tag: Tag, files: dict[str, bytes]) -> Path:
    """Write the wheel into `folder` and return its path; `files` maps paths in site-packages to contents."""
    info = f"{NAME}-{version}.dist-info"
    metadata = (
        f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {version}\n"
        "Summary: PJSIP's pjsua2 with Callfloor's media ports\nLicense: GPL-2.0-or-later\n"
    )
    marks = f"Wheel-Version: 1.0\nGenerator: callfloor\nRoot-Is-Purelib: false\nTag: {tag}\n"
    contents = {**files, f"{info}/METADATA": metadata.encode(), f"{info}/WHEEL": marks.encode()}
    record = "".join(f"{path},{_digest(data)},{len(data)}\n" for path, data in contents.items())
    contents[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()

    target = folder / wheel_name(version, tag)
    partial = target.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in contents.items():
            entry = zipfile.ZipInfo(path, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if path.endswith(".so") else 0o644) << 16
            archive.writestr(entry, data)
    return partial.rename(target)


def _digest(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"sha256={digest}"
