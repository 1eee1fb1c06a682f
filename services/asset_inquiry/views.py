"""Read models: the agencies' queues, the completeness of inquiries, what was found. Rebuildable from the journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from libs.foundation.clock import instant_text
from libs.journal import View
from services.asset_inquiry.domain.agency import AgencyState
from services.asset_inquiry.domain.controls import ControlsState, Deduction, Measure
from services.asset_inquiry.domain.copies import AssetCopy
from services.asset_inquiry.domain.request import RequestState
from services.asset_inquiry.rules.codes import queue_rank

Rows = Mapping[str, Mapping[str, Any]]

AGENCIES = "agencies"
REQUESTS = "requests"
ASSETS = "discovered_assets"
MEASURES = "control_measures"
ORDERS = "control_orders"


REQUEST_SHOWN = (
    "request_id",
    "request_number",
    "agency_id",
    "state",
    "receipt",
    "late",
    "reminders",
    "attempt",
    "answer_due_at",
    "replaces",
    "replaced_by",
    "return_code",
)
"""What officers see of a request beside their order or inquiry."""


def agency_rows(state: AgencyState) -> Rows:
    """Return the agency as people choose it; its keys are its own matter."""
    if not state.exists:
        return {}
    return {
        state.agency_id: {
            "agency_id": state.agency_id,
            "name": state.name,
            "kind": state.kind,
            "asset_classes": list(state.asset_classes),
            "measure_codes": list(state.measure_codes),
            "contact_name": state.contact_name,
            "contact_phone": state.contact_phone,
            "key_ids": sorted(state.keys),
        }
    }


def request_rows(state: RequestState) -> Rows:
    """Return the request as queues and inquiries list it: no person, no account."""
    request = state.issued
    if request is None:
        return {}
    return {
        request.request_id: {
            "request_id": request.request_id,
            "request_number": request.request_number,
            "root_request_id": request.root_request_id or request.request_id,
            "agency_id": request.agency_id,
            "case_id": request.case_id,
            "inquiry_id": request.inquiry_id,
            "control_order_id": request.control_order_id,
            "kind": request.kind,
            "urgency": request.urgency,
            "issued_at": instant_text(request.issued_at) if request.issued_at else "",
            "answer_due_at": instant_text(request.answer_due_at),
            "rank": queue_rank(request.kind, request.urgency),
            "state": state.state,
            "pending": state.is_pending,
            "receipt": state.acknowledged or None,
            "late": state.late,
            "reminders": state.reminders,
            "attempt": request.attempt,
            "replaces": request.replaces,
            "replaced_by": state.reissued_as,
            "return_code": state.returned.code if state.returned else None,
        }
    }


def asset_rows(state: AssetCopy) -> Rows:
    """Return the asset with its reference masked."""
    record = state.record
    if record is None:
        return {}
    return {
        record.asset.asset_id: {
            **record.asset.model_dump(mode="json"),
            "case_id": record.case_id,
            "party_id": record.party_id,
            "request_id": record.request_id,
        }
    }


def measure_rows(state: ControlsState) -> Rows:
    """Return every freeze of the case, with its newest deduction."""
    return {one.measure_id: {"case_id": state.case_id} | measure_shown(one) for one in state.measures.values()}


def measure_shown(measure: Measure) -> dict[str, Any]:
    """Return a measure as people read it: amounts, term, rank, the agency's answer."""
    newest = list(measure.deductions.values())[-1:]
    return {
        "measure_id": measure.measure_id,
        "control_order_id": measure.control_order_id,
        "agency_id": measure.agency_id,
        "asset_id": measure.asset_id,
        "asset_class": measure.asset_class,
        "request_number": measure.request_number,
        "sequence": measure.sequence,
        "state": measure.state,
        "requested_limit_fen": measure.requested_fen,
        "controlled_fen": measure.controlled_fen,
        "uncovered_limit_fen": measure.uncovered_fen,
        "deducted_fen": measure.deducted_fen,
        "frozen_fen": measure.frozen_fen,
        "missing_fen": measure.missing_fen,
        "agency_reference": measure.agency_reference,
        "effective_from": instant_text(measure.effective_from) if measure.effective_from else None,
        "effective_to": measure.effective_to.isoformat() if measure.effective_to else None,
        "rank": measure.rank,
        "refusal": measure.refusal,
        "release_order": measure.release_order or None,
        "deduction": _deduction_shown(newest[0]) if newest else None,
    }


def _deduction_shown(deduction: Deduction) -> dict[str, Any]:
    return {
        "deduction_id": deduction.deduction_id,
        "control_order_id": deduction.control_order_id,
        "state": deduction.state,
        "amount_fen": deduction.amount_fen,
        "settlement": deduction.settlement,
        "payment_reference": deduction.deduction_id,
        "confirmed_fen": deduction.confirmed_fen,
    }


def order_rows(state: ControlsState) -> Rows:
    """Return what became of each control order."""
    return {
        order_id: {
            "control_order_id": order_id,
            "case_id": state.case_id,
            "kind": order.kind,
            "state": order.state,
            "code": order.code or None,
            "reason": order.reason or None,
            "rule": order.rule,
            "measure_ids": list(order.measure_ids),
        }
        for order_id, order in state.orders.items()
    }


VIEWS: tuple[View[Any], ...] = (
    View(AGENCIES, "agency", agency_rows),
    View(
        REQUESTS,
        "request",
        request_rows,
        indexes=(("agency_id", "pending", "rank", "answer_due_at"), ("inquiry_id",), ("case_id",)),
    ),
    View(MEASURES, "controls", measure_rows, indexes=(("case_id", "agency_id"),), version=2),
    View(ORDERS, "controls", order_rows, indexes=(("case_id",),)),
    View(ASSETS, "asset_copy", asset_rows, indexes=(("case_id", "agency_id"),)),
)
