"""What the court does at the list's desk: decide on listing and restriction, take back, let go."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devstack.demo.desk import Cast, until_accepted
from devstack.demo.people import StoryStopped
from libs.foundation.clock import SHANGHAI

ROOM = "credit_blacklist"
EVIDENCE = "送达回证, 本人签收"


@dataclass
class ListDesk:
    """The officer proposes, the president signs, the clerk serves."""

    cast: Cast
    court: str
    now: Callable[[], datetime]

    async def published(self, title: str, listing_ids: list[str]) -> dict[str, Any]:
        """Return a publicity batch that was allowed and shown, with its evidence (R-CRB-09)."""
        officer, president = self.cast["u-officer"], self.cast["u-president"]
        today = self.now().astimezone(SHANGHAI).date().isoformat()
        body = {
            "court": self.court,
            "title": title,
            "platform": "法院微信公众号",
            "audience": [{"kind": "PUBLIC", "name": "社会公众"}],
            "listings": listing_ids,
            "planned_on": today,
        }
        drafted = await officer.expect(ROOM, "/v1/publicity-batches", body)
        own = f"/v1/publicity-batches/{drafted['id']}"
        await president.change(ROOM, own, f"{own}/approvals", {"decision": "APPROVE"})
        return await officer.expect(ROOM, f"{own}/releases", self._evidence(title))

    async def taken_down(self, batch_id: str, listing_id: str) -> None:
        """See that a batch knows of somebody's removal, and take down what was shown of them."""
        officer, own = self.cast["u-officer"], f"/v1/publicity-batches/{batch_id}"

        def ended(batch: dict[str, Any]) -> bool:
            return any(one["listing_id"] == listing_id and not one["listed"] for one in batch["items"])

        await officer.wait_for(ROOM, own, "the end of what is shown", ended)
        body = {"listing_id": listing_id} | self._evidence(f"下架 {listing_id}")
        await officer.expect(ROOM, f"{own}/takedowns", body)

    def _evidence(self, what: str) -> dict[str, Any]:
        page = hashlib.sha256(what.encode()).hexdigest()
        return {"address": "https://court.invalid/publicity", "at": self.now().isoformat(), "sha256": page}

    async def listed(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return a listing decision that is signed and served."""
        return await self._decided("/v1/listing-decisions", body)

    async def restricted(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return a consumption restriction order that is signed and served."""
        return await self._decided("/v1/restriction-orders", body)

    async def _decided(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        officer, president = self.cast["u-officer"], self.cast["u-president"]
        drafted = await until_accepted(officer, ROOM, path, body)
        own = f"{path}/{drafted['id']}"
        await president.change(ROOM, own, f"{own}/approvals", {"decision": "APPROVE"})
        served = {"method": "DIRECT", "evidence": EVIDENCE}
        return await officer.expect(ROOM, f"{own}/services", served)

    async def removed(self, listing_id: str, ground: str, reason: str) -> dict[str, Any]:
        """Return a removal that the president decided."""
        officer, president = self.cast["u-officer"], self.cast["u-president"]
        listing = f"/v1/listings/{listing_id}"
        proposed = await officer.change(ROOM, listing, f"{listing}/removals", {"ground": ground, "reason": reason})
        own = f"/v1/listing-removals/{proposed['id']}"
        return await president.change(ROOM, own, f"{own}/approvals", {"decision": "APPROVE"})

    async def listing_revoked(self, listing_id: str, reason: str) -> dict[str, Any]:
        """Return the president's decision that a listing should never have been (R-CRB-12)."""
        officer, president = self.cast["u-officer"], self.cast["u-president"]
        listing = f"/v1/listings/{listing_id}"
        body = {"nature": "WRONGLY_LISTED", "reason": reason}
        proposed = await officer.change(ROOM, listing, f"{listing}/corrections", body)
        own = f"/v1/listing-corrections/{proposed['id']}"
        return await president.change(ROOM, own, f"{own}/approvals", {"decision": "APPROVE"})

    async def restriction_revoked(self, order_id: str, party_id: str, reason: str) -> dict[str, Any]:
        """Return the order after the president decided that a person should never have been in it."""
        officer, president = self.cast["u-officer"], self.cast["u-president"]
        order = f"/v1/restriction-orders/{order_id}"
        body = {"party_id": party_id, "nature": "WRONGLY_LISTED", "reason": reason}
        proposed = await officer.expect(ROOM, f"{order}/corrections", body)
        path = f"/v1/restriction-corrections/{proposed['id']}/approvals"
        return await president.change(ROOM, order, path, {"decision": "APPROVE"})

    async def orders_when(self, case_id: str, state: str, count: int) -> list[dict[str, Any]]:
        """Wait until all restriction orders of a case are in a state, and return them."""
        page = await self.cast["u-officer"].wait_for(
            ROOM,
            "/v1/restriction-orders",
            f"{count} restriction orders that are {state}",
            lambda seen: len(seen["items"]) == count and all(one["state"] == state for one in seen["items"]),
            case_id=case_id,
        )
        return list(page["items"])

    async def notices_answered(self, records: set[str], agencies: set[str]) -> list[dict[str, Any]]:
        """Wait until each of these agencies has answered a notice about one of the records; return all notices."""
        found: list[dict[str, Any]] = []
        for record in sorted(records):
            page = await self.cast["u-officer"].wait_for(
                ROOM,
                "/v1/correction-notices",
                f"answers to the notices about {record}",
                lambda seen: bool(seen["items"]) and all(one["answered"] for one in seen["items"]),
                record_id=record,
            )
            found += page["items"]
        if {one["agency_id"] for one in found} != agencies:
            msg = f"notices went to {sorted(one['agency_id'] for one in found)}, not to {sorted(agencies)}"
            raise StoryStopped(msg)
        return sorted(found, key=lambda one: str(one["agency_id"]))
