"""What is owed in a case as of a day: principal, general interest, costs, doubled part, fee (R-PAY-08, R-PAY-20)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from libs.foundation.fen import FEN_MAX, round_half_up, yuan
from libs.foundation.provision import Provision
from libs.schemas.parts import MoneyLine
from libs.schemas.payments import DebtAssessed
from services.payments.domain.refusals import DebtBeyondLimit
from services.payments.rules import (
    DELAY_INTEREST,
    ENFORCEMENT_FEE,
    Claim,
    Repayment,
    doubled_part,
    enforcement_fee,
    fee_formula,
    satisfy,
)

CLAIM = Provision("what the basis says", "R-INT-08", "执行依据", date(2021, 1, 1))


@dataclass(frozen=True, slots=True)
class DebtBasis:
    """What the debt is computed from; sums in fen, the end of the performance period, suspensions (R-PAY-20)."""

    principal_fen: int
    last_day_of_performance: date
    general_interest_fen: int = 0
    costs_fen: int = 0
    suspended: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True, slots=True)
class Recovery:
    """Money that came in for the case on a (Shanghai) value day."""

    amount_fen: int
    value_day: date


@dataclass(frozen=True, slots=True)
class Debt:
    """The debt as of a day. `total_fen` is what the debtor owes in all, before anything that came in is taken off."""

    as_of: date
    lines: tuple[MoneyLine, ...]
    principal_fen: int
    interest_fen: int
    fee_fen: int

    @property
    def total_fen(self) -> int:
        """Principal with costs, interest of both kinds, and the fee."""
        return self.principal_fen + self.interest_fen + self.fee_fen

    @property
    def claim_fen(self) -> int:
        """What the applicant is owed: all but the fee."""
        return self.principal_fen + self.interest_fen

    def event(self, case_id: str) -> DebtAssessed:
        """Return the fact that says this."""
        return DebtAssessed(
            case_id=case_id,
            as_of=self.as_of,
            lines=self.lines,
            principal_fen=self.principal_fen,
            interest_fen=self.interest_fen,
            fee_fen=self.fee_fen,
            total_fen=self.total_fen,
        )


def assess(basis: DebtBasis, recoveries: Sequence[Recovery], as_of: date) -> Debt:
    """Return the debt as of a day, each line with formula and article.

    Money that came in satisfies costs, general interest, then principal (R-PAY-14), and what it satisfies of the
    principal bears no interest from its value day on. The doubled part is rounded once, at the end (R-GEN-04). Raises
    `DebtBeyondLimit` if the total cannot be stated.
    """
    exact, steps = doubled_part(
        basis.principal_fen,
        basis.last_day_of_performance,
        as_of,
        _principal_repayments(basis, recoveries),
        basis.suspended,
    )
    doubled = round_half_up(exact)
    fee_base = basis.principal_fen + basis.general_interest_fen + basis.costs_fen
    fee = enforcement_fee(fee_base)
    if fee_base + doubled + fee > FEN_MAX:
        raise DebtBeyondLimit(field="as_of")
    lines = [
        _line("PRINCIPAL", basis.principal_fen, yuan(basis.principal_fen), CLAIM),
        _line("GENERAL_INTEREST", basis.general_interest_fen, yuan(basis.general_interest_fen), CLAIM),
        _line("COSTS", basis.costs_fen, yuan(basis.costs_fen), CLAIM),
        _line("DOUBLED_PART", doubled, " + ".join(steps) or "0.00", DELAY_INTEREST),
        _line("ENFORCEMENT_FEE", fee, fee_formula(fee_base), ENFORCEMENT_FEE),
    ]
    return Debt(
        as_of=as_of,
        # What the document does not fix is not shown as a zero: a reader would look for its reason.
        lines=tuple(
            line
            for line in lines
            if line.amount_fen > 0 or line.code in {"PRINCIPAL", "DOUBLED_PART", "ENFORCEMENT_FEE"}
        ),
        principal_fen=basis.principal_fen + basis.costs_fen,
        interest_fen=basis.general_interest_fen + doubled,
        fee_fen=fee,
    )


def _principal_repayments(basis: DebtBasis, recoveries: Sequence[Recovery]) -> list[Repayment]:
    claim = Claim(basis.costs_fen, basis.general_interest_fen, basis.principal_fen, 0)
    repayments = []
    for recovery in sorted(recoveries, key=lambda item: item.value_day):
        paid = satisfy(claim, recovery.amount_fen)
        claim = Claim(
            claim.costs_fen - paid.costs_fen,
            claim.general_interest_fen - paid.general_interest_fen,
            claim.principal_fen - paid.principal_fen,
            0,
        )
        if paid.principal_fen:
            repayments.append(Repayment(paid.principal_fen, recovery.value_day))
    return repayments


def _line(code: str, amount_fen: int, formula: str, provision: Provision[Any]) -> MoneyLine:
    return MoneyLine(
        code=code,
        amount_fen=amount_fen,
        formula=formula,
        rule=provision.rule,
        article=provision.article,
        rule_version=provision.version,
    )
