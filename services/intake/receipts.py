"""What the court signs: the filing receipt (立案回执) and the seal of a document (R-GEN-07)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from libs.foundation.canonical import sha256_hex
from libs.foundation.clock import instant_text
from libs.foundation.errors import Transient
from libs.schemas.intake import ApplicationReceived, CaseNumberBound, DocumentDrafted


class SigningKeyMissing(Transient):
    """The service has no signing key, so it can sign neither receipts nor seals. Give it one; nothing is lost."""

    code = "signing_key_missing"
    title = "The service has no signing key"


def filing_receipt(received: ApplicationReceived, bound: CaseNumberBound, court_name: str) -> dict[str, Any]:
    """Return the payload of the filing receipt: what was filed, when, and under which number. No personal data."""
    return {
        "kind": "FILING_RECEIPT",
        "court": received.court,
        "court_name": court_name,
        "application_id": received.application_id,
        "case_id": bound.case_id,
        "case_number": bound.case_number,
        "received_at": instant_text(received.received_at) if received.received_at else None,
        "claim_fen": received.claim_fen,
        "basis_sha256": sha256_hex(received.basis.model_dump_json().encode()),
        "papers": sorted(paper.sha256 for paper in received.papers),
        "applicants": [party.party_id for party in received.applicants],
        "debtors": [party.party_id for party in received.debtors],
    }


def document_seal(draft: DocumentDrafted, court: str, approver: str, at: datetime) -> dict[str, Any]:
    """Return the payload of a seal: it binds approver, level and number to the hash of the text."""
    return {
        "kind": "DOCUMENT_SEAL",
        "court": court,
        "case_id": draft.case_id,
        "document_id": draft.document_id,
        "document_kind": draft.kind,
        "number": draft.number,
        "title": draft.title,
        "sha256": draft.sha256,
        "approved_by": approver,
        "approval_level": draft.approval_level,
        "approved_at": instant_text(at),
    }
