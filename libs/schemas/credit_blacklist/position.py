"""What a subscriber of the joint-punishment feed says it holds, and whether the publisher holds the same there."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from libs.schemas.envelope import Event, Fact, Instant

SnapshotReason = Literal["FIRST", "TOO_FAR_BEHIND", "POSITION_EXPIRED", "SESSION_CHANGED", "REPAIR_FAILED"]
"""Why a subscriber took the snapshot instead of pages."""

Sequence = Annotated[int, Field(ge=0)]


class SetFigures(Fact):
    """What a list is at one sequence: how many entries are in force, their set digest, and the root of its history."""

    count: Annotated[int, Field(ge=0)]
    set_digest: str
    log_root: str


class PositionStatement(Fact):
    """A position as the subscriber computed it. `jws` is what it signed: evidence of what it held, for whoever asks.

    The times are the subscriber's own; `received_at` is the publisher's.
    """

    view: str
    session_id: str
    sequence: Sequence
    figures: SetFigures
    head_sha256: str
    fetched_at: Instant
    applied_at: Instant
    snapshot_reason: SnapshotReason | None = None
    jws: str


class SubscriberPositionConfirmed(Event, name="subscriber_position_confirmed"):
    """The subscriber holds exactly the list at that sequence (R-CRB-33)."""

    agency_id: str
    statement: PositionStatement
    received_at: Instant


class SubscriberPositionDisputed(Event, name="subscriber_position_disputed"):
    """What the subscriber computed is not what the publisher holds at that sequence, `held` (R-CRB-33)."""

    agency_id: str
    statement: PositionStatement
    held: SetFigures
    received_at: Instant
