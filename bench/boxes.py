"""The law that letters (a) and (b) have in common: a box takes deposits. Product, textbook and bare route share it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import Path

from libs.foundation.errors import Refused
from libs.foundation.fen import FEN_MAX
from libs.schemas.envelope import Event
from libs.web import Identifier, Name, PositiveFen, RequestModel, Text

SERVICE: Final = "boxes"
COURT: Final = "云0381"
SCOPE: Final = "boxes.deposits.write"
DEPOSITS: Final = "/boxes/{box}/deposits"

BoxPath = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.~-]{1,80}$")]


class Deposit(RequestModel):
    """The body: put money into a box."""

    amount_fen: PositiveFen
    reference: Identifier
    payer: Name
    channel: Literal["BANK", "COUNTER", "ONLINE"]
    remark: Text | None = None


class Deposited(Event, name="deposited"):
    """Money was put into a box."""

    amount_fen: int
    reference: str
    payer: str
    channel: str
    remark: str | None = None
    total_fen: int


class BoxFull(Refused):
    """The box holds no more."""

    code = "box_full"
    title = "The box is full"


@dataclass(frozen=True, slots=True)
class Box:
    """What lies in a box."""

    total_fen: int = 0
    deposits: int = 0


def decide(state: Box, command: Deposit, _now: datetime) -> Sequence[Event]:
    """Take a deposit, or refuse what would not fit."""
    total = state.total_fen + command.amount_fen
    if total > FEN_MAX:
        raise BoxFull
    return [
        Deposited(
            amount_fen=command.amount_fen,
            reference=command.reference,
            payer=command.payer,
            channel=command.channel,
            remark=command.remark,
            total_fen=total,
        )
    ]


def evolve(state: Box, event: Event) -> Box:
    """Return the box after a deposit."""
    return Box(event.total_fen, state.deposits + 1) if isinstance(event, Deposited) else state


def render(box: str, state: Box) -> dict[str, Any]:
    """Return the box as all three answer it."""
    return {"box": box, "total_fen": state.total_fen, "deposits": state.deposits}
