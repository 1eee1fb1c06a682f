"""Valid persons, firms and applications, as a client would send them. Everything is made from a seed and invented.

Area 530399 is assigned to no county, so no number made here can belong to a living person.
"""

from __future__ import annotations

import hashlib
import random
from datetime import date, timedelta
from typing import Any

from stdnum.cn import ric, uscc

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张"
GIVEN = "明建国华志强丽芳伟军平秀英勇杰涛磊超霞敏静"
SYNTHETIC_AREA = "530399"
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"

ALL_PAPERS = ("APPLICATION", "BASIS_COPY", "APPLICANT_IDENTITY", "EFFECTIVENESS_PROOF")
"""What a natural person needs to have a court's document enforced."""


def resident_number(seed: int) -> str:
    """Return a valid resident identity number of an adult, always the same for a seed."""
    draw = random.Random(f"resident-{seed}")
    born = date(1950, 1, 1) + timedelta(days=draw.randrange(20_000))
    body = f"{SYNTHETIC_AREA}{born:%Y%m%d}{draw.randrange(1, 1000):03d}"
    return body + str(ric.calc_check_digit(body + "0"))


def credit_code(seed: int) -> str:
    """Return a valid unified social credit code, always the same for a seed."""
    draw = random.Random(f"firm-{seed}")
    body = "91" + SYNTHETIC_AREA + "".join(draw.choice(CREDIT_ALPHABET) for _ in range(9))
    return body + str(uscc.calc_check_digit(body))


def person(seed: int, **changes: Any) -> dict[str, Any]:
    """Return a natural person as a party of an application."""
    draw = random.Random(f"person-{seed}")
    name = draw.choice(SURNAMES) + "".join(draw.choice(GIVEN) for _ in range(2))
    return {
        "party_type": "PERSON",
        "name": name,
        "documents": [{"id_type": "RESIDENT_IDENTITY_CARD", "id_number": resident_number(seed)}],
        "phone": f"139{draw.randrange(10**8):08d}",
        "address": "云南省宣威市",
    } | changes


def payee(seed: int, **changes: Any) -> dict[str, Any]:
    """Return a person with an account in their own name, to be paid to."""
    holder = person(seed, **changes)
    account = {
        "account_name": holder["name"],
        "account_number": f"6217{random.Random(f'account-{seed}').randrange(10**15):015d}",
        "bank_id": "bank-a",
        "bank_name": "甲银行",
    }
    return {"payee_account": account} | holder


def firm(seed: int, **changes: Any) -> dict[str, Any]:
    """Return a company as a party of an application."""
    name = random.Random(f"firm-name-{seed}").choice(SURNAMES)
    return {
        "party_type": "ORGANISATION",
        "name": f"宣威{name}氏火腿有限公司",
        "documents": [{"id_type": "UNIFIED_SOCIAL_CREDIT_CODE", "id_number": credit_code(seed)}],
        "address": "云南省宣威市工业园区",
    } | changes


def paper(kind: str, title: str = "") -> dict[str, str]:
    """Return a filed paper; its hash stands for a scan."""
    return {"kind": kind, "title": title or kind, "sha256": hashlib.sha256(f"{kind}{title}".encode()).hexdigest()}


def application(seed: int, **changes: Any) -> dict[str, Any]:
    """Return a complete application of a person against a person at 云0381; any field can be changed.

    `papers` may be given as kinds; `basis` as a part of its fields.
    """
    basis = {
        "kind": "MEDIATION_STATEMENT",
        "number": f"(2026)云0381民初{seed + 1}号",
        "issued_by": "宣威市人民法院",
        "effective_on": "2026-01-28",
        "last_day_of_performance": "2026-02-12",
        "content": "被告于2026年2月12日前向原告支付劳动报酬。",
    } | changes.pop("basis", {})
    kinds = changes.pop("papers", ALL_PAPERS)
    return {
        "court_code": "云0381",
        "applicants": [payee(2 * seed)],
        "debtors": [person(2 * seed + 1)],
        "basis": basis,
        "cause": "WAGES",
        "claim_fen": 500_000,
        "requests": "请求强制执行劳动报酬及迟延履行期间的债务利息。",
        "clues": "被执行人在甲银行有存款。",
        "papers": [paper(kind) if isinstance(kind, str) else kind for kind in kinds],
    } | changes


def roster(court_name: str = "宣威市人民法院", **changes: Any) -> dict[str, Any]:
    """Return a small court: officers with both credentials, a fast and a coercive team, and who signs."""
    people = {
        "u-duty": ("周值班", ["duty_officer", "case_officer"]),
        "u-duty-lead": ("吴指挥", ["duty_leader", "team_leader"]),
        "u-officer": ("赵承办", ["case_officer"]),
        "u-second": ("钱协办", ["case_officer"]),
        "u-leader": ("孙执行长", ["team_leader"]),
        "u-officer-2": ("郑强制", ["case_officer"]),
        "u-head": ("何局长", ["bureau_head"]),
        "u-president": ("许院长", ["president"]),
        "u-nodes": ("沈监管", ["node_supervisor"]),
    }
    return {
        "court_name": court_name,
        "officers": [
            {
                "officer_id": officer_id,
                "name": name,
                "work_permit_number": f"云宣执{number:04d}",
                "duty_permit_number": f"滇公务{number:05d}",
                "roles": roles,
                "phone": f"1390874{number:04d}",
            }
            for number, (officer_id, (name, roles)) in enumerate(people.items(), start=1)
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
                "leader": "u-leader",
                "members": ["u-officer-2"],
            },
        ],
        "duty_officer": "u-duty",
        "duty_leader": "u-duty-lead",
        "bureau_head": "u-head",
        "president": "u-president",
        "node_supervisor": "u-nodes",
    } | changes
