"""The credit repair certificate (信用修复证明): what the court seals for a debtor who performed (R-CRB-34)."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from libs.evidence import Signer
from libs.foundation.errors import Transient
from services.credit_blacklist.domain.listing import Episode, Listing

TYP: Final = "zhixing-credit-repair+jws"


class SealMissing(Transient):
    """The service has no signing key, so it can seal nothing. Give it one; nothing is lost."""

    code = "certificate_key_missing"
    title = "The service has no key to seal certificates with"


def repair_certificate(state: Listing, ended: Episode, addressee: str, issued_on: date) -> dict[str, Any]:
    """Return the payload of the certificate: which listing ended, when, and because the duty was performed."""
    record = ended.record
    return {
        "kind": "CREDIT_REPAIR_CERT",
        "court": record.court,
        "court_name": record.court_name,
        "case_id": record.case_id,
        "case_number": record.case_number,
        "listing_id": state.listing_id,
        "party_id": record.party_id,
        "removed_on": ended.removed_on.isoformat() if ended.removed_on else None,
        "removal_ground": ended.removal_ground,
        "issued_on": issued_on.isoformat(),
        "addressee": addressee,
    }


async def signed_certificate(signer: Signer | None, payload: dict[str, Any]) -> str:
    """Return the certificate as a compact JWS. Raises `SealMissing` (503)."""
    if signer is None:
        raise SealMissing
    return await signer.sign(payload, typ=TYP)
