"""What an agency can answer, return and hold: the closed lists of this service."""

from __future__ import annotations

from typing import Literal

ItemStatus = Literal[
    "ANSWERED",
    "NO_RECORD",
    "CONTROLLED",
    "PARTLY_CONTROLLED",
    "QUEUED",
    "NOT_CONTROLLED",
    "RELEASED",
    "DEDUCTED",
    "IN_PROGRESS",
    "UNKNOWN",
]
"""What an agency answers for one item; IN_PROGRESS and UNKNOWN only in PARTIAL replies."""

ReturnCode = Literal[
    "PAPER_MISSING",
    "PAPER_EMPTY",
    "PAPER_MISMATCH",
    "CREDENTIAL_MISSING",
    "CREDENTIAL_INVALID",
    "SUBJECT_MISMATCH",
    "ACCOUNT_NOT_FOUND",
    "ORIGINAL_NOT_FOUND",
    "MEASURE_UNSUPPORTED",
    "SIGNATURE_INVALID",
    "UNREADABLE",
    "DUPLICATE",
    "SYSTEM_FAILURE",
]
"""Why an agency returns a request without acting (退回)."""

MeasureState = Literal["REQUESTED", "EFFECTIVE", "PARTLY_EFFECTIVE", "QUEUED", "REFUSED", "RELEASED"]
