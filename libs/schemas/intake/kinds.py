"""Kinds that the facts of `intake` name."""

from __future__ import annotations

from typing import Literal

TeamKind = Literal["FAST", "COERCIVE", "ORDINARY"]
"""速执团队, 强制执行团队, 普通团队 (R-INT-31)."""

BasisKind = Literal[
    "JUDGMENT",
    "RULING",
    "MEDIATION_STATEMENT",
    "PAYMENT_ORDER",
    "ARBITRAL_AWARD",
    "NOTARISED_DEBT_DOCUMENT",
    "ADMINISTRATIVE_DECISION",
    "RECOGNISED_FOREIGN_JUDGMENT",
    "OTHER",
]
"""Kinds of enforcement basis (R-INT-08)."""

ClosureKind = Literal[
    "FULLY_PERFORMED",
    "CURRENT_PROCEDURE_TERMINATED",
    "ENFORCEMENT_TERMINATED",
    "CANCELLED",
    "NOT_ENFORCED",
    "APPLICATION_DISMISSED",
]
"""Six ways to close an implementing case (R-INT-22): 执行完毕, 终结本次执行程序, 终结执行, 销案, 不予执行, 驳回申请."""

ServiceMethod = Literal["DIRECT", "ELECTRONIC", "POSTAL", "LEFT_AT_PLACE", "PUBLIC_NOTICE"]
