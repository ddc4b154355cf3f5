"""SMS-DELIVER written for tests, apart from the product's own encoder."""

from __future__ import annotations

from hypothesis import strategies as st

SCTS = bytes.fromhex("42106121430080")
"""2024-01-16 12:34:00 at +2 hours."""


def deliver_pdu(
    user_data: bytes, *, length: int | None = None, dcs: int = 0, header: bool = False, scts: bytes = SCTS
) -> bytes:
    """Return a PDU from +49170123456 over +491710760000; ``length`` is TP-UDL, else the octets are counted."""
    udl = len(user_data) if length is None else length
    first = 0x44 if header else 0x04
    address = bytes.fromhex("0B919471103254F6")
    return b"".join(
        (bytes.fromhex("0791947101670000"), bytes((first,)), address, bytes((0, dcs)), scts, bytes((udl,)), user_data)
    )


def texts(min_size: int, max_size: int) -> st.SearchStrategy[str]:
    """Return any texts but those with a byte order mark, which decoders take off."""
    return st.text(
        st.characters(codec="utf-8", exclude_characters="\ufeff\ufffe"), min_size=min_size, max_size=max_size
    )
