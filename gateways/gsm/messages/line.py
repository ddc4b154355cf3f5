"""The messages, USSD sessions and balance of one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gateways.gsm.dialects import (
    Dialect,
    Identity,
    NeutralEvent,
    Operator,
    SmsMemoryFull,
    SmsPdu,
    SmsRef,
    SmsStored,
    SmsText,
    Ussd,
)
from gateways.gsm.messages.balance import BalanceWatch
from gateways.gsm.messages.events import MessageEvent, UssdAnswer
from gateways.gsm.messages.inbox import Inbox
from gateways.gsm.messages.outbox import Outbox
from gateways.gsm.messages.store import MessageStore
from gateways.gsm.messages.ussd import UssdSession
from gateways.gsm.messages.wire import Wire


class Messages:
    """Driven in the hardware loop's thread; make it before ``store`` starts. ``tell`` gets every event."""

    def __init__(
        self, line: str, dialect: Dialect, wire: Wire, store: MessageStore, tell: Callable[[MessageEvent], None]
    ) -> None:
        self._tell = tell
        self._serving = False
        self._outbox = Outbox(line, dialect, wire, store, self._tell_all)
        self._inbox = Inbox(line, dialect, wire, store, self._tell_all)
        self._ussd = UssdSession(line, dialect, wire, self._pushed)
        self._balance = BalanceWatch(line, wire, store, self._ussd, tell)
        store.serve(line, self._outbox)

    @property
    def sending(self) -> bool:
        """True while a part is on its way to the modem, or there without an answer."""
        return self._outbox.sending

    def hold(self) -> None:
        """Begin no more parts: the gateway stops."""
        self._outbox.hold()

    def in_service(self, iccid: str | None) -> None:
        """The line can carry messages: its bring-up is over and there is a network. Again: when the SIM changed."""
        self.out_of_service()
        self._serving = True
        self._outbox.in_service(iccid)
        self._inbox.in_service(iccid)
        self._balance.in_service(iccid)

    def out_of_service(self) -> None:
        """The modem was closed, lost or restarted: no command sent before will be answered any more."""
        if self._serving:
            self._serving = False
            self._outbox.out_of_service()
            self._inbox.out_of_service()
            self._ussd.out_of_service()
            self._balance.out_of_service()

    def on(self, event: NeutralEvent) -> None:
        """Take what the modem says unasked, also names of carrier and SIM; what does not concern it is ignored."""
        match event:
            case Operator() | Identity():
                self._balance.on(event)
            case SmsPdu():
                self._inbox.direct(event)
            case SmsText():
                self._inbox.text(event)
            case _ if not self._serving:
                return  # what is in storage, the listing at the start of service finds
            case SmsStored():
                self._inbox.stored(event)
            case SmsMemoryFull():
                self._inbox.full()
            case SmsRef():
                self._outbox.late_reference(event)
            case Ussd():
                self._ussd.on(event)

    # USSD: ``then`` gets the one answer

    @property
    def menu_open(self) -> bool:
        """True while a menu waits for ``ussd_reply``."""
        return self._ussd.menu_open

    def ussd(self, text: str, then: Callable[[UssdAnswer], None]) -> None:
        """Dial a USSD string; a menu in the answer waits for ``ussd_reply`` or ``ussd_cancel``."""
        if self._serving:
            self._ussd.begin(text, then)
        else:
            then(self._ussd.refused())

    def ussd_reply(self, text: str, then: Callable[[UssdAnswer], None]) -> None:
        self._ussd.reply(text, then)

    def ussd_cancel(self) -> None:
        self._ussd.cancel()

    def refresh_balance(self) -> None:
        """Ask the network for the balance now; a ``Balance`` event says what came of it."""
        self._balance.refresh()

    # Time

    def deadline(self) -> float | None:
        times = [part.deadline() for part in (self._outbox, self._inbox, self._ussd, self._balance)]
        return min((at for at in times if at is not None), default=None)

    def tick(self, now: float) -> None:
        for part in (self._inbox, self._outbox, self._ussd, self._balance):
            part.tick(now)

    def _tell_all(self, events: Iterable[MessageEvent]) -> None:
        for event in events:
            self._tell(event)

    def _pushed(self, answer: UssdAnswer) -> None:
        self._tell(answer)
        self._balance.pushed(answer)
