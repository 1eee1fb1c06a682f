"""Credit repair: the court certifies that a debtor performed and was removed for it (R-CRB-34)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from libs.foundation.court_calendar import court_day
from libs.schemas.credit_blacklist.listing import CreditRepairCertified
from libs.schemas.envelope import Event
from services.credit_blacklist.domain.listing import Episode, Listing, part_id
from services.credit_blacklist.domain.listing_commands import CertifyRepair
from services.credit_blacklist.domain.listing_refusals import RepairNotEarned
from services.credit_blacklist.rules.procedure import REPAIRABLE


def certify_repair(state: Listing, command: CertifyRepair, now: datetime) -> Sequence[Event]:
    """Certify performance for who was removed because of it (R-CRB-34). Raises `RepairNotEarned`."""
    ended = check_repair(state)
    assert ended.removed_on is not None, "what is archived was removed"
    assert ended.removal_ground is not None, "what is archived was removed"
    return (
        CreditRepairCertified(
            listing_id=state.listing_id,
            certificate_id=part_id(state.listing_id, "k", len(state.certificates)),
            case_id=state.case_id,
            party_id=ended.record.party_id,
            ground=ended.removal_ground,
            removed_on=ended.removed_on,
            issued_on=court_day(now),
            addressee=command.addressee,
            certificate=command.certificate,
            issued_by=command.by,
        ),
    )


def check_repair(state: Listing) -> Episode:
    """Return the stay that ended with performance. Raises `RepairNotEarned` for any other end, or none."""
    ended = state.archive[-1] if state.archive else None
    if state.current is not None or ended is None or ended.removal_ground not in REPAIRABLE:
        raise RepairNotEarned
    return ended
