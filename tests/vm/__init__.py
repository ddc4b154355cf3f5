"""Tests on a real kernel: Debian 13 in QEMU, the checkout over 9p. ``make test-vm`` runs ``python -m tests.vm``.

``image`` builds the disk once and caches it, ``machine`` boots it, ``guest`` is what runs inside.
"""
