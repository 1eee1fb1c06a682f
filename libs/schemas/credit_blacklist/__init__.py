"""Facts of `credit_blacklist`: listing and restriction, and what the joint-punishment feed says about itself."""

from libs.schemas.credit_blacklist.copies import PersonRecorded
from libs.schemas.credit_blacklist.kinds import (
    Change,
    ConsumptionKind,
    CorrectionNature,
    Ground,
    ListType,
    Performance,
    RecordStatus,
    RemovalGround,
    Role,
)
from libs.schemas.credit_blacklist.record import Basis, Correction, FeedRecord, Removal, Suspension

__all__ = [
    "Basis",
    "Change",
    "ConsumptionKind",
    "Correction",
    "CorrectionNature",
    "FeedRecord",
    "Ground",
    "ListType",
    "Performance",
    "PersonRecorded",
    "RecordStatus",
    "Removal",
    "RemovalGround",
    "Role",
    "Suspension",
]
