"""The store's cards, spans and ports, as they are described."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from appliance.store.pstn_models import Fxo, PstnCard, PstnSpan


class Described(NamedTuple):
    """All rows, by name."""

    cards: tuple[PstnCard, ...] = ()
    spans: tuple[PstnSpan, ...] = ()
    ports: tuple[Fxo, ...] = ()

    def card(self, name: str) -> PstnCard:
        """A card by its name; a description names only those that there are."""
        return next(card for card in self.cards if card.name == name)


def described(session: Session) -> Described:
    """Read them; the rows stay readable after the session."""
    return Described(
        tuple(session.scalars(select(PstnCard).order_by(PstnCard.name))),
        tuple(session.scalars(select(PstnSpan).order_by(PstnSpan.name))),
        tuple(session.scalars(select(Fxo).order_by(Fxo.name))),
    )
