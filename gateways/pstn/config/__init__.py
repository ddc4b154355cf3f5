"""What the store says of cards, spans and ports, put together with what is in the machine.

``scan`` looks at the hardware, ``resolve`` finds the described rows in it, ``spec`` is what the gateway is told,
``systemconf`` and ``modprobe`` write DAHDI's files, ``apply`` puts them in force or leaves everything as it was.
"""
