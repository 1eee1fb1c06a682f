"""Ways to close a case (R-INT-22) and what each asks before it (R-INT-23, R-INT-27)."""

from __future__ import annotations

from datetime import date

from libs.foundation.court_calendar import add_months
from libs.foundation.provision import Provision
from libs.schemas.intake import ClosureKind

CLOSING = Provision("guards", "R-INT-27", "执行规定(试行) 第64条; 法发〔2017〕6号 第10、16条", date(2021, 1, 1))

MAY_REAPPLY: frozenset[ClosureKind] = frozenset({"ENFORCEMENT_TERMINATED", "CANCELLED", "APPLICATION_DISMISSED"})
"""After these the same basis may be filed again (CPLI Art 518, ENF 64); after 终本 the case itself is resumed."""

CURRENT_PROCEDURE_MONTHS = Provision(
    3, "R-INT-23", "法〔2016〕373号 第1条第4项: 自立案之日起超过三个月", date(2016, 12, 1)
)


def current_procedure_may_end(filed_on: date, today: date) -> bool:
    """Return whether strictly more than three months have passed since filing: 2025-03-10 → from 2025-06-11 on."""
    return today > add_months(filed_on, CURRENT_PROCEDURE_MONTHS.value)
