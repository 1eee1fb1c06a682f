"""Facts about freezes and seals, as their agencies booked them."""

from __future__ import annotations

from datetime import date

from libs.schemas.envelope import Event, Fen, Instant
from libs.schemas.parts import AssetClass


class ControlRequested(Event, name="control_requested"):
    """A freeze was asked for; until the answer it counts in full against the limit."""

    case_id: str
    measure_id: str
    control_order_id: str
    agency_id: str
    asset_id: str
    request_number: str
    sequence: int
    requested_limit_fen: Fen
    asset_class: AssetClass | None = None
    term_from: date | None = None
    term_to: date | None = None


class ControlEffective(Event, name="control_effective"):
    """The whole limit is frozen, booked at the agency with reference and time."""

    case_id: str
    measure_id: str
    agency_id: str
    request_number: str
    sequence: int
    controlled_fen: Fen
    effective_from: Instant
    effective_to: date | None = None
    agency_reference: str


class ControlPartlyEffective(Event, name="control_partly_effective"):
    """Part of the limit is frozen; the rest catches later credits. requested = controlled + uncovered."""

    case_id: str
    measure_id: str
    agency_id: str
    request_number: str
    sequence: int
    controlled_fen: Fen
    uncovered_limit_fen: Fen
    effective_from: Instant
    effective_to: date | None = None
    agency_reference: str


class ControlQueued(Event, name="control_queued"):
    """Another authority froze first: ours waits in the queue (轮候, R-INQ-11). Nothing is controlled, no term runs."""

    case_id: str
    measure_id: str
    agency_id: str
    request_number: str
    sequence: int
    rank: int


class ControlRefused(Event, name="control_refused"):
    """The agency did not control the asset, and says why; nothing counts against the limit any more."""

    case_id: str
    measure_id: str
    agency_id: str
    request_number: str
    sequence: int
    refusal_code: str
    refusal_text: str


class ControlReleased(Event, name="control_released"):
    """The freeze is lifted at the agency."""

    case_id: str
    measure_id: str
    agency_id: str
    request_number: str
    sequence: int
    released_at: Instant


class ControlReleaseRefused(Event, name="control_release_refused"):
    """The agency did not lift the freeze, and says why; the freeze stands as it was."""

    case_id: str
    measure_id: str
    agency_id: str
    request_number: str
    sequence: int
    refusal_code: str
    refusal_text: str
