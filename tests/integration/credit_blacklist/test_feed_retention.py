"""How long pages are served, and what is said to whoever comes later."""

from pathlib import Path

import pytest

from tests.integration.credit_blacklist.feed_house import feed_house


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-33")
async def test_a_position_from_before_the_retention_is_sent_to_the_snapshot(
    mongo_uri: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path, feed_head_every_s=1, feed_snapshot_every_s=1) as house:
        await house.replica()
        author = await house.author()
        await author.list_persons(*range(1, 258))
        old = await house.named(257)
        house.leap(91)
        await author.list_persons(258)
        head = await house.until(lambda head: head["oldest_sequence"] > 1 and head["sequence"] == 258)
        session = head["session_id"]
        behind = await house.get("entries", after=f"{session}:3")
        page = await house.get(f"pages/{session}/0")
        edge = await house.get("entries", after=f"{session}:256")

        assert old["oldest_sequence"] == 1
        assert head["oldest_sequence"] == 257
        assert head["snapshot"]["sequence"] >= 256
        for answer in (behind, page):
            assert (answer.status_code, answer.json()["code"]) == (410, "position_expired")
            assert answer.json()["oldest_sequence"] == 257
        assert [each["sequence"] for each in edge.json()["entries"]] == [257, 258]
