"""What screening and distribution ask of the register, on the real database."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from services.credit_blacklist.feed.register import Point
from tests.integration.credit_blacklist.feed_house import Author, feed_house, number_of, record_of
from tests.integration.credit_blacklist.test_feed_resets import approve, order

CARD = "RESIDENT_IDENTITY_CARD"


async def statuses(author: Author, serial: int, as_of: Point | None = None) -> list[str]:
    (held,) = await author.register.lookup("court", [(CARD, number_of(serial))], as_of=as_of)
    return [each.status for each in held]


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-33")
async def test_before_the_first_head_nothing_is_concluded_and_nothing_is_shown(
    mongo_uri: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path) as house:
        author = await house.author()
        await author.list_persons(1)
        async with asyncio.timeout(30):
            while author.register.reached("court") is None:  # noqa: ASYNC110 -- the register polls
                await asyncio.sleep(0.05)
        position = await author.register.position("court")
        assert (position.session_id, position.sequence, position.issued_at) == ("", 0, None)
        assert await statuses(author, 1) == []
        assert not await author.register.wait_for("court", 1, 0.3)


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-33")
async def test_who_was_listed_is_answered_as_of_any_time_also_across_a_reset(
    mongo_uri: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path) as house:
        await house.replica()
        author = await house.author()
        await author.list_persons(1, 2)
        assert await author.register.wait_for("court", 2, 40)
        listed_at = author.clock.now()
        house.leap(10)
        await author.say(record_of(1, 2, status="REMOVED", change="REMOVED", at=author.clock.now()))
        assert await author.register.wait_for("court", 3, 40)
        removed_at = author.clock.now()
        session = (await order(house)).json()["reset"]["session_id"]
        await approve(house, session, "op-2")
        await house.until(lambda head: head["session_id"] == session)
        async with asyncio.timeout(30):
            while (await author.register.position("court")).session_id != session:  # noqa: ASYNC110 -- as above
                await asyncio.sleep(0.05)
        points = [await author.register.sequence_at("court", moment) for moment in (listed_at, removed_at)]

        assert points[0] is not None
        assert points[1] is not None
        assert [points[0].sequence, points[1].sequence] == [2, 3]
        assert points[0].session_id != session
        assert await author.register.sequence_at("court", listed_at - timedelta(days=1)) is None
        assert await statuses(author, 1, points[0]) == ["LISTED"]
        assert await statuses(author, 1, points[1]) == ["REMOVED"]
        assert await statuses(author, 1) == ["REMOVED"]
        assert await statuses(author, 2) == ["LISTED"]


@pytest.mark.asyncio
async def test_all_that_is_in_force_is_told_in_batches_in_order(
    mongo_uri: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path) as house:
        await house.replica()
        author = await house.author()
        await author.list_persons(*range(1, 8))
        await author.say(record_of(3, 2, status="REMOVED", change="REMOVED", at=author.clock.now()))
        assert await author.register.wait_for("court", 8, 40)
        position = await author.register.position("court")
        batches = [batch async for batch in author.register.in_force("court")]
        ended = await author.register.removed_before(
            "court", position.session_id, 0, author.clock.now() + timedelta(days=1), 10
        )
        young = await author.register.removed_before(
            "court", position.session_id, 0, author.clock.now() - timedelta(days=1), 10
        )
        assert [each.record_id for batch in batches for each in batch] == [
            f"rec_{serial:06d}" for serial in (1, 2, 4, 5, 6, 7)
        ]
        assert (ended, young) == ([(8, "rec_000003")], [])
