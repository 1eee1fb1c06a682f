"""Who may be paid, and who may say so (R-PAY-07)."""

from __future__ import annotations

from datetime import date

from services.payments.rules.provision import Provision

PAYEE_CONTROL = Provision("R-PAY-07", "法发〔2017〕6号 第11条至第13条", date(2017, 5, 1))

MAKER_ROLE = "fund_officer"
CHECKER_ROLE = "fund_checker"
APPROVER_ROLE = "fund_approver"
"""Three steps, three roles, three different people: nobody moves money alone."""
