"""What officers do at their desks in every story: draft and sign papers, issue orders, look until a thing is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from devstack.demo.people import Person, StoryStopped, accepted

BANKS = 2
"""Two banks hold the debtor's money, so there are two assets, two freezes, two deductions."""


@dataclass
class Cast:
    """Who acts, by their id in the roster, and the portal, the operator."""

    people: dict[str, Person]

    def __getitem__(self, subject: str) -> Person:
        """Return the person with this id."""
        return self.people[subject]


@dataclass
class Desk:
    """The desk of one case."""

    cast: Cast
    case_id: str = ""
    debtor_id: str = ""

    async def document(
        self, drafter: str, kind: str, *, recipients: list[str] | None = None, facts: dict[str, Any] | None = None
    ) -> str:
        """Draft a document and have whoever finds it in their signing queue approve it."""
        body = {"kind": kind, "recipients": recipients or [], "facts": facts or {}}
        drafted = await self.cast[drafter].expect("intake", f"/v1/enforcement-cases/{self.case_id}/documents", body)
        document_id, approver = str(drafted["id"]), self.cast[drafted["approver"]]
        await approver.wait_for(
            "intake",
            "/v1/approvals",
            f"{kind} in the signing queue of {approver.name}",
            lambda page: any(item["id"] == document_id for item in page["items"]),
            assignee="me",
        )
        path = f"/v1/documents/{document_id}"
        await approver.change("intake", path, f"{path}/approvals", {"decision": "APPROVE"})
        return document_id

    async def papers(self, ruling: str, notice: str, facts: dict[str, Any]) -> list[str]:
        """Have a ruling and its assistance notice signed (R-INQ-04)."""
        return [
            await self.document("u-officer", kind, recipients=[self.debtor_id], facts=facts)
            for kind in (ruling, notice)
        ]

    async def order(self, body: dict[str, Any]) -> None:
        """Issue a control order with two officers' credentials and see that the final check accepts it."""
        officer = self.cast["u-officer"]
        full = {"debtor_id": self.debtor_id, "officer_ids": ["u-officer", "u-second"]} | body
        issued = await until_accepted(officer, "intake", f"/v1/enforcement-cases/{self.case_id}/control-orders", full)
        decided = await officer.wait_for(
            "asset_inquiry",
            f"/v1/control-orders/{issued['id']}",
            f"the final check of the {body['kind']} order",
            lambda seen: seen["state"] in {"ACCEPTED", "REFUSED"},
        )
        if decided["state"] == "REFUSED":
            msg = f"the {body['kind']} order was refused: {decided}"
            raise StoryStopped(msg)

    async def measures(self, what: str, each: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        """Wait until every measure of the case is as wanted, and return them."""
        page = await self.cast["u-officer"].wait_for(
            "asset_inquiry",
            "/v1/control-measures",
            what,
            lambda seen: len(seen["items"]) == BANKS and all(each(measure) for measure in seen["items"]),
            case_id=self.case_id,
        )
        return list(page["items"])

    async def pay_out(self, purpose: str, amount_fen: int, payee_id: str | None = None) -> None:
        """Have a payout drafted, checked and approved by three people, and wait until the bank confirms it."""
        body = {"case_id": self.case_id, "purpose": purpose, "amount_fen": amount_fen}
        drafted = await self.cast["u-maker"].expect(
            "payments", "/v1/payouts", body | ({"payee_id": payee_id} if payee_id else {})
        )
        path = f"/v1/payouts/{drafted['id']}"
        for signer in ("u-checker", "u-approver"):
            await self.cast[signer].change("payments", path, f"{path}/approvals", {"decision": "APPROVE"})
        await self.cast["u-maker"].wait_for(
            "payments", path, "the bank's confirmation", lambda seen: seen["state"] == "CONFIRMED"
        )

    async def case_when(self, what: str, reached: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until the case is as wanted, and return it."""
        return await self.cast["u-duty"].wait_for("intake", f"/v1/enforcement-cases/{self.case_id}", what, reached)


async def until_accepted(person: Person, service: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Write; where the service says that its copy of a fact is still on the way, write again a moment later."""
    response = await person.post(service, path, body)
    for _ in range(100):
        if response.is_success or not response.json().get("retryable"):
            break
        await asyncio.sleep(0.2)
        response = await person.post(service, path, body)
    return accepted(response, f"{person.name}: {path}")
