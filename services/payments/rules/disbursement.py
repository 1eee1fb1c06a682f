"""The disbursement clock: how long money may stand in a case account (R-PAY-04)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from libs.foundation.court_calendar import Deadline, after_days, after_working_days, court_day
from libs.foundation.provision import Provision
from libs.schemas.parts import Due

DISBURSEMENT = Provision(
    "disbursement clock", "R-PAY-04", "法发〔2017〕6号 第10条; 法〔2021〕322号", date(2021, 12, 22)
)

NOTICE_WORKING_DAYS = 10
"""The enforcement department sends the payment notice to finance within these working days of arrival."""

FINANCE_WORKING_DAYS = 5
"""Finance pays within these working days of the notice."""

OUTER_LIMIT_DAYS = 30
"""Everything is settled and paid within these days of the officer's receipt of the arrival notice, the arrival day by
default."""


@dataclass(frozen=True, slots=True)
class DisbursementClock:
    """The three deadlines of one incoming payment."""

    payment_notice: Due
    payout: Due
    outer_limit: Due


def disbursement_clock(arrived_at: datetime) -> DisbursementClock:
    """Return the deadlines that run from the Shanghai day of `arrived_at`, each with its reason."""
    day = court_day(arrived_at)
    total = NOTICE_WORKING_DAYS + FINANCE_WORKING_DAYS
    return DisbursementClock(
        payment_notice=_due(
            after_working_days(day, NOTICE_WORKING_DAYS),
            f"到账日 {day} 之后第 {NOTICE_WORKING_DAYS} 个工作日：执行部门向财务部门发出支付通知的期限",
        ),
        payout=_due(
            after_working_days(day, total),
            f"到账日 {day} 之后第 {total} 个工作日：通知与支付合计的发放期限",
        ),
        outer_limit=_due(
            after_days(day, OUTER_LIMIT_DAYS),
            f"到账日 {day} 次日起 {OUTER_LIMIT_DAYS} 日，末日为休息日的顺延：核算、通知、发放完毕的最长期限",
        ),
    )


def _due(deadline: Deadline, explanation: str) -> Due:
    return Due.of(deadline, rule=DISBURSEMENT.version, explanation=explanation)
