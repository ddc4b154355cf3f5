"""Calls from end to end through the real services, with imitated hardware at the wire."""
