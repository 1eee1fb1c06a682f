"""What other services say about the case, kept for our own decisions: only what is newer than what we have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from libs.schemas.envelope import Event
from libs.schemas.intake import (
    ControlOrderResultRecorded,
    ControlPositionRecorded,
    DebtPositionRecorded,
    DeductionPosition,
    PunishmentPositionRecorded,
)
from libs.schemas.parts import CaseAccountRef
from services.intake.domain.case.state import Case


@dataclass(frozen=True, slots=True)
class RecordDebt:
    """One fact of payments; what it does not speak of (None) stays as it was."""

    source_seq: int
    account: CaseAccountRef | None = None
    debt_fen: int | None = None
    as_of: date | None = None
    recovered_fen: int | None = None
    paid_out_fen: int | None = None
    balance_fen: int | None = None
    satisfied: bool | None = None
    settled: bool | None = None


@dataclass(frozen=True, slots=True)
class RecordControl:
    """One fact of asset_inquiry about a measure; what it does not speak of (None) stays as it was."""

    source_seq: int
    measure_id: str
    agency_id: str
    state: str | None = None
    request_number: str | None = None
    sequence: int | None = None
    control_order_id: str | None = None
    requested_limit_fen: int | None = None
    controlled_fen: int | None = None
    deduction: DeductionPosition | None = None


@dataclass(frozen=True, slots=True)
class RecordPunishment:
    """One version of one record of the list."""

    record_id: str
    list_type: Literal["LISTING", "RESTRICTION"]
    party_id: str
    in_force: bool
    version: int


@dataclass(frozen=True, slots=True)
class RecordOrderResult:
    """The final check of a control order."""

    control_order_id: str
    accepted: bool
    code: str | None = None
    reason: str | None = None


def record_debt(state: Case, command: RecordDebt, now: datetime) -> Sequence[Event]:  # noqa: ARG001 -- a decider's shape
    """Return the new position, or nothing for an older or repeated fact."""
    known = state.debt
    if known is not None and command.source_seq <= known.source_seq:
        return []
    base = known or DebtPositionRecorded(
        case_id=state.registered.case_id,
        debt_fen=0,
        recovered_fen=0,
        paid_out_fen=0,
        balance_fen=0,
        satisfied=False,
        settled=False,
        source_seq=0,
    )
    spoken = {
        name: value
        for name in (
            "account",
            "debt_fen",
            "as_of",
            "recovered_fen",
            "paid_out_fen",
            "balance_fen",
            "satisfied",
            "settled",
        )
        if (value := getattr(command, name)) is not None
    }
    if spoken.get("balance_fen"):
        # Money that came in after the account was settled must be paid out before the case may be closed.
        spoken.setdefault("settled", False)
    return [base.model_copy(update=spoken | {"source_seq": command.source_seq})]


def record_control(state: Case, command: RecordControl, now: datetime) -> Sequence[Event]:  # noqa: ARG001 -- as above
    """Return the measure's new position, or nothing for an older or repeated fact."""
    known = next((measure for measure in state.measures if measure.measure_id == command.measure_id), None)
    if known is not None and command.source_seq <= known.source_seq:
        return []
    base = known or ControlPositionRecorded(
        case_id=state.registered.case_id,
        measure_id=command.measure_id,
        agency_id=command.agency_id,
        request_number=command.request_number or "",
        sequence=command.sequence or 0,
        state="REQUESTED",
        controlled_fen=0,
        deducted_fen=0,
        source_seq=0,
    )
    spoken: dict[str, object] = {
        name: value
        for name in ("state", "control_order_id", "requested_limit_fen", "controlled_fen")
        if (value := getattr(command, name)) is not None
    }
    if command.request_number not in (None, base.request_number):
        # A request that came back was sent again under another number: the agency may know the freeze by either.
        spoken["reissued_as"] = command.request_number
    if command.deduction is not None:
        deductions = _with(base.deductions, command.deduction)
        spoken["deductions"] = deductions
        spoken["deducted_fen"] = sum(one.amount_fen for one in deductions if one.state in ("ANSWERED", "CONFIRMED"))
    return [base.model_copy(update=spoken | {"source_seq": command.source_seq})]


def _with(deductions: tuple[DeductionPosition, ...], new: DeductionPosition) -> tuple[DeductionPosition, ...]:
    known = next((one for one in deductions if one.deduction_id == new.deduction_id), None)
    others = tuple(one for one in deductions if one.deduction_id != new.deduction_id)
    if known is None:
        return (*others, new)
    if known.state == "CONFIRMED":
        # The money is there; a late answer of the agency cannot take it back.
        return deductions
    order = new.control_order_id or known.control_order_id
    amount = new.amount_fen if new.state != "FAILED" else known.amount_fen
    return (*others, new.model_copy(update={"control_order_id": order, "amount_fen": amount}))


def record_punishment(state: Case, command: RecordPunishment, now: datetime) -> Sequence[Event]:  # noqa: ARG001 -- as above
    """Return the record's new position, or nothing for an older or repeated version."""
    case_id = state.registered.case_id
    if any(one.record_id == command.record_id and one.version >= command.version for one in state.punishments):
        return []
    return [
        PunishmentPositionRecorded(
            case_id=case_id,
            record_id=command.record_id,
            list_type=command.list_type,
            party_id=command.party_id,
            in_force=command.in_force,
            version=command.version,
        )
    ]


def record_order_result(state: Case, command: RecordOrderResult, now: datetime) -> Sequence[Event]:  # noqa: ARG001 -- as above
    """Return the copy of the final check, or nothing if it is known."""
    order = next((one for one in state.orders if one.issued.control_order_id == command.control_order_id), None)
    if order is None or order.result is not None:
        return []
    return [
        ControlOrderResultRecorded(
            case_id=state.registered.case_id,
            control_order_id=command.control_order_id,
            accepted=command.accepted,
            code=command.code,
            reason=command.reason,
        )
    ]
