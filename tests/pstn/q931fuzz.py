"""Random messages of Q.931, more or less right, from a seed."""

from __future__ import annotations

import random

KINDS = bytes.fromhex("0505050501 0203070d0f 454d5a464e 6262646e75 7b7d607920 242830313337 25262d2e22")
ELEMENTS = bytes.fromhex(
    "0408101418 1c1e202427 28292c3440 4344454a4c 4d6c6d7071 737475767879 7a7b7c7d7e7f 96 97 a1 a0 95 9d 9e 0137"
)
SETUP = bytes.fromhex("04038090a3 1803a98381 6c06218031323334 7005a135363738")
FACILITIES = [
    bytes.fromhex(text)
    for text in (
        "1c16919faa068001008201008b0100a10902012006072a8648ce150004",
        "1c15919faa068001008201008b0100a107020101020100800142",
        "1c1b91a11802010406040082710108300d800548656c6c6f0a01000a0100",
        "1c1391a1100201060201 01a108a1060a01020a0101",
        "1c0691a303020101",
        "1c1e91a11b02010706062b0c09020101300e8005313233343581050102030405",
    )
]


class Fuzz:
    """``message`` returns the next message's octets, from the protocol discriminator on."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._reference = bytes(2)

    def message(self) -> bytes:
        chance = self._random.random
        octets = bytearray([8 if chance() > 0.1 else self._random.choice((3, 0x43, 0x55))])
        if chance() < 0.3:
            self._reference = bytes((0x80 if chance() < 0.2 else 0, self._random.randrange(6)))
        length = 2 if chance() > 0.04 else self._random.randrange(4)
        octets += bytes((length, *(self._reference + b"\x01")[:length]))
        kind = self._random.choice(KINDS) if chance() > 0.04 else self._random.randrange(256)
        octets.append(kind)
        if kind == 5 and chance() < 0.6:
            octets += SETUP
        for _ in range(self._random.randrange(6)):
            octets += self._element()
        return self._spoiled(octets[:250])

    def _element(self) -> bytes:
        if self._random.random() < 0.2:
            return self._random.choice(FACILITIES)
        identifier = self._random.choice(ELEMENTS)
        if identifier & 0x80:
            return bytes((identifier,))
        body = self._random.randbytes(self._random.randrange(12 if self._random.random() < 0.9 else 200))
        said = len(body) if self._random.random() < 0.93 else self._random.randrange(256)
        return bytes((identifier, said)) + body

    def _spoiled(self, octets: bytearray) -> bytes:
        if self._random.random() < 0.25:
            for _ in range(self._random.randrange(1, 4)):
                octets[self._random.randrange(len(octets))] = self._random.randrange(256)
        if self._random.random() < 0.08:
            del octets[self._random.randrange(len(octets) + 1) :]
        return bytes(octets)

    def frame(self) -> bytes:
        """Return any octets at all, with or without an address that could be right."""
        octets = self._random.randbytes(self._random.randrange(40))
        return b"\x02\x01" + octets if self._random.random() < 0.8 else octets
