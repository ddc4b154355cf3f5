"""The TE character sets of AT+CSCS (3GPP TS 27.007 §5.5, TS 27.005 annex A). Pure.

What goes over the line is given as a str of code points below 256: one a byte.
"""

from .smsalphabet import from_septets, to_septets


def to_te(text: str, charset: str) -> str:
    if charset == "UCS2":
        return text.encode("utf-16-be", "surrogatepass").hex().upper()
    if charset in {"GSM", "HEX"}:
        septets = [code for char in text for code in (to_septets(char) or [0x3F])]
        return bytes(septets).hex().upper() if charset == "HEX" else bytes(septets).decode("latin-1")
    return text.encode("latin-1" if charset == "8859-1" else "ascii", "replace").decode("latin-1")


def from_te(raw: str, charset: str) -> str:
    """ValueError: not in that set."""
    if charset == "UCS2":
        return bytes.fromhex(raw).decode("utf-16-be", "surrogatepass")
    if charset == "HEX":
        return from_septets([octet & 0x7F for octet in bytes.fromhex(raw)])
    if charset == "GSM":
        return from_septets([ord(char) & 0x7F for char in raw])
    return raw
