"""Tests that run inside the virtual machine, as root, on Debian's own kernel."""
