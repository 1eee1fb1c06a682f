"""Code systems of the protocol: returns, acknowledgements, identity documents; our names beside the real numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from libs.schemas.parts import IdType, RequestKind

AcknowledgementCode = Literal["ACCEPTED", "SIGNATURE_WRONG", "UNREADABLE", "PAPER_MISSING", "PAPER_DIFFERS"]

ACKNOWLEDGEMENTS: Final[dict[AcknowledgementCode, str]] = {
    "ACCEPTED": "30000",
    "SIGNATURE_WRONG": "30001",
    "UNREADABLE": "30002",
    "PAPER_MISSING": "30003",
    "PAPER_DIFFERS": "30004",
}
"""Receipts on arrival, with the numbers of the regulator's receipt list."""


@dataclass(frozen=True, slots=True)
class ReturnRule:
    """What the court does with a request that came back: ask again by itself, or take it as a refusal."""

    reissue: bool
    meaning: str


RETURNS: Final = {
    "PAPER_MISSING": ReturnRule(reissue=True, meaning="无文书"),
    "PAPER_EMPTY": ReturnRule(reissue=True, meaning="文书内容为空"),
    "PAPER_MISMATCH": ReturnRule(reissue=True, meaning="文书与请求不符"),
    "CREDENTIAL_MISSING": ReturnRule(reissue=True, meaning="无证件"),
    "CREDENTIAL_INVALID": ReturnRule(reissue=True, meaning="证件无效"),
    "SIGNATURE_INVALID": ReturnRule(reissue=True, meaning="签名无效"),
    "UNREADABLE": ReturnRule(reissue=True, meaning="无法解析"),
    "SYSTEM_FAILURE": ReturnRule(reissue=True, meaning="系统处理异常"),
    "SUBJECT_MISMATCH": ReturnRule(reissue=False, meaning="账号与被控制人证件信息不匹配"),
    "ACCOUNT_NOT_FOUND": ReturnRule(reissue=False, meaning="查无账户信息"),
    "ORIGINAL_NOT_FOUND": ReturnRule(reissue=False, meaning="无原冻结请求信息"),
    "MEASURE_UNSUPPORTED": ReturnRule(reissue=False, meaning="暂不支持该控制措施"),
    "DUPLICATE": ReturnRule(reissue=False, meaning="重复请求"),
}
"""Return codes (退回). What the court can cure by sending papers, credentials and signature afresh is reissued."""

ATTEMPTS_MAX: Final = 3
"""How often one request is sent by the court itself, the first time included; then an officer decides."""

ID_TYPE_NUMBERS: Final[dict[IdType, str]] = {
    "RESIDENT_IDENTITY_CARD": "01",
    "PASSPORT": "03",
    "UNIFIED_SOCIAL_CREDIT_CODE": "20",
    "OTHER": "99",
}
"""The court's numbers of identity documents (证件类型). The telecom list uses the same numbers with other meanings."""

ID_TYPE_NUMBERS_TELECOM: Final[dict[IdType, str]] = {
    "RESIDENT_IDENTITY_CARD": "01",
    "PASSPORT": "03",
    "OTHER": "99",
}
"""The telecom channel's numbers: a code system of its own, never mixed with the court's (02, 04-07 collide)."""

ID_TYPE_ORDER: Final[tuple[IdType, ...]] = ("RESIDENT_IDENTITY_CARD", "UNIFIED_SOCIAL_CREDIT_CODE", "PASSPORT", "OTHER")
"""Which document an agency is given where a party has several: what it needs to find the person, and no more."""

CONTROL_KINDS: Final[frozenset[RequestKind]] = frozenset({"FREEZE", "RENEW", "RELEASE", "DEDUCT"})


def queue_rank(kind: RequestKind, urgency: str) -> int:
    """Return the place of a request in its agency's queue: controls before inquiries, urgent before normal."""
    return (0 if kind in CONTROL_KINDS else 2) + (0 if urgency == "URGENT" else 1)
