"""Deadlines of listing, removal, correction and review, each with its reason (R-CRB-06, -07, -10, -12)."""

from __future__ import annotations

from datetime import date
from typing import Final

from libs.foundation.court_calendar import after_days, after_months, after_working_days
from libs.foundation.provision import Provision
from libs.schemas.credit_blacklist import RemovalGround
from libs.schemas.parts import Due

DECISION_DAYS: Final = Provision(15, "R-CRB-06", "失信规定(2017) 第5条", date(2017, 5, 1))
GRACE_MONTHS: Final = Provision((1, 3), "R-CRB-07", "法发〔2019〕35号 第15条", date(2019, 12, 16))
REMOVAL_WORKING_DAYS: Final = Provision(3, "R-CRB-10", "失信规定(2017) 第10条", date(2017, 5, 1))
CORRECTION_WORKING_DAYS: Final = Provision(3, "R-CRB-12", "失信规定(2017) 第9条、第12条", date(2017, 5, 1))
EXAMINATION_DAYS: Final = Provision(15, "R-CRB-12", "失信规定(2017) 第12条", date(2017, 5, 1))
REVIEW_REQUEST_DAYS: Final = Provision(10, "R-CRB-12", "失信规定(2017) 第12条", date(2017, 5, 1))
REVIEW_DAYS: Final = Provision(15, "R-CRB-12", "失信规定(2017) 第12条", date(2017, 5, 1))

UNTERMED_GROUNDS: Final[frozenset[RemovalGround]] = frozenset(
    {
        "PERFORMED",
        "SETTLEMENT_PERFORMED",
        "APPLICANT_REQUEST",
        "NOTHING_FOUND_AFTER_TERMINATION",
        "RETRIAL_OR_BANKRUPTCY",
        "NON_ENFORCEMENT",
        "FINAL_TERMINATION",
    }
)
"""The seven grounds of R-CRB-10: they end listings without a term."""

TERMED_GROUNDS: Final[frozenset[RemovalGround]] = frozenset({"ACTIVE_PERFORMANCE"})
"""What may end a listing with a term early (失信规定 Art 2); its end itself needs no proposal."""

PAPER_GROUNDS: Final[frozenset[RemovalGround]] = frozenset(
    {"SETTLEMENT_PERFORMED", "APPLICANT_REQUEST", "RETRIAL_OR_BANKRUPTCY", "NON_ENFORCEMENT", "FINAL_TERMINATION"}
)
"""Grounds that stand on a paper: the written request, the record of performance, the ruling."""

QUERIES_AFTER_TERMINATION: Final = Provision(2, "R-CRB-10", "失信规定(2017) 第10条第1款第4项", date(2017, 5, 1))
"""How many network queries after 终本 must have found nothing."""

REPAIRABLE: Final[frozenset[RemovalGround]] = frozenset({"PERFORMED", "SETTLEMENT_PERFORMED", "ACTIVE_PERFORMANCE"})
"""Removals after performance, for which a credit repair certificate may be given (R-CRB-34)."""


def decision_due(applied_on: date) -> Due:
    """Return until when the court decides about an application to list (R-CRB-06)."""
    days = DECISION_DAYS.value
    return Due.of(
        after_days(applied_on, days),
        rule=DECISION_DAYS.version,
        explanation=f"申请日 {applied_on} 次日起 {days} 日内审查并作出是否纳入失信名单的决定",
    )


def grace_due(decided_on: date, months: int) -> Due:
    """Return the end of the grace period; until then nothing is published (R-CRB-07)."""
    return Due.of(
        after_months(decided_on, months),
        rule=GRACE_MONTHS.version,
        explanation=f"决定日 {decided_on} 次日起 {months} 个月宽限期，期满未履行的发布失信信息",
    )


def removal_due(occurred_on: date) -> Due:
    """Return until when information is deleted after a ground for it occurred (R-CRB-10)."""
    days = REMOVAL_WORKING_DAYS.value
    return Due.of(
        after_working_days(occurred_on, days),
        rule=REMOVAL_WORKING_DAYS.version,
        explanation=f"删除事由发生日 {occurred_on} 之后第 {days} 个工作日：删除失信信息的期限",
    )


def correction_due(found_on: date) -> Due:
    """Return until when a wrong entry is revoked or corrected (R-CRB-12)."""
    days = CORRECTION_WORKING_DAYS.value
    return Due.of(
        after_working_days(found_on, days),
        rule=CORRECTION_WORKING_DAYS.version,
        explanation=f"查明日 {found_on} 之后第 {days} 个工作日：撤销或更正失信信息的期限",
    )


def examination_due(received_on: date) -> Due:
    """Return until when the court examines a written request for correction (R-CRB-12)."""
    days = EXAMINATION_DAYS.value
    return Due.of(
        after_days(received_on, days),
        rule=EXAMINATION_DAYS.version,
        explanation=f"收到书面纠正申请之日 {received_on} 次日起 {days} 日内审查",
    )


def review_request_due(served_on: date) -> Due:
    """Return until when a rejected request may be taken to the next higher court (R-CRB-12)."""
    days = REVIEW_REQUEST_DAYS.value
    return Due.of(
        after_days(served_on, days),
        rule=REVIEW_REQUEST_DAYS.version,
        explanation=f"驳回决定送达日 {served_on} 次日起 {days} 日内可向上一级法院申请复议",
    )


def review_due(received_on: date) -> Due:
    """Return until when the higher court decides about the review (R-CRB-12)."""
    days = REVIEW_DAYS.value
    return Due.of(
        after_days(received_on, days),
        rule=REVIEW_DAYS.version,
        explanation=f"收到复议申请之日 {received_on} 次日起 {days} 日内作出决定",
    )
