"""A site with telephone lines: an analog card with two ports, a card with an E1, a pair of T1 that share D channels."""

from __future__ import annotations

PSTN = """
[[pstn_card]]
name = "analog"
driver = "wcaxx"
location = "A8A-12345678"
options = { boostringer = 1 }

[[pstn_card]]
name = "te"
driver = "wcte13xp"
location = "pci:0000:03:05.0"

[[pstn_card]]
name = "quad"
driver = "wct4xxp"
location = "pci:0000:04:00.0"
country = "US"

[[fxo]]
name = "fxo-1"
card = "analog"
port = 1
number = "03-1234-5678"
caller_id = "v23-japan"
distinctive_ring = { "03-1234-5679" = [400, 200, 400] }

[[fxo]]
name = "fxo-2"
card = "analog"
port = 2
busy = "learned"
rx_gain = 3

[[pstn_span]]
name = "e1-1"
card = "te"
port = 1
kind = "e1"
number = "0312340000"

[[pstn_span]]
name = "t1-1"
card = "quad"
port = 1
kind = "t1"
nfas_group = "floor"
nfas = "primary"
nfas_interface = 0

[[pstn_span]]
name = "t1-2"
card = "quad"
port = 2
kind = "t1"
nfas_group = "floor"
nfas = "member"
nfas_interface = 1

[[line_group]]
name = "pstn"
strategy = "by-prefix"
prefixes = { "+81" = ["fxo-2", "e1-1"] }

[[route]]
line = "e1-1"
target = "hangup"

[[route]]
line = "t1-2.24"
target = "hangup"
"""
