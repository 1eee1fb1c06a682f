"""The money of a case as a person asks for it: what is owed and why, frozen, deducted, arrived, paid out, left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.command_center.domain.nodes import CONTROLLED
from services.command_center.domain.observation import Facts


@dataclass(frozen=True, slots=True)
class Money:
    """Figures in fen, each from the facts of the service that owns it."""

    as_of: str | None
    lines: tuple[Mapping[str, Any], ...]
    debt_fen: int
    found_fen: int
    frozen_fen: int
    """What freezes took hold of in all."""
    still_frozen_fen: int
    """What of it is neither deducted nor released."""
    deducted_fen: int
    arrived_fen: int
    paid_to_applicant_fen: int
    fee_paid_fen: int
    refunded_fen: int
    settled: bool

    @property
    def paid_out_fen(self) -> int:
        """Return all that left the case account."""
        return self.paid_to_applicant_fen + self.fee_paid_fen + self.refunded_fen

    @property
    def balance_fen(self) -> int:
        """Return what stands in the case account."""
        return self.arrived_fen - self.paid_out_fen

    @property
    def outstanding_fen(self) -> int:
        """Return what is still owed, never below zero."""
        return max(0, self.debt_fen - self.arrived_fen)


def money_of(facts: Facts) -> Money:
    """Return the figures as the facts stand."""
    debt = facts.last("payments.debt_assessed")
    frozen = _frozen_by_measure(facts)
    deducted: dict[str, int] = {}
    for answer in facts.every("asset_inquiry.deduction_answered"):
        measure = str(answer.facts["measure_id"])
        deducted[measure] = deducted.get(measure, 0) + int(answer.facts["deducted_fen"])
    released = {str(one.facts["measure_id"]) for one in facts.every("asset_inquiry.control_released")}
    still = {key: max(0, held - deducted.get(key, 0)) for key, held in frozen.items() if key not in released}
    found: dict[str, int] = {
        str(reply.facts["request_id"]): int(reply.facts.get("found_fen", 0))
        for reply in facts.every("asset_inquiry.reply_received", kind="INQUIRY", status="FINAL")
    }
    paid = dict.fromkeys(("TO_APPLICANT", "ENFORCEMENT_FEE", "REFUND_TO_PAYER"), 0)
    for payout in facts.every("payments.payout_confirmed"):
        paid[str(payout.facts["purpose"])] += int(payout.facts["amount_fen"])
    return Money(
        as_of=str(debt.facts["as_of"]) if debt else None,
        lines=tuple(debt.facts["lines"]) if debt else (),
        debt_fen=int(debt.facts["total_fen"]) if debt else 0,
        found_fen=sum(found.values()),
        frozen_fen=sum(frozen.values()),
        still_frozen_fen=sum(still.values()),
        deducted_fen=sum(deducted.values()),
        arrived_fen=sum(int(one.facts["amount_fen"]) for one in facts.every("payments.account_credited")),
        paid_to_applicant_fen=paid["TO_APPLICANT"],
        fee_paid_fen=paid["ENFORCEMENT_FEE"],
        refunded_fen=paid["REFUND_TO_PAYER"],
        settled=facts.first("payments.account_settled") is not None,
    )


def _frozen_by_measure(facts: Facts) -> dict[str, int]:
    """Return what each measure took hold of, as the agency last said."""
    return {
        str(control.facts["measure_id"]): int(control.facts["controlled_fen"])
        for control in sorted(facts.every(*CONTROLLED), key=lambda each: each.order)
    }
