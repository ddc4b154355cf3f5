"""Tests of messages, USSD and balances, against a small modem at the wire and a real store."""
