"""The PSTN gateway: FXO and PRI on DAHDI, behind the same ``gateways.line.Line`` as GSM."""
