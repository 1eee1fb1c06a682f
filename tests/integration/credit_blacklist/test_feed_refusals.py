"""Who may read what, from where on, and what is answered to a position that cannot be."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.integration.credit_blacklist.feed_house import Author, House, feed_house, opened, record_of


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(
    mongo_uri: str, kafka_bootstrap: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[House, Author]]:
    """Three listings and one restriction: the air sees the restriction alone, finance all."""
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path_factory.mktemp("feed")) as house:
        await house.replica()
        author = await house.author()
        await author.list_persons(1, 2, 3)
        await author.person(4)
        await author.say(record_of(4, status="RESTRICTED"))
        for view in ("air", "finance"):
            await house.subscribe(view)
        for view, sequence in (("court", 4), ("air", 1), ("finance", 4)):
            await house.named(sequence, view=view)
        yield house, author


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.rule("R-CRB-33")
async def test_an_agency_reads_its_own_view_and_only_its_fields(told: tuple[House, Author]) -> None:
    house, _author = told
    air = (await house.get("entries", view="air")).json()["entries"]
    (entry,) = [opened(each["entry"]) for each in air]
    assert (entry["view"], entry["record_id"], entry["kinds"]) == ("air", "rec_000004", [1])
    assert not {"duty", "grounds", "performance", "basis", "case_filed_on"} & entry.keys()
    assert len((await house.get("entries", view="finance")).json()["entries"]) == 4


@pytest.mark.asyncio(loop_scope="module")
async def test_nobody_learns_from_salts_that_two_views_speak_of_one_record(told: tuple[House, Author]) -> None:
    house, _author = told
    salts = {
        opened(each["entry"])["salt"]
        for view in ("air", "finance", "court")
        for each in (await house.get("entries", view=view)).json()["entries"]
        if opened(each["entry"])["record_id"] == "rec_000004"
    }
    assert len(salts) == 3


@pytest.mark.asyncio(loop_scope="module")
async def test_a_cursor_of_another_view_is_refused(told: tuple[House, Author]) -> None:
    house, _author = told
    other = (await house.head(view="finance"))["session_id"]
    for path in (f"pages/{other}/0.p/1", f"buckets/{other}/1/0"):
        answer = await house.get(path, view="air")
        assert (answer.status_code, answer.json()["code"]) == (409, "cursor_of_another_view")
    answer = await house.get("entries", view="air", after=f"{other}:0")
    assert (answer.status_code, answer.json()["code"]) == (409, "cursor_of_another_view")


@pytest.mark.asyncio(loop_scope="module")
async def test_a_position_ahead_of_every_head_is_refused(told: tuple[House, Author]) -> None:
    house, _author = told
    head = await house.head()
    answers = [
        await house.get("entries", after=f"{head['session_id']}:5"),
        await house.get("checksums/5"),
        await house.get("consistency-proofs?from=1&to=5"),
    ]
    assert [(each.status_code, each.json()["code"]) for each in answers] == [(409, "position_ahead")] * 3


@pytest.mark.asyncio(loop_scope="module")
async def test_a_session_that_nobody_knows_was_replaced(told: tuple[House, Author]) -> None:
    house, _author = told
    answer = await house.get("entries", after="00000000-0000-4000-8000-000000000000:0")
    assert (answer.status_code, answer.json()["code"]) == (410, "session_replaced")
    assert answer.json()["session_id"] == (await house.head())["session_id"]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("cursor", ["", ":", "x", "a:b", "a:-1", "a:1:2", "a:99999999999999", "中:1"])
async def test_a_cursor_that_is_none_is_told_as_such(told: tuple[House, Author], cursor: str) -> None:
    house, _author = told
    answer = await house.get("entries", after=cursor)
    assert (answer.status_code, answer.json()["code"]) == (422, "feed_cursor_unreadable")


@pytest.mark.asyncio(loop_scope="module")
async def test_what_no_head_has_named_yet_is_nowhere_and_is_not_kept_by_caches(told: tuple[House, Author]) -> None:
    house, _author = told
    session = (await house.head())["session_id"]
    for path in (f"pages/{session}/0", f"pages/{session}/0.p/5", f"pages/{session}/1", "snapshots/999"):
        answer = await house.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "feed_page_not_named")
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.asyncio(loop_scope="module")
async def test_caches_are_told_what_never_changes_and_what_does(told: tuple[House, Author]) -> None:
    house, _author = told
    session = (await house.head())["session_id"]
    told_by = {
        path: (await house.get(path)).headers["Cache-Control"]
        for path in ("heads/latest", "entries", f"pages/{session}/0.p/4", f"buckets/{session}/4/0", "checksums/4")
    }
    assert told_by["heads/latest"] == "max-age=15, stale-if-error=86400"
    assert told_by["entries"] == "private, no-cache"
    assert told_by[f"pages/{session}/0.p/4"] == "private, max-age=31536000, immutable"
    assert told_by[f"buckets/{session}/4/0"] == "private, max-age=31536000, immutable"
    assert told_by["checksums/4"] == "private, max-age=60"


@pytest.mark.asyncio(loop_scope="module")
async def test_an_agency_without_a_profile_and_a_token_without_the_scope_read_nothing(
    told: tuple[House, Author],
) -> None:
    house, _author = told
    stranger = await house.get("heads/latest", view="land")
    assert (stranger.status_code, stranger.json()["code"]) == (403, "not_a_subscriber")
    token = house.issuer.token(subject="u", organisation="o", roles=[], scopes=["intake.cases.read"], courts=("*",))
    url = f"{house.replicas[0].url}/v1/joint-punishment-feed/heads/latest"
    answer = await house.client.get(url, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


@pytest.mark.asyncio(loop_scope="module")
async def test_a_bucket_locates_a_record_and_all_buckets_hold_the_set(told: tuple[House, Author]) -> None:
    house, _author = told
    head = await house.head()
    sums = (await house.get("checksums/4", buckets="true")).json()
    found = [
        each
        for number, digest in enumerate(sums["buckets"])
        if digest != sums["buckets"][-1] or number == 255
        for each in (await house.get(f"buckets/{head['session_id']}/4/{number}")).json()["entries"]
    ]
    assert sums["set"] == head["set"]
    assert len(sums["buckets"]) == 256
    assert sorted(each["sequence"] for each in found) == [1, 2, 3, 4]


@pytest.mark.asyncio(loop_scope="module")
async def test_an_announcement_that_two_officers_answer_for_stands_in_the_heads(told: tuple[House, Author]) -> None:
    house, _author = told
    base = f"{house.replicas[0].url}/v1/joint-punishment-feed/views/finance/bulk-declarations"
    body = {"from_sequence": 5, "to_sequence": 5000, "reason": "并入旧名单"}
    declared = await house.client.post(base, json=body, headers=house.operator("op-1"))
    bulk_id = declared.json()["bulk_id"]
    url = f"{base}/{bulk_id}/approvals"
    same = await house.client.post(url, json={"decision": "APPROVE"}, headers=house.operator("op-1"))
    await house.client.post(url, json={"decision": "APPROVE"}, headers=house.operator("op-2"))
    head = await house.until(lambda head: bool(head["bulk"]), "finance")
    backwards = await house.client.post(base, json={**body, "to_sequence": 4}, headers=house.operator("op-1"))

    assert (declared.status_code, same.status_code) == (201, 403)
    assert head["bulk"] == [{**body, "officer": "op-1", "second_officer": "op-2"}]
    assert (backwards.status_code, backwards.json()["code"]) == (422, "feed_bulk_range_impossible")


@pytest.mark.asyncio(loop_scope="module")
async def test_only_an_operator_orders_a_reset_or_reads_the_sessions(told: tuple[House, Author]) -> None:
    house, _author = told
    url = f"{house.replicas[0].url}/v1/joint-punishment-feed/views/air"
    court = {"Authorization": f"Bearer {house.token()}", "Idempotency-Key": "k-1"}
    order = await house.client.post(f"{url}/resets", json={"reason": "x"}, headers=court)
    read = await house.client.get(f"{url}/sessions", headers=court)
    own = await house.client.get(f"{url}/sessions", headers=house.operator("op-1"))
    assert (order.status_code, read.status_code) == (403, 403)
    assert [each["previous_session"] for each in own.json()["sessions"]] == [None]


@pytest.mark.asyncio(loop_scope="module")
async def test_whoever_asks_for_a_closed_view_is_told_so_for_good(told: tuple[House, Author]) -> None:
    house, _author = told
    await house.replica(feed_closed_views=frozenset({"air"}))
    answers = [await house.get(path, view="air", replica=1) for path in ("heads/latest", "entries", "checksums/0")]
    open_still = await house.get("heads/latest", view="finance", replica=1)
    assert [(each.status_code, each.json()["code"]) for each in answers] == [(410, "view_closed")] * 3
    assert open_still.status_code == 200
