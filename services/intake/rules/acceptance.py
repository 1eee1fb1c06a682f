"""The five conditions of acceptance (R-INT-09), and the limitation that warns and never refuses (R-INT-12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from libs.foundation.court_calendar import after_months
from libs.foundation.provision import Provision
from libs.schemas.intake import EnforcementBasis

ACCEPTANCE = Provision("five conditions", "R-INT-09", "执行规定(试行) 第16条; 民诉法解释 第461条", date(2021, 1, 1))

# Condition (5) is the clerk's finding by R-INT-11: a court's document is enforced by the court of first instance or its
# peer where property lies, any other document where the debtor lives or the property lies.
CONDITIONS: dict[int, str] = {
    1: "申请执行的法律文书已经生效",
    2: "申请执行人是生效法律文书确定的权利人或其继承人、权利承受人",
    3: "申请执行的法律文书有给付内容, 且执行标的和被执行人明确",
    4: "义务人在生效法律文书确定的期限内未履行义务",
    5: "属于受申请执行的人民法院管辖",
}

LIMITATION_MONTHS = Provision(24, "R-INT-12", "民事诉讼法(2023) 第250条", date(2024, 1, 1))


@dataclass(frozen=True, slots=True)
class Findings:
    """What the filing clerk found. Condition (4) is computed and not asked; (1) is checked against the date as well."""

    document_effective: bool
    applicant_entitled: bool
    content_clear: bool
    has_jurisdiction: bool


def failed_conditions(findings: Findings, basis: EnforcementBasis, today: date) -> tuple[int, ...]:
    """Return the numbers of the conditions that do not hold on `today`.

    (4) holds from the day after the last day of performance: on the last day the debtor may still perform in time.
    """
    holds = {
        1: findings.document_effective and basis.effective_on <= today,
        2: findings.applicant_entitled,
        3: findings.content_clear,
        4: today > basis.last_day_of_performance,
        5: findings.has_jurisdiction,
    }
    return tuple(number for number, holding in holds.items() if not holding)


def conditions_text(numbers: tuple[int, ...]) -> str:
    """Return the failing conditions in the law's words."""
    return "; ".join(f"({number}) {CONDITIONS[number]}" for number in numbers)


def limitation_end(basis: EnforcementBasis) -> date:
    """Return the last day of the two years (R-INT-12), without interruptions, which only the parties can show."""
    return after_months(basis.last_day_of_performance, LIMITATION_MONTHS.value).day
