"""The world of story 2: a court in the west of Beijing, its staff, three debtors, five subscribers. All is invented."""

from __future__ import annotations

from typing import Any

from devstack.demo.wages_world import paper

COURT = "京0107"
COURT_NAME = "北京市石景山区人民法院"
COURT_PHONE = "010-68860107"

CLAIM_FEN = 10_000_000
DELAY_FEN = 194_250
FEE_FEN = 140_000
DEBT_FEN = CLAIM_FEN + DELAY_FEN + FEE_FEN
"""103,342.50 yuan: 111 days after the last day of performance (R-PAY-20, case A) and the fee (R-PAY-08)."""

IDENTITY = "RESIDENT_IDENTITY_CARD"
CREDIT_CODE = "UNIFIED_SOCIAL_CREDIT_CODE"

DEBTOR = ("秦守业", IDENTITY, "110199197503120034")
FIRM = ("北京西麓贸易有限公司", CREDIT_CODE, "91110199MA01QX3K2W")
REPRESENTATIVE = ("罗文涛", IDENTITY, "110199196907180055")
CONTROLLER = ("高启帆", IDENTITY, "110199197204050021")
WRONGLY_LISTED = ("田志国", IDENTITY, "110199196611200010")
UNMOVED = ("盛和顺", IDENTITY, "110199197908230039")
"""He is listed, and is listed still when the story ends: the last list is not the empty one."""

STAFF: dict[str, tuple[str, tuple[str, ...]]] = {
    "u-clerk": ("梁立案", ("filing_clerk",)),
    "u-duty": ("石值班", ("duty_officer", "case_officer")),
    "u-duty-lead": ("古指挥", ("duty_leader", "team_leader")),
    "u-officer": ("范承办", ("case_officer",)),
    "u-second": ("邵协办", ("case_officer",)),
    "u-leader": ("崔执行长", ("team_leader",)),
    "u-maker": ("段经办", ("fund_officer",)),
    "u-checker": ("侯复核", ("fund_checker",)),
    "u-approver": ("龙审批", ("fund_approver", "bureau_head")),
    "u-head": ("万局长", ("bureau_head",)),
    "u-president": ("方院长", ("president",)),
    "u-nodes": ("贺监管", ("node_supervisor",)),
}

TEAM = "ordinary-1"

FUND_ACCOUNT: dict[str, Any] = {
    "account_name": "北京市石景山区人民法院执行款专户",
    "account_number_prefix": "1101990107",
    "bank_name": "西山农村商业银行",
    "bank_id": "custodian",
    "fee_account": {
        "account_name": "石景山区非税收入专户",
        "account_number": "11019901079999",
        "bank_id": "custodian",
        "bank_name": "西山农村商业银行",
    },
}

SUBSCRIBERS: dict[str, dict[str, Any]] = {
    "air-1": {"title": "燕翎航空", "view": "air", "way": "pull"},
    "rail-1": {"title": "京原铁路客运", "view": "rail", "way": "stream"},
    "bank-x": {"title": "西山农村商业银行", "view": "finance", "way": "deltas", "lasting": True},
    "land-1": {"title": "石景山区不动产登记中心", "view": "land", "way": "entries"},
    "travel-1": {"title": "永定河文旅集团", "view": "market", "way": "pull"},
}
"""Who reads the list, which view of it, and by which of the four ways."""

SLEEPER = "travel-1"
"""It registers, and sleeps until everything is over."""

LISTINGS, RESTRICTIONS = 3, 6
"""Three men are listed; they, the firm, its representative and its controller are restricted."""

RESTRICTIONS_ONLY = frozenset({"air", "rail"})
"""Views whose agencies are told who is restricted, and not who is listed."""

LEFT = {"air": 1, "rail": 1, "finance": 2, "land": 2, "market": 2}
"""How many entries each view has at the end: the man who did not move."""

