"""Layer 3 messages logged on real D channels, from public logs; the parties' numbers and names are replaced."""

from __future__ import annotations

EUROISDN_USER_SETUP = (
    "08 02 00 41 05 04 03 80 90 a3 18 03 a9 83 81 28 0e 54 61 72 6f 20 20 20 20 59 61 6d 61 64 61 "
    "6c 0c 21 80 33 35 35 35 30 31 32 33 34 35 70 09 a1 33 35 35 35 30 31 32 33 a1"
)
"""An Asterisk system with libpri to a Brazilian exchange, E1; Display from the user as it sent it."""
EUROISDN_NETWORK_SETUP = "08 02 00 01 05 04 03 80 90 a3 18 03 a1 83 9f 6c 02 21 81"
"""An exchange that hunts from the top, to a number that it does not tell, from one with no digits."""
EUROISDN_USER_REFUSES = "08 02 80 01 5a 08 02 81 81"
"""The answer to it: unallocated number."""
ETSI_PRA_SETUP = (
    "08 02 00 0b 05 a1 04 03 80 90 a3 18 03 a1 83 8b 1e 02 82 83 "
    "6c 0b 21 83 33 35 35 35 30 31 32 33 34 70 05 a1 35 35 35 35"
)
"""A DMS-100 with an ETSI PRA: sending complete first, a caller who is not on ISDN."""
ETSI_PRA_REFUSES = "08 02 80 0a 5a 08 02 81 9c"
NATIONAL_NFAS_SETUP = (
    "08 02 00 03 05 04 03 80 90 a2 18 04 e1 81 83 97 1e 02 80 83 28 0b b1 54 61 72 6f 20 59 61 6d 61 64 "
    "6c 06 21 81 31 30 30 30 70 0b 80 34 31 36 35 35 35 30 31 32 33"
)
"""A user of a T1 with its D channel elsewhere: interface 1, channel 23; a name with the mark of National switches."""
DATA_SETUP = (
    "08 02 35 c2 05 04 02 88 90 18 04 e9 9a 83 92 6c 0b 21 a3 36 36 35 35 35 30 31 32 33 "
    "70 0a a1 36 37 35 35 35 30 31 30 30 7c 06 88 90 21 48 46 bb"
)
"""A modem pool's call: 64 kbit/s data, V.110 told in the low layer compatibility; number withheld."""
NI_DATA_SETUP = (
    "08 02 03 09 05 04 02 88 90 18 03 a1 83 83 28 08 45 58 54 20 31 35 30 38 70 05 c1 31 37 30 30 "
    "7c 09 88 90 28 48 76 3b c0 c2 e0"
)
YATE_SETUP = "08 02 00 22 05 04 03 90 90 a3 18 03 a1 83 81 6c 0d 41 80 30 33 30 35 35 35 30 31 31 31 31"
"""A telephone system of another make, 3.1 kHz audio."""
BASIC_SETUP = "08 01 01 05 04 02 88 90 18 01 83 6c 03 00 80 30 70 0c 80 30 31 37 33 35 35 35 30 31 30 36"
"""A basic rate user in Germany; its reference has one octet, its channel identification is another kind."""
BASIC_SETUP_ACKNOWLEDGE = "08 01 81 0d 18 01 89"
SPECIAL_INTERCEPT = "08 01 ae 45 08 03 82 9f 08"
"""DISCONNECT of a 5ESS with a diagnostic."""
PROGRESS_OF_5ESS = "08 01 ae 03 1e 02 8a 81 34 01 01"
NETWORK_ALERTING = "08 02 80 0b 01 18 03 a9 83 81"
"""ALERTING of a telephone exchange in Cisco.s documents, channel exclusive."""
LOGS = {name: text for name, text in globals().items() if name.isupper() and isinstance(text, str)}
