"""The lists of a court's listings, of decisions under way, and of proposals that wait for the president."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from libs.foundation.clock import instant_text
from libs.journal import View
from services.credit_blacklist.domain.listing import Listing

Rows = Mapping[str, Mapping[str, Any]]


def listing_rows(state: Listing) -> Rows:
    """Return the listing as one row, also when it has ended: a deletion masks, it does not erase (R-CRB-10)."""
    latest = state.latest
    if latest is None:
        return {}
    record = latest.record
    return {
        state.listing_id: {
            "listing_id": state.listing_id,
            "case_id": state.case_id,
            "case_number": record.case_number,
            "party_id": record.party_id,
            "display_name": state.decisions[latest.decisions[0]].draft.party.display_name,
            "status": state.status if state.current else "REMOVED",
            "grounds": list(latest.grounds),
            "version": state.version,
            "decided_on": latest.decided_on.isoformat(),
            "published_at": instant_text(latest.published_at),
            "listed_until": latest.term_ends_on.isoformat() if latest.term_ends_on else None,
            "deleted_at": instant_text(latest.removed_at) if latest.removed_at else None,
            "removal_ground": latest.removal_ground,
        }
    }


def decision_rows(state: Listing) -> Rows:
    """Return the decisions of a listing, one row each."""
    return {
        decision_id: {
            "decision_id": decision_id,
            "listing_id": state.listing_id,
            "case_id": state.case_id,
            "case_number": decision.draft.case.case_number,
            "party_id": decision.draft.party.party_id,
            "display_name": decision.draft.party.display_name,
            "state": decision.state,
            "grounds": list(decision.draft.grounds),
            "number": decision.number,
            "drafted_by": decision.draft.drafted_by,
            "decide_by": instant_text(decision.draft.decide_by.due_at) if decision.draft.decide_by else None,
            "grace_until": instant_text(decision.grace.due_at) if decision.grace else None,
            "overdue": decision.overdue,
        }
        for decision_id, decision in state.decisions.items()
    }


def proposal_rows(state: Listing) -> Rows:
    """Return removals and corrections with their deadlines: the president's queue, and what was late."""
    rows: dict[str, Mapping[str, Any]] = {}
    for removal_id, removal in state.removals.items():
        rows[removal_id] = {
            "proposal_id": removal_id,
            "kind": "REMOVAL",
            "listing_id": state.listing_id,
            "case_id": state.case_id,
            "state": removal.state,
            "ground": removal.proposal.ground,
            "due_at": instant_text(removal.proposal.due.due_at),
            "by_rule": removal.proposal.by_rule,
            "overdue": removal.overdue,
        }
    for correction_id, correction in state.corrections.items():
        rows[correction_id] = {
            "proposal_id": correction_id,
            "kind": "CORRECTION",
            "listing_id": state.listing_id,
            "case_id": state.case_id,
            "state": correction.state,
            "nature": correction.proposal.nature,
            "due_at": instant_text(correction.proposal.due.due_at),
            "by_rule": False,
            "overdue": correction.overdue,
        }
    return rows


LISTINGS: Final = View("listings", "listing", listing_rows, indexes=(("court", "status"), ("case_id",), ("party_id",)))
LISTING_DECISIONS: Final = View(
    "listing_decisions", "listing", decision_rows, indexes=(("court", "state"), ("case_id",))
)
LISTING_PROPOSALS: Final = View(
    "listing_proposals", "listing", proposal_rows, indexes=(("court", "state"), ("case_id",))
)
LISTING_VIEWS: Final = (LISTINGS, LISTING_DECISIONS, LISTING_PROPOSALS)
