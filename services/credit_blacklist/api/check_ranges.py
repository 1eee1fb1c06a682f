"""Ranges of keyed digests: an agency without a copy of the list asks without saying about whom."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections import Counter
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter
from pydantic import Field, StringConstraints
from starlette.responses import Response

from libs.foundation.clock import SHANGHAI, Clock
from libs.foundation.errors import Overloaded
from libs.journal import Journal
from libs.web import Caller, JsonResponse, Purpose, RequestModel, agency_purpose, scope
from services.credit_blacklist.api.checks import CHECKS_READ
from services.credit_blacklist.desk import Desk
from services.credit_blacklist.screening.ranges import MAC, PREFIX_BYTES, ROW_BYTES, Ranges, agency_key
from services.credit_blacklist.screening.screening import Screening
from services.credit_blacklist.subscribers import view_for

PREFIXES_MAX: Final = 64
Prefix = Annotated[str, StringConstraints(pattern=rf"^[0-9a-f]{{{2 * PREFIX_BYTES}}}$")]


class RangeQuotaUsed(Overloaded):
    """The agency has asked this process for as many ranges as it may on one court day. HTTP 429.

    Whoever asks for all ranges has the whole list in digests; who needs that, subscribes to the feed.
    """

    code = "range_quota_used"
    title = "The day's ranges are used up"
    rule = "R-GEN-06"
    remedy = "Ask again tomorrow, or follow the feed and check from a local copy."


class RangesBody(RequestModel):
    """The first four hexadecimal digits of the digests of those who are asked for."""

    prefixes: Annotated[list[Prefix], Field(min_length=1, max_length=PREFIXES_MAX)]


class Quota:
    """How many ranges an agency has asked for on a court day; counted in this process."""

    def __init__(self, per_day: int) -> None:
        """Nobody has asked yet."""
        self._per_day = per_day
        self._day = ""
        self._used: Counter[str] = Counter()

    def take(self, agency_id: str, ranges: int, now: datetime) -> None:
        """Count ranges. Raises `RangeQuotaUsed` (429), and then counts none."""
        day = now.astimezone(SHANGHAI).date().isoformat()
        if day != self._day:
            self._day = day
            self._used.clear()
        if self._used[agency_id] + ranges > self._per_day:
            raise RangeQuotaUsed(f"At most {self._per_day} ranges on one day.", per_day=self._per_day)
        self._used[agency_id] += ranges


def month_of(now: datetime) -> str:
    """Return the court's month, which names the key."""
    return now.astimezone(SHANGHAI).strftime("%Y-%m")


def check_range_routes(desk: Desk) -> APIRouter:
    """Return the routes."""
    return range_routes(
        (desk.journal, desk.clock, desk.screening, Ranges(desk.register)),
        secret=desk.settings.secret(),
        per_day=desk.settings.check_ranges_per_day,
    )


def range_routes(parts: tuple[Journal, Clock, Screening, Ranges], *, secret: bytes, per_day: int) -> APIRouter:
    """Return the routes over these parts."""
    journal, clock, screening, ranges = parts
    router = APIRouter(tags=["screening"])
    quota = Quota(per_day)

    @router.get("/restriction-check-ranges/key")
    async def range_key(caller: Annotated[Caller, scope(CHECKS_READ)]) -> Response:
        """Give an agency its key of this month: HMAC-SHA-256 over type, a zero byte and number is a digest."""
        await view_for(journal, caller)
        month = month_of(clock.now())
        key = urlsafe_b64encode(agency_key(secret, caller.require_agency(), month)).rstrip(b"=").decode()
        return JsonResponse({"month": month, "mac": MAC, "key": key}, headers={"Cache-Control": "no-store"})

    @router.post("/restriction-check-ranges")
    async def check_ranges(
        body: RangesBody, caller: Annotated[Caller, scope(CHECKS_READ)], why: Annotated[Purpose, agency_purpose]
    ) -> Response:
        """Give all listed digests that begin so, filled up to the same number of rows for whomever is asked.

        A digest among them is no verdict: it is confirmed by `restriction-checks` with the name. One that is not among
        them is not listed, at the state that `as_of` names. Without a head that vouches for the list there is no range.
        """
        now, agency_id = clock.now(), caller.require_agency()
        view = (await view_for(journal, caller)).view_id
        quota.take(agency_id, len(body.prefixes), now)
        as_of, month = await screening.as_of(view, now), month_of(now)
        answer = {"month": month, "mac": MAC, "digest_bytes": ROW_BYTES, "as_of": as_of.shown}
        why.what.update({"ranges": str(len(body.prefixes)), "list": f"{view}:{as_of.session_id}:{as_of.sequence}"})
        if (doubt := screening.doubt(as_of)) is not None:
            return JsonResponse({**answer, **doubt.shown})
        index = await ranges.of(as_of, agency_key(secret, agency_id, month))
        found = [{"prefix": prefix, "digests": index.range(bytes.fromhex(prefix))} for prefix in body.prefixes]
        return JsonResponse({**answer, "ranges": found}, headers={"Cache-Control": "no-store"})

    return router
