"""A D channel: HDLC frames in and out."""

from __future__ import annotations

import errno

from gateways.pstn.dahdierror import DahdiError
from gateways.pstn.handle import Handle

FRAME = 1024
"""Bytes of the longest frame, which is more than ITU-T Q.921 §5.9.3 allows (N201: 260)."""
FRAMES = 32


class DChannel(Handle):
    """See the module and ``Handle``: ``read`` gives a whole frame with its two octets of check sequence, as libpri
    wants it; ``write`` takes one with two octets at the end for the driver to put the check sequence in.

    A frame that came damaged is told by ABORT, OVERRUN or BADFCS; BITSCHANGED and hook events do not come.
    """

    def _prepare(self) -> None:
        signalling = self.info().signalling
        if signalling not in ("hdlcfcs", "hardhdlc"):
            text = f"it is {signalling}, no D channel: write dchan={self.number} in /etc/dahdi/system.conf"
            raise DahdiError(errno.EINVAL, f"DAHDI channel {self.number}: {text} and run `dahdi_cfg`")
        self._set_buffers(FRAME, FRAMES)
