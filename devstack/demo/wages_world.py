"""The world of story 1: a county court, its staff, five agencies and a custodian bank. All of it is invented."""

from __future__ import annotations

from typing import Any

COURT = "云0381"
COURT_NAME = "宣威市人民法院"

DEBTOR_NUMBER = "530399198001010015"
APPLICANT_NUMBER = "53039919800101004X"

CLAIM_FEN = 500_000
INTEREST_FEN = 1_575
FEE_FEN = 5_000
DEBT_FEN = CLAIM_FEN + INTEREST_FEN + FEE_FEN

BANK_A_FEN = 320_000
BANK_B_FEN = 260_000
STRAY_FEN = 8_800

STAFF: dict[str, tuple[str, tuple[str, ...]]] = {
    "u-clerk": ("陈立案", ("filing_clerk",)),
    "u-duty": ("周值班", ("duty_officer", "case_officer")),
    "u-duty-lead": ("吴指挥", ("duty_leader", "team_leader")),
    "u-officer": ("赵承办", ("case_officer",)),
    "u-second": ("钱协办", ("case_officer",)),
    "u-leader": ("孙执行长", ("team_leader",)),
    "u-officer-2": ("郑强制", ("case_officer",)),
    "u-leader-2": ("冯组长", ("team_leader",)),
    "u-maker": ("张经办", ("fund_officer",)),
    "u-checker": ("王复核", ("fund_checker",)),
    "u-approver": ("李审批", ("fund_approver", "bureau_head")),
    "u-head": ("何局长", ("bureau_head",)),
    "u-president": ("许院长", ("president",)),
    "u-nodes": ("沈监管", ("node_supervisor",)),
}


def roster() -> dict[str, Any]:
    """Return the court's roster: officers with both credentials, teams, who is on duty."""
    return {
        "court_name": COURT_NAME,
        "officers": [
            {
                "officer_id": officer_id,
                "name": name,
                "work_permit_number": f"云宣执{number:04d}",
                "duty_permit_number": f"滇公务{number:05d}",
                "roles": list(roles),
                "phone": f"1390874{number:04d}",
            }
            for number, (officer_id, (name, roles)) in enumerate(STAFF.items(), start=1)
        ],
        "teams": [
            {
                "team_id": "fast-1",
                "name": "速执团队一",
                "kind": "FAST",
                "leader": "u-leader",
                "members": ["u-officer", "u-second"],
            },
            {
                "team_id": "coercive-1",
                "name": "强制执行团队一",
                "kind": "COERCIVE",
                "leader": "u-leader-2",
                "members": ["u-officer-2"],
            },
        ],
        "duty_officer": "u-duty",
        "duty_leader": "u-duty-lead",
        "bureau_head": "u-head",
        "president": "u-president",
        "node_supervisor": "u-nodes",
    }


FUND_ACCOUNT: dict[str, Any] = {
    "account_name": "宣威市人民法院执行款专户",
    "account_number_prefix": "5303990001",
    "bank_name": "宣威农村商业银行",
    "bank_id": "custodian",
    "fee_account": {
        "account_name": "宣威市非税收入专户",
        "account_number": "53039900019999",
        "bank_id": "custodian",
        "bank_name": "宣威农村商业银行",
    },
}

AGENCIES: dict[str, dict[str, Any]] = {
    "bank-a": {
        "name": "甲银行",
        "kind": "BANK",
        "asset_classes": ["DEPOSIT"],
        "measure_codes": ["01", "02", "04", "06"],
    },
    "bank-b": {
        "name": "乙银行",
        "kind": "BANK",
        "asset_classes": ["DEPOSIT"],
        "measure_codes": ["01", "02", "04", "06"],
    },
    "pay-firm": {
        "name": "丙支付公司",
        "kind": "PAYMENT_FIRM",
        "asset_classes": ["NET_FUND"],
        "measure_codes": ["01", "04", "06"],
    },
    "land": {
        "name": "宣威市不动产登记中心",
        "kind": "LAND_REGISTRY",
        "asset_classes": ["REAL_ESTATE"],
        "measure_codes": ["11", "12", "14"],
    },
    "vehicle": {
        "name": "曲靖市车辆管理所",
        "kind": "VEHICLE_REGISTRY",
        "asset_classes": ["VEHICLE"],
        "measure_codes": ["11", "12", "14"],
    },
}

