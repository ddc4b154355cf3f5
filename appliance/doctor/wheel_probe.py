"""Run as a program: prints as its last line, in JSON, what the installed pjsua2 can do.

In a process of its own, because a wrong build may end the process, and the library can't be started twice.
"""

from __future__ import annotations

import ctypes
import json
from pathlib import Path
from typing import Any

CALLS_ASKED = 100_000  # more than any build has: the library lowers it to what it was compiled for
OUR_CLASSES = ("PcmPort", "StereoRecorder", "RtpTap")
PJSIP_ESESSIONTERMINATED = 171140  # what an unused slot for a call says; beyond the last slot it is PJ_EINVAL


def main() -> None:
    """Start the library, look, and print."""
    import pjsua2 as pj

    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.uaConfig.maxCalls = CALLS_ASKED
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.logConfig.level = config.logConfig.consoleLevel = 0
    endpoint.libInit(config)
    transport = pj.TransportConfig()
    transport.boundAddress, transport.port = "127.0.0.1", 0
    endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
    account_config = pj.AccountConfig()
    account_config.idUri = "sip:doctor@127.0.0.1"
    account = pj.Account()
    account.create(account_config)
    facts = {
        "version": endpoint.libVersion().full,
        "calls": _calls(pj, account),
        "openssl": _openssl(),
        "codecs": sorted({codec.codecId.split("/")[0] for codec in endpoint.codecEnum2()}),
        "srtp": len(endpoint.srtpCryptoEnum()),
        "missing_classes": [name for name in OUR_CLASSES if not hasattr(pj, name)],
    }
    account.shutdown()
    endpoint.libDestroy()
    print("\n" + json.dumps(facts))


def _calls(pj: Any, account: Any) -> int:
    """How many calls a process can have: slots are numbered from 0, and one beyond the last is no valid number."""
    first_wrong, first_unknown = 0, CALLS_ASKED
    while first_wrong < first_unknown:
        middle = (first_wrong + first_unknown) // 2
        if _is_slot(pj, account, middle):
            first_wrong = middle + 1
        else:
            first_unknown = middle
    return first_wrong


def _is_slot(pj: Any, account: Any, number: int) -> bool:
    try:
        pj.Call(account, number).getInfo()
    except pj.Error as error:
        return bool(error.status == PJSIP_ESESSIONTERMINATED)
    return True


def _openssl() -> str:
    """The version of the OpenSSL that the module is linked with, as it is loaded in this process."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        name = line.split()[-1]
        if "_pjsua2" in name or "libcrypto.so" in name:
            library = ctypes.CDLL(name)
            if hasattr(library, "OpenSSL_version"):
                library.OpenSSL_version.restype = ctypes.c_char_p
                return str(library.OpenSSL_version(0).decode())
    return "none"


if __name__ == "__main__":
    main()
