"""Kinds that the facts of `intake` name."""

from __future__ import annotations

from typing import Final, Literal

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
"""Six ways to close an implementing case (R-INT-22)."""

CLOSURE_NAMES: Final[dict[str, str]] = {
    "FULLY_PERFORMED": "执行完毕",
    "CURRENT_PROCEDURE_TERMINATED": "终结本次执行程序",
    "ENFORCEMENT_TERMINATED": "终结执行",
    "CANCELLED": "销案",
    "NOT_ENFORCED": "不予执行",
    "APPLICATION_DISMISSED": "驳回申请",
}
"""The words of the documents; exactly six (执行规定 第64条)."""

CAUSE_NAMES: Final[dict[str, str]] = {
    "WAGES": "追索劳动报酬",
    "MAINTENANCE": "赡养费、扶养费、抚养费",
    "INJURY": "人身损害赔偿",
    "PENSION": "抚恤金",
    "MEDICAL_COSTS": "医疗费用",
    "LOAN": "民间借贷纠纷",
    "FINANCIAL_LOAN": "金融借款合同纠纷",
    "CREDIT_CARD": "信用卡纠纷",
    "SALE": "买卖合同纠纷",
    "LEASE": "租赁合同纠纷",
    "SERVICE": "服务合同纠纷",
    "CONSTRUCTION": "建设工程合同纠纷",
    "PROPERTY": "物权纠纷",
    "EVICTION": "排除妨害纠纷",
    "OTHER": "其他纠纷",
}
"""Causes of action that an application may name, with the words of the documents."""

ServiceMethod = Literal["DIRECT", "ELECTRONIC", "POSTAL", "LEFT_AT_PLACE", "PUBLIC_NOTICE"]
