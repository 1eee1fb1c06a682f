"""The trial balance: what stands at the bank, and whose it is, as of the end of a day (R-PAY-01)."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from libs.journal import Journal
from libs.web import Caller, CourtCode, JsonResponse, Listing, page_params, scope
from services.payments.api.fields import CourtDay
from services.payments.views import ACCOUNT_MOVEMENTS, BANK, CASE, IN_TRANSIT, INCOMING_MOVEMENTS, UNIDENTIFIED

LOOKS_MAX = 10
LOOK_AGAIN_SECONDS = 0.1
"""The ledgers are read one after the other while postings go on: only a difference that stays is one."""


def trial_balance_routes(journal: Journal) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["trial balances"])

    @router.get("/trial-balances/{day}")
    async def read(
        day: Annotated[CourtDay, Path(description="YYYY-MM-DD, the end of this Shanghai day")],
        caller: Annotated[Caller, scope("payments.trial_balances.read")],
        listing: Annotated[Listing, page_params],
        court: Annotated[CourtCode, Query()],
    ) -> Response:
        """State the balance of a court's ledger. `difference_fen` is zero, or somebody must look at once."""
        caller.require_sight(court)
        await listing.ready(journal.views)
        bank, unidentified, in_transit, cases = await _settled_balances(journal, court, day.isoformat())
        # Money at the bank is a debit; whose it is stands on the credit side and is shown without its sign.
        return JsonResponse(
            {
                "court": court,
                "date": day,
                "bank_fen": bank,
                "case_balances_fen": -cases,
                "unidentified_fen": -unidentified,
                "in_transit_fen": -in_transit,
                "difference_fen": bank + unidentified + in_transit + cases,
            }
        )

    return router


async def _settled_balances(journal: Journal, court: str, day: str) -> list[int]:
    """Return the balances of the four ledgers; a posting caught between its legs is given time to arrive whole."""
    balances = [0] * 4
    for _ in range(LOOKS_MAX):
        balances = [await _balance(journal, court, ledger, day) for ledger in (BANK, UNIDENTIFIED, IN_TRANSIT, CASE)]
        if sum(balances) == 0:
            break
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    return balances


async def _balance(journal: Journal, court: str, ledger: str, day: str) -> int:
    where = {"ledger": ledger, "booked_on": {"$lte": day}}
    total = 0
    for view in (INCOMING_MOVEMENTS, ACCOUNT_MOVEMENTS):
        total += await journal.views.sum(view.name, "amount_fen", court=court, where=where)
    return total
