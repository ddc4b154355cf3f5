"""What was compiled in: codecs, the SSL library, and a TLS handshake. Argument: folder for a key pair."""

import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pjsua2 as pj

from tests.pjsua2.endpoint import poll, report, running_endpoint


def make_key(folder: Path) -> tuple[str, str]:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subject = ["-subj", "/CN=localhost", "-days", "1", "-nodes"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    subprocess.run(["openssl", "req", "-x509", *curve, *subject, *files], check=True, capture_output=True)
    return str(key), str(certificate)


def shake_hands(endpoint: pj.Endpoint, folder: Path) -> str:
    """Connect to a TLS transport of ours as a client; returns the protocol version agreed on."""
    config = pj.TransportConfig()
    config.boundAddress = "127.0.0.1"
    config.tlsConfig.privKeyFile, config.tlsConfig.certFile = make_key(folder)
    config.tlsConfig.proto = pj.PJ_SSL_SOCK_PROTO_TLS1_3
    transport = endpoint.transportCreate(pj.PJSIP_TRANSPORT_TLS, config)
    port = int(endpoint.transportGetInfo(transport).localName.rsplit(":", 1)[1])
    agreed: list[str] = []

    def connect() -> None:
        context = ssl.create_default_context(cafile=config.tlsConfig.certFile)
        context.check_hostname = False
        with socket.create_connection(("127.0.0.1", port), 5) as plain, context.wrap_socket(plain) as client:
            agreed.append(client.version() or "")

    client = threading.Thread(target=connect)
    client.start()
    poll(endpoint, lambda: not client.is_alive(), 10)
    client.join(1)
    return agreed[0] if agreed else ""


def main(folder: Path) -> None:
    with running_endpoint() as endpoint:
        loaded = {Path(line.split()[-1]).name for line in Path("/proc/self/maps").read_text().splitlines()}
        report(
            codecs=[codec.codecId for codec in endpoint.codecEnum2()],
            tls=shake_hands(endpoint, folder),
            libraries=sorted(name for name in loaded if name.startswith("lib")),
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
