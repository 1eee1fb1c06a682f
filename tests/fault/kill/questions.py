"""Questions to agencies: two that the test plays, two that are simulated; and a freeze whose money is deducted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.e2e.bad_input.setting import no_record, sealed
from tests.fault.kill.client import Answer, Command
from tests.fault.kill.house import PROBES
from tests.fault.kill.together import together

if TYPE_CHECKING:
    from tests.fault.kill.cases import Case

OFFICERS = ["u-duty", "u-second"]
FROZEN_FEN = 40_000


class Questions:
    """The officers' and the agencies' side of one case."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.path = f"/v1/enforcement-cases/{case.case_id}"
        self.debtor_id = str(case.seen["debtors"][0]["party_id"])

    async def ask(self) -> None:
        """Ask, answer, freeze, deduct."""
        notice = await self.paper("ASSISTANCE_QUERY_NOTICE")
        if notice is None:
            return
        deposits = self.case.serial % 4 == 0
        body = {
            "case_id": self.case.case_id,
            "subject_ids": [self.debtor_id],
            "asset_classes": ["SECURITIES", "DEPOSIT"] if deposits else ["SECURITIES"],
            "document_ids": [notice],
            "officer_ids": OFFICERS,
            "urgency": "URGENT",
        }
        opened = await self.case.insist(lambda: self._write("asset_inquiry", "/v1/asset-inquiries", body))
        if opened is None:
            return
        for planned in opened.body["planned"]:
            if planned["agency_id"] in PROBES:
                await self.answer(planned["agency_id"], planned["request_id"])
        if deposits:
            await self.freeze_and_deduct()

    async def _write(self, service: str, path: str, body: Any, **how: Any) -> Command:
        return await self.case.write("u-duty", service, path, body, **how)

    async def paper(self, kind: str, **facts: Any) -> str | None:
        """Draft a paper and have it signed, two signatures at once on what both have read; its id if it was."""
        case = self.case
        body = {"kind": kind, "recipients": [self.debtor_id], "facts": facts}
        drafted = await case.insist(lambda: self._write("intake", f"{self.path}/documents", body))
        if drafted is None:
            return None
        document_id, approver = str(drafted.body["id"]), str(drafted.body["approver"])
        path = f"/v1/documents/{document_id}"
        etag = await case.etag(approver, "intake", path)
        agreed = {"decision": "APPROVE"}
        await case.refused("u-second", "intake", f"{path}/approvals", agreed, etag=etag)
        both = [case.write(approver, "intake", f"{path}/approvals", agreed, etag=etag) for _ in range(2)]
        signed = await together(*both)
        return document_id if any(one.accepted for one in signed) else None

    async def answer(self, probe: str, request_id: str) -> None:
        """Acknowledge and reply; the reply again under another key changes nothing, another content is refused."""
        case, path = self.case, f"/v1/assistance-requests/{request_id}"
        request = await case.until(probe, "asset_inquiry", path, lambda seen: bool(seen["content_sha256"]))
        key = case.house.keys[probe]

        async def send(what: str, body: dict[str, Any], **how: Any) -> Answer | None:
            return (await case.write(probe, "asset_inquiry", f"{path}/{what}", body, **how)).answer

        taken = sealed(request, key, "ACKNOWLEDGEMENT", {"code": "ACCEPTED"})
        await send("acknowledgements", taken)
        reply = sealed(request, key, "REPLY", no_record(request, reply_id=f"{probe}-{request_id}"))
        await send("replies", reply)
        await send("replies", reply, kind="replies again")
        other = no_record(request, reply_id=f"{probe}-{request_id}")
        other["answers"][0]["detail"] = "另一内容"
        await send("replies", sealed(request, key, "REPLY", other), deliberate=True)

    async def freeze_and_deduct(self) -> None:
        """Freeze at the simulated bank what the debtor has there, and take it: the bank sends the money."""
        case = self.case
        asset = (
            await case.until(
                "u-duty", "asset_inquiry", f"/v1/discovered-assets?case_id={case.case_id}", lambda page: page["items"]
            )
        )["items"][0]
        item = {"agency_id": asset["agency_id"], "asset_id": asset["asset_id"], "amount_fen": FROZEN_FEN}
        if await self._ordered("FREEZE", item, ("FREEZE_RULING", "ASSISTANCE_FREEZE_NOTICE")) is None:
            return
        held = await case.until(
            "u-duty",
            "asset_inquiry",
            f"/v1/control-measures?case_id={case.case_id}",
            lambda page: any(one["state"] == "EFFECTIVE" for one in page["items"]),
        )
        [measure] = held["items"]
        item |= {"original_request_number": measure["request_number"], "original_sequence": measure["sequence"]}
        await self._ordered("DEDUCT", item, ("DEDUCTION_RULING", "ASSISTANCE_DEDUCTION_NOTICE"), {"remainder": "KEEP"})

    async def _ordered(
        self, kind: str, item: dict[str, Any], papers: tuple[str, str], more: dict[str, Any] | None = None
    ) -> Answer | None:
        documents = [await self.paper(paper, amount_fen=FROZEN_FEN) for paper in papers]
        if not all(documents):
            return None
        body = {
            "kind": kind,
            "debtor_id": self.debtor_id,
            "items": [item],
            "document_ids": documents,
            "officer_ids": OFFICERS,
        } | (more or {})
        path = f"{self.path}/control-orders"
        too_much = body | {"items": [item | {"amount_fen": 99_000_000_000}]}
        await self.case.refused("u-duty", "intake", path, too_much)
        return await self.case.insist(lambda: self._write("intake", path, body))
