"""Mosquitto's configuration: loopback only, one account a service, access by the table of ``appliance.bus.topics``.

Nothing is persisted: every service says its state again when it connects, so an empty broker fills with the truth,
where a file would bring back the state of services that died meanwhile.
"""

from __future__ import annotations

import base64
import getpass
import hashlib
import json
import secrets
from pathlib import Path

from appliance.bus import topics
from appliance.private_file import write_private

ITERATIONS = 101  # mosquitto's own default; the secrets are random 192-bit ones, not a person's
CONFIG = """\
# Written by Callfloor at each start; changes here are lost.
listener {port} {host}
allow_anonymous false
password_file {passwords}
acl_file {acl}
user {user}
persistence false
max_packet_size 262144
max_queued_messages 10000
max_keepalive 60
sys_interval 0
set_tcp_nodelay true
log_dest stderr
log_type error
log_type warning
"""


def ensure_passwords(path: Path) -> dict[str, str]:
    """Return the secret of each account, made at random and kept in ``path`` (JSON, mode 0600) when missing there."""
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [name for name in topics.SERVICES if name not in known]
    if missing:
        known |= {name: secrets.token_urlsafe(24) for name in missing}
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, json.dumps(known, indent=1) + "\n")
    return known


def password_line(name: str, secret: str, salt: bytes | None = None) -> str:
    """Return an account's line of the password file: PBKDF2-SHA512, mosquitto's ``$7$`` format."""
    salt = salt or secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", secret.encode(), salt, ITERATIONS, 64)
    return f"{name}:$7${ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def access_list() -> str:
    """Return the ACL file: what is not named is denied. Commands are answered on the asker's own response topics."""
    blocks = []
    for service in topics.SERVICES:
        rules = []
        for topic in topics.TOPICS:
            own = topic.pattern.replace("%u", service)
            everyone = topic.pattern.replace("%u", "+")
            if service in topic.writers:
                rules.append(f"topic write {own}")
            if service in topic.readers:
                rules.append(f"topic read {own if topic.private else everyone}")
        blocks.append("\n".join([f"user {service}", *rules]))
    return "\n\n".join(blocks) + "\n"


def render(host: str, port: int, passwords: Path, directory: Path) -> Path:
    """Write configuration, password file and ACL file into ``directory``; return the configuration's path.

    ``passwords`` is the JSON of ``ensure_passwords``. Run it with ``command``.
    """
    directory.mkdir(parents=True, exist_ok=True)
    accounts = ensure_passwords(passwords)
    hashed, acl, config = (directory / name for name in ("mosquitto.passwd", "mosquitto.acl", "mosquitto.conf"))
    write_private(hashed, "".join(password_line(name, secret) + "\n" for name, secret in accounts.items()))
    write_private(acl, access_list())
    # Started as root mosquitto would become "mosquitto" and could not read our private files: it stays who we are.
    text = CONFIG.format(host=host, port=port, passwords=hashed, acl=acl, user=getpass.getuser())
    write_private(config, text)
    return config


def command(config: Path) -> list[str]:
    """Return the command that runs mosquitto in the foreground; it logs to stderr and ends on SIGTERM."""
    return ["mosquitto", "-c", str(config)]
