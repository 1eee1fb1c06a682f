"""An honest publisher: every way leads to the very list that it signed."""

import asyncio

import pytest

from tests.contract.subscriber.room import Room
from zhixing_feed import AlarmCode, Subscriber

AIR = "7.1.AIR"
CARD = "RESIDENT_IDENTITY_CARD"


def holds_the_list(subscriber: Subscriber, room: Room) -> bool:
    state, publisher = subscriber.state(), room.publisher
    expected = publisher.set_at(publisher.sequence)
    held = {record_id: jws for record_id, _, jws in subscriber.store.in_force()}
    wanted = {record_id: jws for record_id, (_, jws) in publisher.in_force(publisher.sequence).items()}
    stated = (state.session_id, state.sequence, state.count, state.set_digest)
    return held == wanted and stated == (
        publisher.session.id,
        publisher.sequence,
        expected["count"],
        expected["digest"],
    )


@pytest.mark.asyncio
async def test_an_empty_list_is_a_copy_and_says_not_listed(room: Room) -> None:
    async with room.subscriber() as subscriber:
        state = await subscriber.sync()
        assert (state.sequence, state.count, state.ready) == (0, 0, True)
        answer = await subscriber.check(CARD, "110101199001010015", "张三", AIR)
        assert (answer.decision, answer.status) == ("PASS", "NOT_LISTED")


@pytest.mark.asyncio
async def test_pages_from_the_first_on_make_the_publishers_list(room: Room) -> None:
    for number in range(300):
        room.publisher.put(f"record-{number}")
    for number in range(0, 300, 7):
        room.publisher.remove(f"record-{number}")
    async with room.subscriber() as subscriber:
        await subscriber.sync()
        assert holds_the_list(subscriber, room)
        assert subscriber.state().log_root == room.publisher.log_root(room.publisher.sequence)


@pytest.mark.asyncio
async def test_a_snapshot_and_the_pages_behind_it_make_the_same_list(room: Room) -> None:
    for number in range(40):
        room.publisher.put(f"record-{number}")
    room.publisher.remove("record-3")
    room.publisher.take_snapshot()
    room.publisher.put("record-40")
    async with room.subscriber() as subscriber:
        state = await subscriber.sync()
        assert state.snapshot_reason == "FIRST"
        assert holds_the_list(subscriber, room)
        assert state.log_root == room.publisher.log_root(room.publisher.sequence)


@pytest.mark.asyncio
async def test_a_copy_goes_on_from_its_file_and_fetches_only_what_is_new(room: Room) -> None:
    for number in range(260):
        room.publisher.put(f"record-{number}")
    async with room.subscriber() as subscriber:
        await subscriber.sync()
    room.publisher.requests.clear()
    room.publisher.put("record-7", kinds=[2])
    async with room.subscriber() as subscriber:
        await subscriber.sync()
        assert holds_the_list(subscriber, room)
    pages = [request for request in room.publisher.requests if "/pages/" in request]
    assert pages == [f"GET /v1/joint-punishment-feed/pages/{room.publisher.session.id}/1.p/5"]


@pytest.mark.asyncio
async def test_the_hit_refuses_the_ticket_and_the_removal_sells_it(room: Room) -> None:
    room.publisher.put("record-1", name="张三", number="110101199001010015")
    async with room.subscriber() as subscriber:
        await subscriber.sync()
        answer = await subscriber.check(CARD, "110101199001010015", "张三", AIR)
        assert (answer.decision, answer.status, answer.hits[0].telephone) == ("REFUSE", "LISTED", "010-12345678")
        room.publisher.remove("record-1", name="张三", number="110101199001010015")
        await subscriber.sync()
        answer = await subscriber.check(CARD, "110101199001010015", "张三", AIR)
        assert (answer.decision, answer.status, answer.hits) == ("PASS", "NOT_LISTED", ())
        assert answer.as_of is not None
        assert answer.as_of.sequence == 2


@pytest.mark.asyncio
async def test_the_doorbell_brings_every_head(room: Room) -> None:

    room.publisher.put("record-1")
    async with room.subscriber() as subscriber:
        following = asyncio.create_task(subscriber.follow_stream())
        await subscriber.wait_for(lambda state: state.sequence == 1, 5)
        room.publisher.put("record-2")
        await subscriber.wait_for(lambda state: state.sequence == 2, 5)
        assert holds_the_list(subscriber, room)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    assert AlarmCode.SNAPSHOT_REQUIRED not in room.codes
