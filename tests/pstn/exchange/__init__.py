"""The far side of the PSTN gateway's tests: an exchange of our own, written from the standards.

It imports nothing of the gateways, so that it can judge them. Analogue lines begin in ``fxs``. PRI spans, from the wire
up: ``ports`` and ``digital`` (where frames go in and out), ``faults``; ``lapd`` (the data link); ``q931`` (messages) on
``elements``, ``bearer``, ``party``, ``progress``, ``facility``; ``rules`` (what a user may send); ``callcontrol``,
``maintenance`` and ``spancontrol`` (the network's side of it, without I/O or clock); ``called`` and ``caller`` (who is
at the other end of a call); ``exchangespan``, ``call`` and ``prinet`` (what tests use). ``blocks`` and ``player`` count
lost audio; ``rawuser`` is a user's side without manners.
"""
