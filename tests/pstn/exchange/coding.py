"""What is common to all decoding: its error, and octet groups with extension bits."""

from __future__ import annotations


class CodingError(ValueError):
    """Octets that the standard does not allow; the text says which."""


def groups(body: bytes) -> list[bytes]:
    """Split octets into groups that end at bit 8 set (ITU-T Q.931 §4.5.1: octets 3, 3a, 3b …).

    Raises CodingError when the last group has no end.
    """
    found, start = [], 0
    for at, octet in enumerate(body):
        if octet & 0x80:
            found.append(body[start : at + 1])
            start = at + 1
    if start != len(body):
        raise CodingError(f"{body.hex(' ')}: an octet group goes on past the end")
    return found


def first_group(body: bytes) -> tuple[bytes, bytes]:
    """Return the first octet group and what follows it; raises CodingError when it has no end."""
    for at, octet in enumerate(body):
        if octet & 0x80:
            return body[: at + 1], body[at + 1 :]
    raise CodingError(f"{body.hex(' ')}: an octet group without an end")
