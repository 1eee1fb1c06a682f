"""What a control order brings: papers (R-INQ-04), two officers (R-INQ-05), amounts (R-INQ-20), a term (R-INQ-10)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from libs.foundation.court_calendar import term_end
from libs.foundation.provision import Provision
from libs.schemas.parts import DocumentKind, RequestKind

CONTROL_PAPERS = Provision("papers", "R-INQ-04", "法释〔2013〕20号 第3条; 民事诉讼法(2023) 第253条", date(2024, 1, 1))

REQUIRED_PAPERS: dict[RequestKind, tuple[DocumentKind, ...]] = {
    "INQUIRY": ("ASSISTANCE_QUERY_NOTICE",),
    "FREEZE": ("FREEZE_RULING", "ASSISTANCE_FREEZE_NOTICE"),
    "RENEW": ("FREEZE_RULING", "ASSISTANCE_FREEZE_NOTICE"),
    "RELEASE": ("RELEASE_RULING", "ASSISTANCE_RELEASE_NOTICE"),
    "DEDUCT": ("DEDUCTION_RULING", "ASSISTANCE_DEDUCTION_NOTICE"),
}

OFFICERS_MIN = Provision(2, "R-INQ-05", "双人双证; 民事诉讼法(2023) 第239条", date(2024, 1, 1))

MONEY_TOLERANCE_PERCENT = Provision(
    0, "R-INQ-20", "查封规定 第19条; 财产保全规定 第15条: 冻结存款应明确数额", date(2021, 1, 1)
)
"""How far frozen money may exceed what is owed: not at all, because a freeze of deposits names an exact amount."""

TERM_MONTHS_MAX = Provision(
    36, "R-INQ-10", "民诉法解释 第485条: 存款一年, 动产二年, 不动产及其他财产权三年", date(2022, 4, 10)
)
"""The longest term of any asset class. Which class an asset is knows asset_inquiry, which applies the class's own."""


def missing_papers(kind: RequestKind, given: Iterable[DocumentKind]) -> tuple[DocumentKind, ...]:
    """Return the kinds of paper that an order of this kind still needs."""
    have = set(given)
    return tuple(paper for paper in REQUIRED_PAPERS[kind] if paper not in have)


def longest_term(term_from: date) -> date:
    """Return the last day to which anything may be held from `term_from` on."""
    return term_end(term_from, TERM_MONTHS_MAX.value)


def freeze_limit(owed_fen: int) -> int:
    """Return how much money may be frozen at most for what is owed."""
    return owed_fen + owed_fen * MONEY_TOLERANCE_PERCENT.value // 100
