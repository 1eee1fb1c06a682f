"""What Kafka brings becomes the same copy: in one transaction with the topic's offset, and with HTTP where it lacks."""

from typing import Any

import pytest

from tests.contract.subscriber.publisher import claims, problem
from tests.contract.subscriber.room import Room
from tests.contract.subscriber.test_following import holds_the_list
from zhixing_feed import AlarmCode, FeedFault, Subscriber
from zhixing_feed.engine import Brought

TOPIC = "zhixing.joint-punishment.air.deltas.v1"


def brought(room: Room, after: int, *, compacted: bool = False, without: tuple[int, ...] = ()) -> Brought:
    publisher = room.publisher
    rows = [(number, jws) for number, jws in enumerate(publisher.session.entries, start=1) if number > after]
    if compacted:
        last = {claims(jws)["record_id"]: (number, jws) for number, jws in rows}
        rows = sorted(last.values())
    rows = [row for row in rows if row[0] not in without]
    return Brought(rows, (TOPIC, 1000 + publisher.sequence), compacted)


async def take(subscriber: Subscriber, room: Room, after: int, **how: Any) -> None:
    await subscriber.take_head(room.publisher.head(), brought=brought(room, after, **how))


@pytest.mark.asyncio
@pytest.mark.parametrize("compacted", [False, True])
async def test_a_topic_alone_makes_the_first_copy_and_keeps_its_offset(room: Room, *, compacted: bool) -> None:
    for number in range(20):
        room.publisher.put(f"record-{number}")
    room.publisher.put("record-1")
    room.publisher.remove("record-2")
    async with room.subscriber() as subscriber:
        await take(subscriber, room, 0, compacted=compacted)
        assert holds_the_list(subscriber, room)
        assert subscriber.store.journal.offset(TOPIC) == 1022
        assert subscriber.state().log_root == room.publisher.log_root(22)
    asked = {request.split("/")[3] for request in room.publisher.requests}
    assert asked == {"key-sets", "policies"}


@pytest.mark.asyncio
@pytest.mark.parametrize("compacted", [False, True])
async def test_a_topic_goes_on_from_the_copy(room: Room, *, compacted: bool) -> None:
    room.publisher.put("record-1")
    async with room.subscriber() as subscriber:
        await take(subscriber, room, 0, compacted=compacted)
        for number in range(2, 9):
            room.publisher.put(f"record-{number % 3}")
        room.publisher.remove("record-0")
        await take(subscriber, room, 1, compacted=compacted)
        assert holds_the_list(subscriber, room)
        room.publisher.put("record-9")
        await take(subscriber, room, 9, compacted=compacted)
        assert holds_the_list(subscriber, room)
        await take(subscriber, room, 10, compacted=compacted)
        assert subscriber.state().log_root == room.publisher.log_root(10)
    assert not room.codes


@pytest.mark.asyncio
@pytest.mark.parametrize("compacted", [False, True])
async def test_what_a_topic_lost_is_fetched_over_http(room: Room, *, compacted: bool) -> None:
    room.publisher.put("record-1")
    async with room.subscriber() as subscriber:
        await take(subscriber, room, 0, compacted=compacted)
        room.publisher.put("record-2")
        room.publisher.put("record-3")
        await take(subscriber, room, 1, compacted=compacted, without=(2,))
        assert holds_the_list(subscriber, room)
    assert room.codes == [AlarmCode.SET_DIGEST_WRONG if compacted else AlarmCode.SEQUENCE_GAP]


@pytest.mark.asyncio
async def test_a_compacted_topic_whose_history_is_not_proved_is_not_followed(room: Room) -> None:
    room.publisher.put("record-1")
    async with room.subscriber() as subscriber:
        await take(subscriber, room, 0, compacted=True)
        for _ in range(3):
            room.publisher.put("record-2")
        room.publisher.tamper.append(
            lambda path, answer: problem(404, "not_found") if "consistency" in path else answer
        )
        with pytest.raises(FeedFault):
            await take(subscriber, room, 1, compacted=True)
        assert subscriber.state().sequence == 1
    assert AlarmCode.HISTORY_NOT_PROVED in room.codes


@pytest.mark.asyncio
async def test_an_entry_that_a_topic_forged_is_not_applied(room: Room) -> None:
    room.publisher.put("record-1")
    async with room.subscriber() as subscriber:
        await take(subscriber, room, 0)
        room.publisher.put("record-2", key=room.publisher.head_key)
        with pytest.raises(FeedFault):
            await take(subscriber, room, 1)
        assert subscriber.state().sequence == 1
        assert subscriber.store.journal.offset(TOPIC) == 1001
    assert AlarmCode.ENTRY_SIGNATURE in room.codes
