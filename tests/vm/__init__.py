"""Tests on a real kernel: Debian 13 in QEMU, the checkout over 9p. ``make test-vm`` runs ``python -m tests.vm``.

``image`` builds the disks in layers (``debian``, ``packages``) and caches them, ``machine`` boots them, ``shell`` keeps
a machine up to work in, ``guest`` is what runs inside.
"""
