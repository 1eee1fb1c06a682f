"""Read models: one per question that people ask. Each row is a function of one stream's state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from libs.journal import View
from services.intake.domain.case import Case
from services.intake.domain.document import Document

Rows = Mapping[str, Mapping[str, Any]]


def case_rows(state: Case) -> Rows:
    """Which cases are there, where do they stand, who acts in them?"""
    registered = state.registration
    if registered is None:
        return {}
    return {
        registered.case_id: {
            "case_id": registered.case_id,
            "case_number": registered.case_number,
            "court_code": registered.court,
            "status": state.status,
            "applicants": [party.display_name for party in registered.applicants],
            "debtors": [party.display_name for party in registered.debtors],
            "cause": registered.cause,
            "claim_fen": registered.claim_fen,
            "green_channel": registered.green_channel,
            "filed_on": registered.filed_on.isoformat(),
            "acting_officer": state.acting_officer.officer_id,
            "acting_leader": state.acting_leader.officer_id,
        }
    }


def document_rows(state: Document) -> Rows:
    """Which documents does a case have, and which wait for whose signature?"""
    draft = state.drafted
    if draft is None:
        return {}
    return {
        draft.document_id: {
            "document_id": draft.document_id,
            "case_id": draft.case_id,
            "kind": draft.kind,
            "number": draft.number,
            "title": draft.title,
            "state": state.state,
            "approver": draft.approver,
            "served_on": [service.party.party_id for service in state.services],
        }
    }


def closure_rows(state: Case) -> Rows:
    """Which proposals to close wait for whose signature?"""
    registered = state.registration
    if registered is None:
        return {}
    return {
        closure.proposed.closure_id: {
            "closure_id": closure.proposed.closure_id,
            "case_id": registered.case_id,
            "case_number": registered.case_number,
            "kind": closure.proposed.kind,
            "approver": closure.proposed.approver,
            "state": "PROPOSED" if closure.decided is None else closure.decided.NAME.removeprefix("closure_").upper(),
        }
        for closure in state.closures
    }


CASES = View("cases", "case", case_rows, indexes=(("case_number",), ("court", "status"), ("acting_officer", "status")))
DOCUMENTS = View("documents", "document", document_rows, indexes=(("case_id",), ("approver", "state")))
CLOSURES = View("closures", "case", closure_rows, indexes=(("approver", "state"),))

VIEWS: tuple[View[Any], ...] = (CASES, DOCUMENTS, CLOSURES)
