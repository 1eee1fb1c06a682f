"""What an agency does with a request: looks in its books, freezes, deducts, lifts; and words the answer per item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import httpx

from libs.foundation.clock import SHANGHAI
from libs.testing.simulators.agency_books import AgencyBooks
from libs.testing.simulators.world import World

Item = Mapping[str, Any]
Request = Mapping[str, Any]

ASSET_CLASSES = {
    "BANK": "DEPOSIT",
    "PAYMENT_FIRM": "NET_FUND",
    "LAND_REGISTRY": "REAL_ESTATE",
    "VEHICLE_REGISTRY": "VEHICLE",
}


class Counter:
    """An agency's counter: every answer follows from its books, and the same request finds the same answer."""

    def __init__(self, books: AgencyBooks, world: World, faults: Mapping[str, Any], custodian_url: str) -> None:
        """Money of deductions goes to the custodian bank at `custodian_url`."""
        self._books = books
        self._world = world
        self._faults = faults
        self._custodian_url = custodian_url

    async def answers(self, request: Request) -> list[dict[str, Any]]:
        """Act on every item and return the answers, one per sequence."""
        act: Callable[[Request, Item], dict[str, Any]] = {
            "INQUIRY": self._look_up,
            "FREEZE": self._freeze,
            "RENEW": self._renew,
            "RELEASE": self._release,
        }.get(request["kind"], self._look_up)
        if request["kind"] == "DEDUCT":
            return [await self._deduct(request, item) for item in request["items"]]
        return [act(request, item) for item in request["items"]]

    def _look_up(self, request: Request, item: Item) -> dict[str, Any]:
        number, asset_class = request["subject"]["id_number"], str(item["asset_class"])
        found = self._books.accounts_of(number, asset_class)
        if not found:
            return {"sequence": item["sequence"], "status": "NO_RECORD", "assets_state": "NONE"}
        return {
            "sequence": item["sequence"],
            "status": "ANSWERED",
            "assets_state": "COMPLETE",
            "rights_state": "NONE",
            "earlier_measures_state": self._earlier(),
            "assets": [
                {
                    "asset_id": account["account_number"],
                    "kind": account["kind"],
                    "account_reference": account["account_number"],
                    "balance_fen": account["balance_fen"],
                    "available_fen": account["available_fen"],
                    "status": "NORMAL",
                }
                for account in found
            ],
        }

    def _earlier(self) -> str:
        # Pitfall 7: the look-up of earlier freezes failed. An honest adapter says UNKNOWN, never "none".
        return "UNKNOWN" if self._faults.get("earlier_unknown") else "NONE"

    def _freeze(self, request: Request, item: Item) -> dict[str, Any]:
        account = self._books.account(str(item.get("account_reference", "")))
        if account is None or account["holder_id_number"] != request["subject"]["id_number"]:
            return _refused(item, "ACCOUNT_NOT_FOUND", "账号与被控制人证件信息不匹配")
        if account["sealed_by_other"]:
            return {"sequence": item["sequence"], "status": "QUEUED", "controlled_fen": 0, "rank": 2}
        booked = self._books.freeze(
            request["request_number"], item["sequence"], account["account_number"], int(item["requested_limit_fen"])
        )
        uncovered = booked["limit_fen"] - booked["controlled_fen"]
        return {
            "sequence": item["sequence"],
            "status": "PARTLY_CONTROLLED" if uncovered else "CONTROLLED",
            "controlled_fen": booked["controlled_fen"],
            "uncovered_limit_fen": uncovered,
            "available_fen": max(0, self._books.available(account["account_number"])),
            "earlier_measures_state": self._earlier(),
            "rights_state": "NONE",
            "effective_from": self._now(),
            "effective_to": request.get("term_to"),
            "agency_reference": booked["reference"],
        }

    def _renew(self, request: Request, item: Item) -> dict[str, Any]:
        freeze = self._original(item)
        if freeze is None or freeze["state"] != "EFFECTIVE":
            return _refused(item, "ORIGINAL_NOT_FOUND", "无原冻结请求信息")
        uncovered = freeze["limit_fen"] - freeze["controlled_fen"]
        return {
            "sequence": item["sequence"],
            "status": "PARTLY_CONTROLLED" if uncovered else "CONTROLLED",
            "controlled_fen": freeze["controlled_fen"],
            "uncovered_limit_fen": uncovered,
            "effective_from": self._now(),
            "effective_to": request.get("term_to"),
            "agency_reference": freeze["reference"],
        }

    def _release(self, _request: Request, item: Item) -> dict[str, Any]:
        freeze = self._original(item)
        if freeze is None:
            return _refused(item, "ORIGINAL_NOT_FOUND", "无原冻结请求信息")
        self._books.release(freeze["reference"])
        return {
            "sequence": item["sequence"],
            "status": "RELEASED",
            "effective_from": self._now(),
            "agency_reference": freeze["reference"],
        }

    async def _deduct(self, request: Request, item: Item) -> dict[str, Any]:
        freeze = self._original(item)
        if freeze is None:
            return _refused(item, "ORIGINAL_NOT_FOUND", "无原冻结请求信息或冻结编号")
        amount = int(item["requested_limit_fen"])
        booked = self._books.deduct(item["payment_reference"], freeze, amount)
        if booked is None:
            return _refused(item, "INSUFFICIENT", "存款账户扣划失败: 冻结金额不足")
        await self._send_money(request, booked)
        if request.get("remainder") == "RELEASE":
            self._books.release(freeze["reference"])
        return {
            "sequence": item["sequence"],
            "status": "DEDUCTED",
            "deducted_fen": booked["amount_fen"],
            "remaining_frozen_fen": booked["remaining_fen"],
            "settlement": "SENT",
            "payment_reference": booked["payment_reference"],
            "effective_from": self._now(),
            "agency_reference": freeze["reference"],
        }

    async def _send_money(self, request: Request, booked: Mapping[str, Any]) -> None:
        """Send the debited money to the custodian bank, once by its payment reference.

        Pitfall 4, on demand: the first transfer fails after the debit, and the run begins again at the debit. The books
        know the payment reference, so the account is debited once all the same. Raises `httpx.HTTPError`.
        """
        if self._faults.get("transfer_fails_once") and self._books.once("transfer_fails_once"):
            raise httpx.ConnectError("行外划拨失败")
        account = request["case_account"]
        async with httpx.AsyncClient(timeout=10.0) as client:
            response = await client.post(
                f"{self._custodian_url}/incoming",
                json={
                    "from_bank": self._books.agency_id,
                    "payment_reference": booked["payment_reference"],
                    "account_number": account["account_number"],
                    "amount_fen": booked["amount_fen"],
                    "payer_name": request["subject"]["name"],
                    "remark": f"{request['case_number']} 扣划",
                },
            )
        response.raise_for_status()
        self._books.money_sent(booked["payment_reference"])

    def _original(self, item: Item) -> dict[str, Any] | None:
        return self._books.find_freeze(str(item["original_request_number"]), int(item["original_sequence"]))

    def _now(self) -> str:
        now: datetime = self._world.clock.now()
        return now.astimezone(SHANGHAI).isoformat()


def _refused(item: Item, code: str, text: str) -> dict[str, Any]:
    return {
        "sequence": item["sequence"],
        "status": "NOT_CONTROLLED",
        "controlled_fen": 0,
        "refusal": {"code": code, "text": text},
    }