ASSET_CLASSES = ["DEPOSIT", "NET_FUND", "REAL_ESTATE", "VEHICLE"]


def agency_simulators() -> list[dict[str, Any]]:
    """Return what each agency's simulator holds in its books and which fault of real adapters it plays."""
    return [
        {
            "agency_id": "bank-a",
            "kind": "BANK",
            "latency_minutes": [2, 4],
            "accounts": [
                {"holder_id_number": DEBTOR_NUMBER, "account_number": "6217003860001234", "balance_fen": BANK_A_FEN}
            ],
        },
        {
            "agency_id": "bank-b",
            "kind": "BANK",
            "latency_minutes": [2, 4],
            "faults": {"late_minutes": 14},
            "accounts": [
                {"holder_id_number": DEBTOR_NUMBER, "account_number": "6228480868005678", "balance_fen": BANK_B_FEN}
            ],
        },
        {"agency_id": "pay-firm", "kind": "PAYMENT_FIRM", "latency_minutes": [1, 3], "accounts": []},
        {"agency_id": "land", "kind": "LAND_REGISTRY", "latency_minutes": [3, 6], "accounts": []},
        {
            "agency_id": "vehicle",
            "kind": "VEHICLE_REGISTRY",
            "latency_minutes": [1, 2],
            "faults": {"lose_paper_once": True},
            "accounts": [],
        },
    ]


def paper(kind: str, title: str) -> dict[str, str]:
    """Return a filed paper; its hash stands for a scan that the portal keeps."""
    import hashlib  # noqa: PLC0415 -- only this invented world needs it

    return {"kind": kind, "title": title, "sha256": hashlib.sha256(f"{kind}:{title}".encode()).hexdigest()}


def application(*, complete: bool) -> dict[str, Any]:
    """Return 浦某's application; the incomplete one lacks the copy of the basis and the identity papers (R-INT-10)."""
    papers = [paper("APPLICATION", "强制执行申请书")]
    if complete:
        papers += missing_papers()
    return {
        "court_code": COURT,
        "applicants": [
            {
                "party_type": "PERSON",
                "name": "浦明远",
                "documents": [{"id_type": "RESIDENT_IDENTITY_CARD", "id_number": APPLICANT_NUMBER}],
                "phone": "13908741111",
                "address": "云南省宣威市",
                "payee_account": {
                    "account_name": "浦明远",
                    "account_number": "6217003860009999",
                    "bank_id": "bank-a",
                    "bank_name": "甲银行",
                },
            }
        ],
        "debtors": [
            {
                "party_type": "PERSON",
                "name": "李建业",
                "documents": [{"id_type": "RESIDENT_IDENTITY_CARD", "id_number": DEBTOR_NUMBER}],
                "phone": "13908742222",
                "address": "云南省宣威市",
            }
        ],
        "basis": {
            "kind": "MEDIATION_STATEMENT",
            "number": "(2026)云0381民初105号",
            "issued_by": COURT_NAME,
            "effective_on": "2026-01-28",
            "last_day_of_performance": "2026-02-12",
            "content": "被告李某于2026年2月12日前向原告浦某支付劳动报酬5000元。",
        },
        "cause": "WAGES",
        "claim_fen": CLAIM_FEN,
        "requests": "请求强制执行劳动报酬5000元及迟延履行期间的债务利息。",
        "clues": "被执行人在甲银行、乙银行有存款。",
        "papers": papers,
    }


def missing_papers() -> list[dict[str, str]]:
    """Return the papers that the first application lacked."""
    return [
        paper("BASIS_COPY", "民事调解书副本"),
        paper("APPLICANT_IDENTITY", "申请人身份证复印件"),
        paper("EFFECTIVENESS_PROOF", "生效证明"),
    ]
