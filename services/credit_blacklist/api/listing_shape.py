"""How listings, decisions, removals, corrections and requests are shown: masked names, no identity numbers."""

from __future__ import annotations

from typing import Any

from libs.schemas.credit_blacklist import FeedRecord
from libs.schemas.parts import Due
from services.credit_blacklist.domain.correction import Correction, CorrectionRequest
from services.credit_blacklist.domain.listing import Decision, Episode, Listing, Removal


def render_decision(decision: Decision) -> dict[str, Any]:
    """Return a decision to list."""
    draft = decision.draft
    return {
        "id": draft.decision_id,
        "listing_id": draft.listing_id,
        "case_id": draft.case_id,
        "case_number": draft.case.case_number,
        "party": draft.party,
        "state": decision.state,
        "grounds": draft.grounds,
        "acts": draft.acts,
        "facts": draft.facts,
        "duty": draft.duty,
        "performance": draft.performance,
        "performed_fen": draft.performed_fen,
        "legal_representative": draft.legal_representative,
        "extension_years": draft.extension_years,
        "extension_reason": draft.extension_reason,
        "grace_months": draft.grace_months,
        "grace": _due(decision.grace),
        "initiated": draft.initiated,
        "applied_on": draft.applied_on,
        "decide_by": _due(draft.decide_by),
        "overdue": decision.overdue,
        "drafted_by": draft.drafted_by,
        "number": decision.number,
        "decided_on": decision.decided_on,
        "decided_by": decision.decided_by,
        "listed_until": decision.term_ends_on,
        "paper": decision.paper,
        "served_at": decision.served.served_at if decision.served else None,
        "reason": decision.reason,
        "cancelled_for": decision.cancelled_for,
    }


def render_listing(state: Listing) -> dict[str, Any]:
    """Return a listing with everything that happened to it; what was removed is kept with day and ground."""
    return {
        "id": state.listing_id,
        "case_id": state.case_id,
        "status": state.status,
        "version": state.version,
        "warned_at": state.warned.served_at if state.warned else None,
        "current": _episode(state.current) if state.current else None,
        "archive": [_episode(episode) for episode in state.archive],
        "decisions": [render_decision(one) for one in state.decisions.values()],
        "removals": [render_removal(one) for one in state.removals.values()],
        "corrections": [render_correction(one) for one in state.corrections.values()],
        "correction_requests": [render_request(one) for one in state.requests.values()],
        "credit_repair_certificates": state.certificates,
    }


def render_removal(removal: Removal) -> dict[str, Any]:
    """Return a proposal to remove a listing."""
    proposal = removal.proposal
    return {
        "id": proposal.removal_id,
        "listing_id": proposal.listing_id,
        "case_id": proposal.case_id,
        "state": removal.state,
        "ground": proposal.ground,
        "reason": proposal.reason,
        "document_id": proposal.document_id,
        "occurred_on": proposal.occurred_on,
        "due": _due(proposal.due),
        "by_rule": proposal.by_rule,
        "proposed_by": proposal.proposed_by,
        "request_id": proposal.request_id,
        "overdue": removal.overdue,
        "number": removal.number,
        "decided_on": removal.decided_on,
        "decided_by": removal.decided_by,
        "paper": removal.paper,
        "rejected_because": removal.reason,
    }


def render_correction(correction: Correction) -> dict[str, Any]:
    """Return a proposal to revoke or correct an entry."""
    proposal = correction.proposal
    return {
        "id": proposal.correction_id,
        "listing_id": proposal.listing_id,
        "case_id": proposal.case_id,
        "state": correction.state,
        "nature": proposal.nature,
        "fields": proposal.changes.model_dump(exclude_none=True),
        "reason": proposal.reason,
        "found_on": proposal.found_on,
        "due": _due(proposal.due),
        "proposed_by": proposal.proposed_by,
        "request_id": proposal.request_id,
        "overdue": correction.overdue,
        "number": correction.number,
        "decided_on": correction.decided_on,
        "decided_by": correction.decided_by,
        "paper": correction.paper,
        "rejected_because": correction.reason,
    }


def render_request(one: CorrectionRequest) -> dict[str, Any]:
    """Return a listed person's request with its examination and review."""
    request = one.request
    return {
        "id": request.request_id,
        "listing_id": request.listing_id,
        "case_id": request.case_id,
        "state": one.state,
        "claim": request.claim,
        "wording_sha256": request.wording_sha256,
        "received_on": request.received_on,
        "due": _due(request.due),
        "overdue": one.overdue,
        "decision": one.decided,
        "refusal_served_on": one.served.served_on if one.served else None,
        "review_by": _due(one.served.review_by) if one.served else None,
        "review": one.review,
        "review_overdue": one.review_overdue,
        "review_decision": one.review_decided,
    }


def _episode(episode: Episode) -> dict[str, Any]:
    record: FeedRecord = episode.record
    return {
        "record": record,
        "grounds": episode.grounds,
        "decided_on": episode.decided_on,
        "published_at": episode.published_at,
        "listed_until": episode.term_ends_on,
        "extension_years": episode.extension_years,
        "performed_fen": episode.performed_fen,
        "deleted_at": episode.removed_at,
        "removal_ground": episode.removal_ground,
    }


def _due(due: Due | None) -> dict[str, Any] | None:
    return None if due is None else due.model_dump()
