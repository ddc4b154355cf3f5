"""Tests of the message codec and of USSD texts."""
