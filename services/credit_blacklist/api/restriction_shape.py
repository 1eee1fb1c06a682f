"""How restriction orders are shown: opaque ids and masked names, never an identity number (R-GEN-06)."""

from __future__ import annotations

from typing import Any

from libs.schemas.credit_blacklist import FeedRecord
from services.credit_blacklist.domain.restriction import Exemption, Lifting, OrderCorrection, RestrictionOrder
from services.credit_blacklist.domain.restriction_request import OrderRequest
from services.credit_blacklist.rules.consumption import KINDS


def render_order(state: RestrictionOrder) -> dict[str, Any]:
    """Return an order with the persons it covers and everything that was decided about it."""
    drafted, ordered = state.require(), state.ordered
    return {
        "id": drafted.order_id,
        "case_id": drafted.case_id,
        "case_number": drafted.case_number,
        "court": drafted.court,
        "state": state.state,
        "reason": drafted.reason,
        "initiated": drafted.initiated,
        "applied_on": drafted.applied_on,
        "kinds": [{"kind": kind, "title": KINDS[kind]} for kind in drafted.kinds],
        "persons": [_person(state, party_id) for party_id in state.persons],
        "drafted_by": drafted.drafted_by,
        "order_number": ordered.order_number if ordered else None,
        "decided_on": ordered.decided_on if ordered else None,
        "signed_by": ordered.signed_by if ordered else None,
        "period": ordered.period if ordered else None,
        "consequences": ordered.consequences if ordered else None,
        "paper": ordered.paper if ordered else None,
        "grace_until": ordered.grace_until if ordered else None,
        "served": state.served.method if state.served else None,
        "liftings": [render_lifting(one) for one in state.liftings.values()],
        "exemption_requests": [render_exemption(one) for one in state.exemptions.values()],
        "corrections": [render_correction(one) for one in state.corrections.values()],
        "correction_requests": [render_request(one) for one in state.requests.values()],
    }


def _person(state: RestrictionOrder, party_id: str) -> dict[str, Any]:
    person, record = state.persons[party_id], state.records.get(party_id)
    return {
        "party_id": party_id,
        "display_name": person.display_name,
        "party_type": person.party_type,
        "roles": person.roles,
        "restricted": state.restricts(party_id),
        "record": None if record is None else render_record(record),
    }


def render_record(record: FeedRecord) -> dict[str, Any]:
    """Return the newest version of one person's record."""
    return {
        "record_id": record.record_id,
        "version": record.version,
        "status": record.status,
        "change": record.change,
        "kinds": record.kinds,
        "changed_at": record.changed_at,
        "effective_from": record.effective_from,
        "suspensions": [
            {"from": window.from_at, "until": window.until_at, "kinds": window.kinds} for window in record.suspensions
        ],
        "correction": record.correction,
        "removal": record.removal,
    }


def render_lifting(lifting: Lifting) -> dict[str, Any]:
    """Return a proposal to lift."""
    proposed = lifting.proposed
    return {
        "id": proposed.lifting_id,
        "order_id": proposed.order_id,
        "state": lifting.state,
        "scope": proposed.scope,
        "persons": proposed.persons,
        "ground": proposed.ground,
        "kinds": proposed.kinds,
        "from": proposed.from_at,
        "until": proposed.until_at,
        "successor": None if proposed.successor is None else proposed.successor.party_id,
        "proposed_by": proposed.proposed_by,
    }


def render_exemption(exemption: Exemption) -> dict[str, Any]:
    """Return a request for an exemption."""
    asked = exemption.requested
    granted = {None: "REQUESTED", True: "GRANTED", False: "REFUSED"}[exemption.granted]
    return {
        "id": asked.exemption_id,
        "order_id": asked.order_id,
        "state": "ENDED" if exemption.ended else granted,
        "party_id": asked.party_id,
        "kinds": asked.kinds,
        "purpose": asked.purpose,
        "from": asked.from_at,
        "until": asked.until_at,
        "requested_on": asked.requested_on,
    }


def render_correction(correction: OrderCorrection) -> dict[str, Any]:
    """Return a correction with the day by which it must be made."""
    proposed = correction.proposed
    return {
        "id": proposed.correction_id,
        "order_id": proposed.order_id,
        "state": correction.state,
        "party_id": proposed.party_id,
        "nature": proposed.nature,
        "due": proposed.due,
        "overdue": correction.overdue,
        "proposed_by": proposed.proposed_by,
    }


def render_request(request: OrderRequest) -> dict[str, Any]:
    """Return a written request for correction with its deadlines."""
    asked, served, review = request.requested, request.served, request.review
    return {
        "id": asked.request_id,
        "order_id": asked.order_id,
        "party_id": asked.party_id,
        "claim": asked.claim,
        "state": request.state,
        "received_on": asked.received_on,
        "due": asked.due,
        "finding": request.decided.finding if request.decided else None,
        "review_by": served.review_by if served else None,
        "review_due": review.due if review else None,
        "review_finding": request.reviewed.finding if request.reviewed else None,
        "overdue": request.overdue,
    }
