"""Control orders: papers, two officers, exact amounts (R-INQ-04, R-INQ-05, R-INQ-20), checked against our copies.

asset_inquiry decides finally, on its own facts; what is refused here never leaves the house.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from libs.foundation.court_calendar import court_day
from libs.foundation.errors import Refused
from libs.foundation.fen import yuan
from libs.schemas.envelope import Event
from libs.schemas.intake import ControlOrderIssued, ControlOrderItem, ControlPositionRecorded
from libs.schemas.parts import OfficerRef, PaperRef, RequestKind
from services.intake.domain.case.state import Case, is_named
from services.intake.domain.refusals import CaseAccountPending
from services.intake.rules.control import OFFICERS_MIN, freeze_limit, longest_term, missing_papers

IN_FORCE = ("EFFECTIVE", "PARTLY_EFFECTIVE", "QUEUED")


class ControlPapersMissing(Refused):
    """The ruling or the assistance notice is missing, not approved, or of another case."""

    code = "control_papers_missing"
    title = "The order lacks papers"
    rule = "R-INQ-04"
    remedy = "Draft the papers named in `missing`, have them approved, and name their ids."


class TwoOfficersRequired(Refused):
    """A request names two different officers, each with work permit and duty permit."""

    code = "two_officers_required"
    title = "Two officers with both credentials are needed"
    rule = "R-INQ-05"
    remedy = "Name two officers of the roster who hold both credentials."


class ApproverIsRequester(Refused):
    """Who asks for a measure cannot have approved its ruling."""

    code = "approver_is_requester"
    title = "The requester approved the ruling themself"
    rule = "R-INQ-05"
    remedy = "Let another person of the right level approve the ruling."


class DebtUnknown(Refused):
    """How much is owed is not known here yet, so nothing can be measured against it."""

    code = "debt_unknown"
    title = "The debt has not been assessed yet"
    rule = "R-INQ-20"
    remedy = "Repeat the request in a moment: payments assesses the debt right after registration."
    retryable = True


class OverAttachment(Refused):
    """More would be held than is owed."""

    code = "over_attachment"
    title = "More would be held than is owed"
    rule = "R-INQ-20"
    remedy = "Lower the amounts to what is still open, `open_fen`."


class MeasureUnknown(Refused):
    """The order names an original request and item that no measure in force carries."""

    code = "measure_unknown"
    title = "The original measure is not in force"
    rule = "R-INQ-04"
    remedy = "Name request number and sequence of a measure of this case that is in force."


class DeductionAboveFrozen(Refused):
    """A deduction never exceeds what is frozen there and not yet deducted."""

    code = "deduction_above_frozen"
    title = "The deduction is above the frozen amount"
    rule = "R-INQ-20"
    remedy = "Lower the amount to `deductible_fen`."


class TermTooLong(Refused):
    """The term begins today or later, and ends within what the law allows for any kind of asset."""

    code = "term_too_long"
    title = "The term of the measure is not allowed"
    rule = "R-INQ-10"
    remedy = "Choose a first day from today on and a last day up to `longest`; deposits are held a year at most."


@dataclass(frozen=True, slots=True)
class PaperOnFile:
    """A paper as the document stream shows it: `approved_by` is None while it is not sealed."""

    paper: PaperRef
    case_id: str
    approved_by: str | None


@dataclass(frozen=True, slots=True)
class IssueControlOrder:
    """Order freezes, deductions, releases or renewals at agencies, all against one debtor."""

    control_order_id: str
    kind: RequestKind
    debtor_id: str
    items: tuple[ControlOrderItem, ...]
    papers: tuple[PaperOnFile, ...]
    officers: tuple[OfficerRef, ...]
    requested_by: str
    remainder: Literal["KEEP", "RELEASE"] | None = None
    term_from: date | None = None
    term_to: date | None = None


def issue(state: Case, command: IssueControlOrder, now: datetime) -> Sequence[Event]:
    """Return the order, or raise the refusal of the first rule that it breaks."""
    registered = state.require_acting(command.requested_by)
    debtor = state.debtor(command.debtor_id)
    approved_by = _check_papers(registered.case_id, command)
    _check_officers(command)
    term = _term(command, court_day(now))
    account = None
    match command.kind:
        case "FREEZE":
            _check_limit(state, sum(item.amount_fen for item in command.items))
        case "DEDUCT":
            account = state.debt.account if state.debt else None
            if account is None:
                raise CaseAccountPending
            _check_deductions(state, command.items)
        case _:
            for item in command.items:
                _original(state, item)
    return [
        ControlOrderIssued(
            case_id=registered.case_id,
            case_number=registered.case_number,
            control_order_id=command.control_order_id,
            kind=command.kind,
            debtor=debtor,
            items=command.items,
            papers=tuple(one.paper for one in command.papers),
            officers=command.officers,
            requested_by=command.requested_by,
            approved_by=approved_by,
            limit_fen=open_fen(state),
            term_from=term[0],
            term_to=term[1],
            case_account=account,
            remainder=command.remainder or "KEEP" if command.kind == "DEDUCT" else None,
        )
    ]


def open_fen(state: Case) -> int:
    """Return what is owed and not yet recovered, as far as it is known here; zero when it is not."""
    return max(0, state.debt.debt_fen - state.debt.recovered_fen) if state.debt else 0


def held_fen(state: Case) -> int:
    """Return what is frozen, asked for, or deducted and still on its way."""
    if state.debt is None:
        return 0
    booked = 0
    for measure in state.measures:
        if measure.state == "REQUESTED":
            booked += measure.requested_limit_fen
        elif measure.state in IN_FORCE:
            booked += max(0, measure.controlled_fen - measure.deducted_fen)
    for order in state.orders:
        if order.issued.kind == "FREEZE" and order.counts:
            asked = sum(
                measure.requested_limit_fen
                for measure in state.measures
                if measure.control_order_id == order.issued.control_order_id
            )
            booked += max(0, sum(item.amount_fen for item in order.issued.items) - asked)
    on_its_way = max(0, sum(measure.deducted_fen for measure in state.measures) - state.debt.recovered_fen)
    return booked + on_its_way


def deductible_fen(state: Case, measure: ControlPositionRecorded) -> int:
    """Return what may still be deducted from a measure: frozen, not deducted, and not ordered already."""
    known = {one.control_order_id for one in measure.deductions}
    taken = sum(one.amount_fen for one in measure.deductions if one.state != "FAILED")
    ordered = sum(
        item.amount_fen
        for order in state.orders
        if order.issued.kind == "DEDUCT" and order.counts and order.issued.control_order_id not in known
        for item in order.issued.items
        if is_named(measure, item.original_request_number, item.original_sequence)
    )
    return max(0, measure.controlled_fen - taken - ordered)


def _check_papers(case_id: str, command: IssueControlOrder) -> str:
    usable = [one for one in command.papers if one.case_id == case_id and one.approved_by is not None]
    missing = missing_papers(command.kind, [one.paper.kind for one in usable])
    if missing or len(usable) != len(command.papers):
        unusable = [one.paper.document_id for one in command.papers if one not in usable]
        raise ControlPapersMissing(missing=list(missing), unusable=unusable)
    approvers = {one.approved_by for one in usable}
    if command.requested_by in approvers:
        raise ApproverIsRequester
    return next(one.approved_by for one in usable if one.approved_by is not None)


def _check_officers(command: IssueControlOrder) -> None:
    whole = {one.officer_id for one in command.officers if one.work_permit_number and one.duty_permit_number}
    if len(whole) < OFFICERS_MIN.value or len(whole) != len(command.officers):
        raise TwoOfficersRequired(field="officer_ids")


def _check_limit(state: Case, asked_fen: int) -> None:
    if state.debt is None or state.debt.debt_fen == 0:
        raise DebtUnknown
    room = freeze_limit(open_fen(state)) - held_fen(state)
    if asked_fen > room:
        raise OverAttachment(
            f"Asked for {yuan(asked_fen)}, open are {yuan(max(0, room))}.", open_fen=max(0, room), asked_fen=asked_fen
        )


def _check_deductions(state: Case, items: tuple[ControlOrderItem, ...]) -> None:
    asked: dict[str, int] = {}
    for item in items:
        measure = _original(state, item)
        asked[measure.measure_id] = asked.get(measure.measure_id, 0) + item.amount_fen
        deductible = deductible_fen(state, measure)
        if asked[measure.measure_id] > deductible:
            raise DeductionAboveFrozen(
                f"Asked for {yuan(asked[measure.measure_id])}, deductible are {yuan(deductible)}.",
                field=f"items.{item.sequence - 1}.amount_fen",
                deductible_fen=deductible,
            )
    on_its_way = max(0, sum(measure.deducted_fen for measure in state.measures) - _recovered(state))
    room = max(0, open_fen(state) - on_its_way)
    if sum(asked.values()) > room:
        raise OverAttachment(f"Open are {yuan(room)}.", open_fen=room, asked_fen=sum(asked.values()))


def _recovered(state: Case) -> int:
    return state.debt.recovered_fen if state.debt else 0


def _original(state: Case, item: ControlOrderItem) -> ControlPositionRecorded:
    measure = state.measure(item.original_request_number, item.original_sequence)
    if measure is None or measure.state not in IN_FORCE or measure.agency_id != item.agency_id:
        raise MeasureUnknown(field=f"items.{item.sequence - 1}.original_request_number")
    return measure


def _term(command: IssueControlOrder, today: date) -> tuple[date | None, date | None]:
    """Return the term as ordered; where none is ordered, asset_inquiry takes the longest of the asset's class."""
    if command.kind not in ("FREEZE", "RENEW"):
        return None, None
    first, last = command.term_from, command.term_to
    begins = first or today
    if begins < today or (last is not None and not begins < last <= longest_term(begins)):
        raise TermTooLong(field="term_to", longest=longest_term(max(begins, today)).isoformat())
    return first, last
