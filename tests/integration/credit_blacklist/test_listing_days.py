"""Days pass over a listing on the real stack: the grace period ends, a removal is late, the term ends."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from libs.foundation.clock import ClockPoint, write_schedule
from tests.integration.credit_blacklist.listing_desk import ListingDesk
from tests.integration.credit_blacklist.restriction_stage import BEGAN
from tests.integration.credit_blacklist.restriction_theatre import restriction_stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

FOUR = "VIOLATES_PROPERTY_REPORTING"


@dataclass
class Calendar:
    """The stage's clock, which only jumps forward."""

    path: Path
    points: list[ClockPoint]

    def jump(self, to: datetime) -> None:
        self.points.append(ClockPoint(datetime.now(UTC), to, 1))
        write_schedule(self.path, self.points)


@dataclass
class Court:
    desk: ListingDesk
    calendar: Calendar


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def court(kafka_bootstrap: str, mongo_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Court]:
    folder = tmp_path_factory.mktemp("listing_days")
    began = datetime.now(UTC)
    async with restriction_stage(kafka_bootstrap, mongo_uri, folder) as running:
        yield Court(ListingDesk(running), Calendar(folder / "clock.json", [ClockPoint(began, BEGAN, 1)]))


@pytest.mark.rule("R-CRB-02")
@pytest.mark.rule("R-CRB-07")
@pytest.mark.rule("R-CRB-10")
async def test_the_grace_period_ends_a_removal_is_late_and_the_term_ends(court: Court) -> None:
    desk, calendar = court.desk, court.calendar
    case = await desk.stage.open_case()
    decision = await desk.draft(case, FOUR, grace_months=2)
    await desk.approve(f"/v1/listing-decisions/{decision['id']}")
    assert (await desk.serve(decision["id"]))["state"] == "GRACE"
    path = f"/v1/listings/{decision['listing_id']}"

    # The grace period's last day, the first moment after it (2024-06-10 is the dragon boat festival).
    calendar.jump(datetime(2024, 6, 11, 16, 0, 1, tzinfo=UTC))
    listed = await desk.until(path, lambda seen: seen["status"] == "LISTED")
    assert listed["current"]["listed_until"] == "2026-04-10"

    calendar.jump(datetime(2024, 6, 28, 2, 0, tzinfo=UTC))
    body = {"ground": "ACTIVE_PERFORMANCE", "reason": "主动履行"}
    removal = await desk.write(f"{path}/removals", body, match=path)
    assert removal["due"]["last_day"] == "2024-07-03"
    calendar.jump(datetime(2024, 7, 3, 16, 0, 1, tzinfo=UTC))
    await desk.until(f"/v1/listing-removals/{removal['id']}", lambda seen: seen["overdue"])
    late = await desk.until("/v1/listing-proposals?overdue=true", lambda seen: seen["items"])
    assert [row["proposal_id"] for row in late["items"]] == [removal["id"]]

    calendar.jump(datetime(2026, 4, 10, 16, 0, 1, tzinfo=UTC))
    ended = await desk.until(path, lambda seen: seen["status"] == "REMOVED")
    assert ended["archive"][0]["removal_ground"] == "TERM_ENDED"
    assert ended["removals"][0]["state"] == "WITHDRAWN"
    assert [ended["archive"][0]["record"]["version"], ended["version"]] == [2, 2]