AIR_TICKET = "7.1.AIR"
RAIL_TICKET = "7.1.HIGH_SPEED"
LOAN = "5.3"
LAND_PURCHASE = "6.1.LAND"
HOTEL = "7.2"


def roster() -> dict[str, Any]:
    """Return the court's roster."""
    return {
        "court_name": COURT_NAME,
        "officers": [
            {
                "officer_id": officer_id,
                "name": name,
                "work_permit_number": f"京石执{number:04d}",
                "duty_permit_number": f"京公务{number:05d}",
                "roles": list(roles),
                "phone": f"1391010{number:04d}",
            }
            for number, (officer_id, (name, roles)) in enumerate(STAFF.items(), start=1)
        ],
        "teams": [
            {
                "team_id": TEAM,
                "name": "执行团队一",
                "kind": "ORDINARY",
                "leader": "u-leader",
                "members": ["u-officer", "u-second"],
            }
        ],
        "duty_officer": "u-duty",
        "duty_leader": "u-duty-lead",
        "bureau_head": "u-head",
        "president": "u-president",
        "node_supervisor": "u-nodes",
    }


def _party(person: tuple[str, str, str], phone: str, **more: Any) -> dict[str, Any]:
    name, id_type, number = person
    return {
        "name": name,
        "party_type": "ORGANISATION" if id_type == CREDIT_CODE else "PERSON",
        "documents": [{"id_type": id_type, "id_number": number}],
        "phone": phone,
        "address": "北京市石景山区",
    } | more


def application() -> dict[str, Any]:
    """Return 郑惠兰's application: a loan of 100,000.00, due on 2024-03-11 from a man and his firm together."""
    account = {
        "account_name": "郑惠兰",
        "account_number": "6217001070007788",
        "bank_id": "bank-x",
        "bank_name": "西山农村商业银行",
    }
    applicant = _party(("郑惠兰", IDENTITY, "110199198809260042"), "13910101111", payee_account=account)
    debtors = [_party(DEBTOR, "13910102222"), _party(FIRM, "13910103333")]
    content = "被告秦守业、北京西麓贸易有限公司于2024年3月11日前共同偿还原告郑惠兰借款100000元。"
    return _application(applicant, debtors, "(2024)京0107民初208号", "2024-03-11", "LOAN", CLAIM_FEN, content)


def small_application() -> dict[str, Any]:
    """Return 冯玉梅's application: rent of 8,000.00, owed by two men; one of them will be listed by mistake."""
    applicant = _party(("冯玉梅", IDENTITY, "110199198506110063"), "13910104444")
    content = "被告田志国、盛和顺于2024年3月8日前支付原告冯玉梅租金8000元。"
    return _application(
        applicant,
        [_party(WRONGLY_LISTED, "13910105555"), _party(UNMOVED, "13910106666")],
        "(2024)京0107民初131号",
        "2024-03-08",
        "LEASE",
        800_000,
        content,
    )


def _application(
    applicant: dict[str, Any],
    debtors: list[dict[str, Any]],
    number: str,
    last_day: str,
    cause: str,
    claim_fen: int,
    content: str,
) -> dict[str, Any]:
    return {
        "court_code": COURT,
        "applicants": [applicant],
        "debtors": debtors,
        "basis": {
            "kind": "JUDGMENT",
            "number": number,
            "issued_by": COURT_NAME,
            "effective_on": "2024-02-20",
            "last_day_of_performance": last_day,
            "content": content,
        },
        "cause": cause,
        "claim_fen": claim_fen,
        "requests": f"请求强制执行{claim_fen // 100}元及迟延履行期间的债务利息。",
        "papers": [
            paper("APPLICATION", f"强制执行申请书 {number}"),
            paper("BASIS_COPY", f"民事判决书副本 {number}"),
            paper("APPLICANT_IDENTITY", "申请执行人身份证复印件"),
            paper("EFFECTIVENESS_PROOF", "生效证明"),
        ],
    }
