"""What a court does about listings, in the words of its tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from tests.integration.credit_blacklist.restriction_stage import COURT, Case, Stage, opened


@dataclass
class ListingDesk:
    """The officers, the president and the clerk of one court."""

    stage: Stage

    def body(self, case: Case, *grounds: str, **changes: Any) -> dict[str, Any]:
        return {
            "case_id": case.case_id,
            "party_id": case.person.party_id,
            "grounds": list(grounds),
            "facts": "未在期限内报告财产",
            "duty": "支付100000元",
            "performance": "NONE",
            "initiated": "EX_OFFICIO",
        } | changes

    async def draft(self, case: Case, *grounds: str, **changes: Any) -> dict[str, Any]:
        """Draft a decision; what intake said may still be on its way."""
        async with asyncio.timeout(40):
            while True:
                answer = await self.answer("/v1/listing-decisions", self.body(case, *grounds, **changes))
                if answer.status_code == 201:
                    return dict(answer.json())
                known = {"case_file_unknown", "person_not_here_yet", "debtor_not_warned"}
                assert answer.json()["code"] in known, answer.text
                await asyncio.sleep(0.2)

    async def known(self, case: Case) -> None:
        """Wait until the case, its debtor and the warning have arrived."""
        refused = {"legal_representative": "某", "grace_months": 9}
        async with asyncio.timeout(40):
            while True:
                answer = await self.answer("/v1/listing-decisions", self.body(case, "EVADES", **refused))
                if answer.json()["code"] == "grace_out_of_range":
                    return
                await asyncio.sleep(0.2)

    async def serve(self, decision_id: str) -> dict[str, Any]:
        path = f"/v1/listing-decisions/{decision_id}/services"
        return await self.write(path, {"method": "DIRECT", "evidence": "送达回证"})

    async def published(self, case: Case, *grounds: str) -> str:
        """Draft, sign and serve, and return the listing's id."""
        decision = await self.draft(case, *grounds)
        await self.approve(f"/v1/listing-decisions/{decision['id']}")
        await self.serve(decision["id"])
        return str(decision["listing_id"])

    async def never_published(self, case: Case) -> str:
        """Return the id of the listing of the firm, which was warned and no more."""
        listing_id = f"lst~{case.firm.party_id}~{case.case_id}"
        await self.until(f"/v1/listings/{listing_id}", lambda seen: seen["status"] == "WARNED")
        return listing_id

    async def approve(self, path: str) -> dict[str, Any]:
        return await self.write(f"{path}/approvals", {"decision": "APPROVE"}, role="president", match=path)

    async def read(self, path: str) -> dict[str, Any]:
        return await self.stage.get(self.stage.staff(), path)

    async def until(self, path: str, reached: Callable[[Any], Any]) -> Any:
        return await self.stage.until(self.stage.staff(), path, reached)

    async def write(self, path: str, body: dict[str, Any], **how: str) -> dict[str, Any]:
        answer = await self.answer(path, body, **how)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def answer(
        self,
        path: str,
        body: dict[str, Any],
        *,
        role: str = "case_officer",
        court: str = COURT,
        match: str | None = None,
        etag: str | None = None,
    ) -> httpx.Response:
        """Write as a person of a court; `match` names what the If-Match is read from."""
        token = self.stage.staff(role, court)
        if match is not None:
            seen = await self.stage.call("GET", token, match)
            assert seen.status_code == 200, seen.text
            etag = seen.headers["ETag"]
        headers = {} if etag is None else {"If_Match": etag}
        return await self.stage.call("POST", token, path, body, **headers)

    @staticmethod
    def payload(jws: str) -> dict[str, Any]:
        return opened(jws)
