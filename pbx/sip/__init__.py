"""SIP and audio of the core: the only package that imports pjsua2.

``SipCore`` owns all pjsua2 objects and lives on one thread. What happens comes out as ``pbx.events``.
"""

from pbx.sip.audio import Finished, Take
from pbx.sip.config import SipSettings
from pbx.sip.core import DeadLeg, SipCore

__all__ = ["DeadLeg", "Finished", "SipCore", "SipSettings", "Take"]
