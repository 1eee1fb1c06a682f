"""Simple from complex (繁简分流): which team a case goes to, and by which letter of the rule (R-INT-30, -31)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from libs.foundation.provision import Provision, in_force
from libs.schemas.intake import TeamKind, TriageFacts

EVERY_COURT = ""

FAST_CLAIM_FEN: dict[str, tuple[Provision[int], ...]] = {
    EVERY_COURT: (Provision(5_000_000, "R-INT-31 b", "宣威市法院分流规则: 执行标的额在5万元以下", date(2024, 1, 1)),),
    "鲁1003": (Provision(10_000_000, "R-INT-34", "文登区法院: 调解案件10万元以下", date(2024, 1, 1)),),
}
"""Claims up to here go to a fast team; "以下" includes the figure (R-GEN-03). A court may have its own (R-INT-34)."""

TRIAGE = Provision("Xuanwei rule set", "R-INT-31", "宣威市法院执行案件繁简分流规则", date(2024, 1, 1))

GREEN_CAUSES: frozenset[str] = frozenset({"WAGES", "MAINTENANCE", "INJURY", "PENSION", "MEDICAL_COSTS"})
"""Livelihood cases (涉民生) that go through the green channel (R-INT-35)."""

FAST_REASONS: dict[str, str] = {
    "R-INT-31 a": "已足额采取诉讼保全措施",
    "R-INT-31 b": "执行标的额在限额以下",
    "R-INT-31 c": "分案前被执行人愿意协商还款",
    "R-INT-31 d": "被执行人有工资等可扣划收入",
    "R-INT-31 e": "行为执行的简易案件",
}
COERCIVE_REASONS: dict[str, str] = {
    "R-INT-31 disposal": "需要采取强制处置措施",
    "R-INT-31 obstruction": "涉及排除妨害",
}
ORDINARY_REASON = "R-INT-31 neither"


@dataclass(frozen=True, slots=True)
class Triaged:
    """The kind of team, the letters that decided, and whether the officer owes a risk assessment and a plan."""

    team_kind: TeamKind
    rules: tuple[str, ...]
    plan_required: bool
    version: str


def fast_claim_limit(court: str, day: date) -> Provision[int]:
    """Return the claim up to which a case is simple at this court on this day (R-INT-31 b, R-INT-34)."""
    return in_force(FAST_CLAIM_FEN.get(court, FAST_CLAIM_FEN[EVERY_COURT]), day)


def triage(facts: TriageFacts, *, court: str, day: date) -> Triaged:
    """Classify a case by R-INT-31.

    Conflict rule: coercive conditions win over b-e; a wins only where nothing has to be disposed of or removed, which
    is the same order. Neither list: an ordinary team.
    """
    limit = fast_claim_limit(court, day)
    coercive = [
        rule
        for rule, holds in zip(COERCIVE_REASONS, (facts.needs_disposal, facts.removal_of_obstruction), strict=True)
        if holds
    ]
    if coercive:
        return Triaged("COERCIVE", tuple(coercive), plan_required=True, version=TRIAGE.version)
    fast_facts = (
        facts.claim_fen <= facts.preserved_fen,
        facts.claim_fen <= limit.value,
        facts.debtor_willing,
        facts.deductible_income,
        facts.simple_act,
    )
    fast = [rule for rule, holds in zip(FAST_REASONS, fast_facts, strict=True) if holds]
    kind: TeamKind = "FAST" if fast else "ORDINARY"
    return Triaged(kind, tuple(fast) or (ORDINARY_REASON,), plan_required=False, version=TRIAGE.version)


def is_green(cause: str) -> bool:
    """Return whether a cause goes through the green channel (R-INT-35)."""
    return cause in GREEN_CAUSES
