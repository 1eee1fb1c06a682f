"""From an event that carries a record to a page over HTTP, on the real database."""

from pathlib import Path

import pytest

from tests.integration.credit_blacklist.feed_house import feed_house, opened


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-33")
async def test_a_record_becomes_an_entry_that_a_signed_head_names(
    mongo_uri: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path) as house:
        await house.replica()
        author = await house.author()
        await author.list_persons(1, 2, 3)
        head = await house.named(3)
        answer = await house.get("entries")
        page = await house.get(f"pages/{head['session_id']}/0.p/3")

        assert [opened(each["entry"])["status"] for each in answer.json()["entries"]] == ["LISTED"] * 3
        assert page.json()["set"] == head["set"]
        assert page.json()["log_root"] == head["log_root"]
        assert head["set"]["count"] == 3
