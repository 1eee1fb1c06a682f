"""Vocabulary of the list: grounds, roles, statuses, kinds of consumption."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

Ground = Literal[
    "REFUSES_THOUGH_ABLE",
    "OBSTRUCTS",
    "EVADES",
    "VIOLATES_PROPERTY_REPORTING",
    "VIOLATES_CONSUMPTION_RESTRICTION",
    "BREAKS_SETTLEMENT",
]
"""The six grounds of listing, in the order of the law (R-CRB-01): 1 to 6."""

RemovalGround = Literal[
    "PERFORMED",
    "SETTLEMENT_PERFORMED",
    "APPLICANT_REQUEST",
    "NOTHING_FOUND_AFTER_TERMINATION",
    "RETRIAL_OR_BANKRUPTCY",
    "NON_ENFORCEMENT",
    "FINAL_TERMINATION",
    "TERM_ENDED",
    "ACTIVE_PERFORMANCE",
    "WRONGLY_LISTED",
    "DEBTOR_REPLACED",
    "GUARANTEE",
]
"""Why a record ends: R-CRB-10 (1)-(7), the end of its term, early removal (R-CRB-02), correction (R-CRB-12), and for
restrictions the change of a representative (R-CRB-23) and an effective guarantee (R-CRB-24)."""

Role = Literal["DEBTOR", "LEGAL_REPRESENTATIVE", "PRINCIPAL", "DIRECTLY_RESPONSIBLE", "ACTUAL_CONTROLLER"]
"""As whom a person is covered by a restriction order (R-CRB-22)."""

Performance = Literal["NONE", "PARTLY", "OTHER"]
"""How far the duty was performed: 全部未履行, 部分未履行, 其他. What is wholly performed is removed (R-CRB-08)."""

ListType = Literal["LISTING", "RESTRICTION"]
RecordStatus = Literal["LISTED", "RESTRICTED", "REMOVED"]
Change = Literal["ADDED", "UPDATED", "CORRECTED", "REMOVED"]
CorrectionNature = Literal["WRONGLY_LISTED", "INACCURATE"]

ConsumptionKind = Annotated[int, Field(ge=1, le=9)]
"""One of the nine kinds of consumption (R-CRB-21), by its number in the law."""

ListingBar = Literal["GUARANTEE", "RANKS_LATER", "NO_ABILITY", "APPLICANT_HOLDS_BACK", "CAMPUS_LOAN"]
"""What speaks against listing: sufficient effective guarantee, a debtor who ranks later, another case without ability
to perform, an applicant who asks to hold back (R-CRB-03), a full-time student's 校园贷 debt (R-CRB-05). That seized
assets suffice is reckoned from the measures and the debt."""

RecordKind = Literal["LISTING", "RESTRICTION", "PUBLICITY"]
"""Which kinds of streams of a case must hear of what happens in it."""

PaperKind = Literal[
    "LISTING_DECISION",
    "REMOVAL_DECISION",
    "CORRECTION_DECISION",
    "RESTRICTION_ORDER",
    "LIFTING_DECISION",
]
"""Papers of this room that carry a number of their case: 失信决定书, 删除决定书, 更正决定书, 限制消费令, 解除决定书."""
