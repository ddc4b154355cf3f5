"""Fakes at the wire: telephones that speak real SIP and RTP."""
