"""Who is registered at the edge, as the core hears it: JSON in netstrings from Kamailio's evapi on loopback.

Kamailio says ``registered``, ``refreshed`` and ``gone`` as it happens. We ask it for all (``list``) when we connect and
once a minute, so that a lost message heals. While it is away the last known set stands: a restart of the edge does not
take phones away.
"""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

log = logging.getLogger(__name__)
LIST_EVERY = 60.0  # seconds
ASK_AGAIN = 0.5  # seconds without an answer: the edge doesn't answer while it is starting
BACK_OFF = (0.2, 5.0)  # seconds: first and longest pause between attempts to connect
LONGEST = 16_000_000  # bytes of one message: a list of some 100,000 contacts; more means that we lost the frame

Kind = Literal["registered", "refreshed", "gone", "listed"]


@dataclass(frozen=True)
class ContactEvent:
    """What is new of a user's registrations; ``contacts`` are the URIs that remain, none when the last has gone.

    ``refreshed``: a known phone has just registered again, ``listed``: it stood in the list as before, alive or not.
    """

    kind: Kind
    user: str
    contacts: frozenset[str]


class EdgeContacts:
    """Keeps ``registered`` on a thread of its own and calls ``on_event`` there. Start with ``start()``."""

    def __init__(self, host: str, port: int, on_event: Callable[[ContactEvent], None]) -> None:
        self._address = (host, port)
        self._on_event = on_event
        self._contacts: dict[str, frozenset[str]] = {}
        self._since_asked: set[str] = set()  # users heard of since the list was asked for
        self._registered: frozenset[str] = frozenset()
        self._answered = False
        self._synchronised = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="edge-contacts", daemon=True)

    @property
    def registered(self) -> frozenset[str]:
        """The users that have a contact now; a snapshot, safe on any thread."""
        return self._registered

    def start(self) -> None:
        """Connect in the background and for ever."""
        self._thread.start()

    def wait_until_listed(self, timeout: float) -> bool:
        """Wait for the first complete list; False when the edge didn't give one in time."""
        return self._synchronised.wait(timeout)

    def stop(self) -> None:
        """End the thread; takes at most about a second."""
        self._stopping.set()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(5)

    def _run(self) -> None:
        pause = BACK_OFF[0]
        said = False
        while not self._stopping.is_set():
            try:
                with socket.create_connection(self._address, timeout=2) as connection:
                    log.info("connected to the edge's events")
                    pause, said = BACK_OFF[0], False
                    self._listen(connection)
            except (OSError, ValueError) as error:
                if not said and not self._stopping.is_set():
                    log.warning("the edge's events at %s:%d: %s; trying again", *self._address, error)
                said = True
            self._stopping.wait(pause)
            pause = min(pause * 2, BACK_OFF[1])

    def _listen(self, connection: socket.socket) -> None:
        connection.settimeout(ASK_AGAIN / 2)
        buffer = b""
        asked = 0.0
        self._answered = False
        while not self._stopping.is_set():
            if time.monotonic() - asked > (LIST_EVERY if self._answered else ASK_AGAIN):
                if self._answered or not asked:
                    self._since_asked = set()
                self._answered = False
                connection.sendall(b"4:list,")
                asked = time.monotonic()
            try:
                data = connection.recv(65536)
            except TimeoutError:
                continue
            if not data:
                raise ConnectionError("closed by the edge")
            messages, buffer = split_netstrings(buffer + data)
            for message in messages:
                self._heard(message)

    def _heard(self, message: bytes) -> None:
        try:
            event = json.loads(message)
            self._apply(event)
        except (ValueError, KeyError, TypeError):
            log.warning("an event of the edge that can't be read is dropped: %.200r", message)
        except Exception:
            log.exception("the handler of contact events failed")

    def _apply(self, event: dict[str, Any]) -> None:
        if "result" in event:
            self._listed(dumped_contacts(event["result"]))
        elif event["event"] in ("registered", "refreshed", "gone"):
            self._changed(event["event"], event)

    def _listed(self, listing: dict[str, frozenset[str]]) -> None:
        # The list may have been read before what we have heard since we asked.
        fresh, self._since_asked = self._since_asked, set()
        for user in sorted((set(listing) | set(self._contacts)) - fresh):
            self._set("listed", user, listing.get(user, frozenset()))
        self._answered = True
        self._synchronised.set()

    def _changed(self, kind: Kind, event: dict[str, Any]) -> None:
        user = str(event["user"])
        if "contacts" in event:
            contacts = frozenset(str(contact) for contact in event["contacts"])
        else:
            contacts = self._contacts.get(user, frozenset()) - {str(event["contact"])}
        self._since_asked.add(user)
        self._set(kind, user, contacts)

    def _set(self, kind: Kind, user: str, contacts: frozenset[str]) -> None:
        before = self._contacts.get(user, frozenset())
        if contacts:
            self._contacts[user] = contacts
        else:
            self._contacts.pop(user, None)
        self._registered = frozenset(self._contacts)
        if contacts - before:
            kind = "registered"
        elif before - contacts:
            kind = "gone"
        elif not contacts:
            return
        self._on_event(ContactEvent(kind, user, contacts))


def dumped_contacts(result: object) -> dict[str, frozenset[str]]:
    """Return contacts by user from what Kamailio's ``ul.dump`` says (usrloc's RPC documentation)."""
    found: dict[str, frozenset[str]] = {}
    if isinstance(result, list):
        for item in result:
            found |= dumped_contacts(item)
    elif isinstance(result, dict) and "AoR" in result:
        found[str(result["AoR"])] = frozenset(_addresses(result.get("Contacts", [])))
    elif isinstance(result, dict):
        for item in result.values():
            found |= dumped_contacts(item)
    return found


def _addresses(contacts: list[Any]) -> Iterator[str]:
    for item in contacts:
        contact = item.get("Contact", item)
        if contact.get("Expires") not in ("expired", "deleted"):
            yield str(contact["Address"])


def split_netstrings(data: bytes) -> tuple[list[bytes], bytes]:
    """Return the whole netstrings (``5:hello,``) of ``data`` and what is left; ValueError when it isn't any."""
    messages: list[bytes] = []
    while True:
        digits, colon, rest = data.partition(b":")
        if not colon:
            if len(digits) > 8 or (digits and not digits.isdigit()):
                raise ValueError("not a netstring")
            return messages, data
        length = int(digits)
        if length > LONGEST:
            raise ValueError(f"a netstring of {length} bytes")
        if len(rest) <= length:
            return messages, data
        if rest[length : length + 1] != b",":
            raise ValueError("a netstring without its comma")
        messages.append(rest[:length])
        data = rest[length + 1 :]
