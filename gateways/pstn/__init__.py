"""The PSTN gateway: FXO and PRI on DAHDI, behind the same ``gateways.line.Line`` as GSM."""

import os

# Before anything loads numpy: what hears the lines has small matrices, for which its library's threads only cost.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
