"""What people do at the court's desk, in the tests' words."""

from __future__ import annotations

from typing import Any

from libs.schemas.parts import CaseAccountRef
from tests.integration.intake.house import House

ACCOUNT = CaseAccountRef(
    account_name="宣威市人民法院执行款专户",
    account_number="53039900010001",
    bank_name="宣威农商行",
    bank_id="custodian",
)


async def drafted(house: House, case_id: str, kind: str, drafter: str = "u-duty", **body: Any) -> dict[str, Any]:
    answer = await house.post(f"/v1/enforcement-cases/{case_id}/documents", drafter, {"kind": kind} | body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def approved(house: House, case_id: str, kind: str, drafter: str = "u-duty", **body: Any) -> dict[str, Any]:
    document = await drafted(house, case_id, kind, drafter, **body)
    path = f"/v1/documents/{document['id']}"
    seen = await house.get(path, document["approver"])
    answer = await house.post(
        f"{path}/approvals", document["approver"], {"decision": "APPROVE"}, etag=seen.headers["etag"]
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def papers_for(house: House, case_id: str, ruling: str, notice: str, amount: int | None = None) -> list[str]:
    facts = {"amount_fen": amount} if amount else {}
    return [(await approved(house, case_id, kind, facts=facts))["id"] for kind in (ruling, notice)]
