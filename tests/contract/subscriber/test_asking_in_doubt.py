"""The staleness table, online confirmation, and what is said back to the publisher."""

import asyncio
import threading
from datetime import timedelta
from typing import Any

import pytest

from tests.contract.subscriber.publisher import BEGIN, ROOT, Answer, Key, jose, problem, text
from tests.contract.subscriber.room import Room
from zhixing_feed import AlarmCode, FeedFault, MeasureUnknown, State

AIR, LAND = "7.1.AIR", "6.4"
CARD = "RESIDENT_IDENTITY_CARD"
LISTED, FREE = "110101199001010015", "110101199001010023"

TABLE = [
    # hours since the head ended, number, reversible measure: local decision, confirmed LISTED, confirmed NOT_LISTED
    (0, LISTED, AIR, "REFUSE", "REFUSE", "REFUSE"),
    (0, LISTED, LAND, "REFUSE", "REFUSE", "REFUSE"),
    (0, FREE, AIR, "PASS", "PASS", "PASS"),
    (0, FREE, LAND, "PASS", "PASS", "PASS"),
    (23, LISTED, AIR, "REFUSE", "REFUSE", "PASS"),
    (23, LISTED, LAND, "HOLD", "REFUSE", "PASS"),
    (23, FREE, AIR, "PASS", "PASS", "PASS"),
    (71, LISTED, AIR, "PASS", "REFUSE", "PASS"),
    (71, LISTED, LAND, "HOLD", "HOLD", "HOLD"),
    (71, FREE, LAND, "PASS", "PASS", "PASS"),
    (73, LISTED, AIR, "PASS", "PASS", "PASS"),
    (73, LISTED, LAND, "HOLD", "HOLD", "HOLD"),
    (73, FREE, AIR, "PASS", "PASS", "PASS"),
    (73, FREE, LAND, "HOLD", "HOLD", "HOLD"),
]


async def copied(room: Room) -> State:
    room.publisher.put("record", number=LISTED)
    async with room.subscriber() as subscriber:
        return await subscriber.sync()


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-33")
@pytest.mark.parametrize(("hours", "number", "measure", "local", "listed", "free"), TABLE)
async def test_the_answer_is_that_of_the_table(
    room: Room, hours: int, number: str, measure: str, local: str, listed: str, free: str
) -> None:
    await copied(room)
    if hours:
        room.clock.pass_(minutes=15, hours=hours)
    async with room.subscriber() as subscriber:
        for online, decision in ((None, local), ("LISTED", listed), ("NOT_LISTED", free), ("UNKNOWN", local)):
            room.publisher.online = {"status": online} if online else None
            answer = await subscriber.check(CARD, number, "张三", measure)
            assert answer.decision == decision, (online, answer)
            assert answer.as_of is not None
            assert (answer.as_of.sequence, answer.as_of.issued_at) == (1, BEGIN)
            assert (answer.status == "UNKNOWN") == (hours == 73)


@pytest.mark.asyncio
async def test_a_publisher_that_does_not_answer_leaves_the_local_answer_for_review(room: Room) -> None:
    await copied(room)
    room.clock.pass_(hours=2)
    room.publisher.tamper.append(lambda _, __: problem(503, "busy"))
    async with room.subscriber() as subscriber:
        answer = await subscriber.check(CARD, LISTED, "张三", AIR)
        assert (answer.decision, answer.to_review, answer.confirmed) == ("REFUSE", True, "LOCAL")


@pytest.mark.asyncio
async def test_without_a_copy_nobody_is_said_not_to_be_listed(room: Room) -> None:
    async with room.subscriber() as subscriber:
        answer = await subscriber.check(CARD, FREE, "张三", LAND)
        assert (answer.decision, answer.status, answer.reason) == ("HOLD", "UNKNOWN", "NO_POLICY")
        assert not subscriber.ready()


@pytest.mark.asyncio
async def test_a_policy_without_a_copy_knows_what_can_be_undone(room: Room) -> None:
    room.publisher.put("record")
    room.publisher.tamper.append(lambda path, answer: problem(503, "busy") if "/pages/" in path else answer)
    async with room.subscriber() as subscriber:
        with pytest.raises(Exception, match="busy"):
            await subscriber.sync()
        decided = [subscriber.look_up(CARD, FREE, "张三", measure) for measure in (AIR, LAND)]
        assert [(answer.decision, answer.status, answer.reason) for answer in decided] == [
            ("PASS", "UNKNOWN", "NO_COPY"),
            ("HOLD", "UNKNOWN", "NO_COPY"),
        ]
    assert AlarmCode.DECIDED_WITHOUT_COPY in room.codes


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-32")
@pytest.mark.parametrize("measure", ["0.0", "9.9"])
async def test_a_measure_without_a_legal_basis_is_none(room: Room, measure: str) -> None:
    await copied(room)
    async with room.subscriber() as subscriber:
        with pytest.raises(MeasureUnknown):
            await subscriber.check(CARD, LISTED, "张三", measure)


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-02", "R-CRB-23")
async def test_terms_and_suspensions_end_by_the_own_clock_without_a_line(room: Room) -> None:
    start = BEGIN + timedelta(minutes=2)
    window = {"from": text(BEGIN + timedelta(minutes=4)), "until": text(BEGIN + timedelta(minutes=6)), "kinds": [1]}
    end = BEGIN + timedelta(minutes=8)
    room.publisher.put("record", number=LISTED, effective_from=text(start), expires_at=text(end), suspensions=[window])
    async with room.subscriber() as subscriber:
        await subscriber.sync()
        decided = []
        for _ in range(10):
            decided.append(subscriber.look_up(CARD, LISTED, "张三", AIR).decision)
            room.clock.pass_(minutes=1)
    assert decided == ["PASS"] * 2 + ["REFUSE"] * 2 + ["PASS"] * 2 + ["REFUSE"] * 2 + ["PASS"] * 2


@pytest.mark.asyncio
async def test_a_name_alone_and_a_document_alone_are_no_hit(room: Room) -> None:
    await copied(room)
    async with room.subscriber() as subscriber:
        assert subscriber.look_up(CARD, FREE, "张三", AIR).status == "NOT_LISTED"
        wrong = subscriber.look_up(CARD, FREE[:-1] + "9", "张三", LAND)
        assert (wrong.decision, wrong.status, wrong.reason) == ("HOLD", "UNKNOWN", "DOCUMENT_MISWRITTEN")
        assert subscriber.look_up("PASSPORT", LISTED, "张三", AIR).status == "NOT_LISTED"
        assert subscriber.look_up(CARD, LISTED, "李四", AIR).reason == "NAME_DIFFERS"
        assert subscriber.look_up(CARD, LISTED, "李四", LAND).decision == "HOLD"


@pytest.mark.asyncio
async def test_every_kind_of_document_finds_its_record(room: Room) -> None:
    documents = [("PASSPORT", "E12345678"), ("UNIFIED_SOCIAL_CREDIT_CODE", "91110107MA01ABCD4X")]
    for kind, number in documents:
        room.publisher.put(f"record-{kind}", document_type=kind, number=number, name="Ivan·Petrov")
    async with room.subscriber() as subscriber:
        await subscriber.sync()
        for kind, number in documents:
            answer = subscriber.look_up(kind, number.lower(), "IVAN PETROV", AIR)
            assert answer.decision == "REFUSE"


# -- positions ---------------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-33")
async def test_a_position_is_what_the_copy_computed_and_why_a_snapshot_was_taken_is_told_once(room: Room) -> None:
    room.publisher.put("record")
    room.publisher.take_snapshot()
    async with room.subscriber(signing_key=Key.make("airline-1").private) as subscriber:
        await subscriber.sync()
        assert await subscriber.acknowledge() == "CONFIRMED"
        assert await subscriber.acknowledge() == "CONFIRMED"
        first, second = room.publisher.positions
        assert (first["snapshot_reason"], "snapshot_reason" in second) == ("FIRST", False)
        assert first["set_digest"] == room.publisher.set_at(1)["digest"]
        assert first["log_root"] == room.publisher.log_root(1)
        assert first["applied_at"] >= first["fetched_at"]


@pytest.mark.asyncio
async def test_a_publisher_that_holds_another_list_than_it_signed_is_an_alarm(room: Room) -> None:
    await copied(room)
    async with room.subscriber(signing_key=Key.make("airline-1").private) as subscriber:
        await subscriber.sync()
        room.publisher.session.entries.clear()
        assert await subscriber.acknowledge() == "DIFFERS"
    assert AlarmCode.POSITION_DIFFERS in room.codes


# -- reports -----------------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-33")
async def test_a_report_waits_for_the_line_and_its_end_is_due_when_the_record_ends(room: Room) -> None:
    await copied(room)
    key = Key.make("airline-1").private
    async with room.subscriber(signing_key=key) as subscriber:
        hit = subscriber.look_up(CARD, LISTED, "张三", AIR).hits[0]
        room.publisher.gone["/v1/punishment-reports"] = (503, "busy")
        sent = await subscriber.report(hit, measure_code=AIR, outcome="APPLIED", agency_reference="T-1")
        assert (sent, subscriber.reports_due()) == (False, [])
    room.publisher.gone.clear()
    async with room.subscriber(signing_key=key) as subscriber:
        await subscriber.send_back()
        assert [report["agency_reference"] for report in room.publisher.reports] == ["T-1"]
        room.publisher.remove("record", number=LISTED)
        await subscriber.sync()
        assert [report.agency_reference for report in subscriber.reports_due()] == ["T-1"]
        assert await subscriber.end_report("T-1")
        assert subscriber.reports_due() == []
        assert room.publisher.reports[-1]["ended_at"] == text(room.clock.now())


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-12")
async def test_a_correction_asks_whether_the_measure_stands(room: Room) -> None:
    await copied(room)
    async with room.subscriber() as subscriber:
        hit = subscriber.look_up(CARD, LISTED, "张三", AIR).hits[0]
        await subscriber.report(hit, measure_code=AIR, outcome="APPLIED", agency_reference="T-1")
        correction = {"wrong_version": 1, "fields": ["duty"], "nature": "INACCURATE"}
        room.publisher.put("record", number=LISTED, change="CORRECTED", correction=correction)
        await subscriber.sync()
        assert [report.agency_reference for report in subscriber.reports_to_review()] == ["T-1"]
        assert await subscriber.repeat_report("T-1")
        assert room.publisher.reports[-1]["record_version"] == 2
        assert subscriber.reports_to_review() == []


@pytest.mark.asyncio
async def test_a_report_that_is_refused_is_an_alarm_and_not_lost(room: Room) -> None:
    await copied(room)
    room.publisher.gone["/v1/punishment-reports"] = (422, "measure_not_in_view")
    async with room.subscriber() as subscriber:
        hit = subscriber.look_up(CARD, LISTED, "张三", AIR).hits[0]
        assert not await subscriber.report(hit, measure_code=AIR, outcome="APPLIED", agency_reference="T-1")
        assert [each.agency_reference for each in subscriber.store.journal.reports_unsent()] == ["T-1"]
    assert AlarmCode.REPORT_REFUSED in room.codes


# -- following ---------------------------------------------------------------------------------------------------------


async def followed(room: Room, rounds: int, *, way: str = "follow") -> list[float]:
    """Follow until so many waits were asked for; return them."""
    waits: list[float] = []
    enough = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) >= rounds:
            enough.set()
            await asyncio.Event().wait()

    async with room.subscriber() as subscriber:
        subscriber._pacing.sleep = sleep
        task = asyncio.create_task(getattr(subscriber, way)())
        await asyncio.wait_for(enough.wait(), 20)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return waits


@pytest.mark.asyncio
async def test_the_first_poll_waits_at_random_and_the_next_as_the_head_says(room: Room) -> None:
    room.publisher.tamper.append(lambda path, answer: answer if "heads" not in path else _head(room, minimum_wait_s=20))
    assert await followed(room, 3) == [30, 20, 20]


@pytest.mark.asyncio
async def test_failures_wait_longer_each_time_up_to_an_hour(room: Room) -> None:
    room.publisher.tamper.append(lambda _, __: problem(503, "busy"))
    assert await followed(room, 10) == [30, 45, 90, 180, 360, 720, 1440, 2880, 3600, 3600]
    assert room.codes == [AlarmCode.UNREACHABLE]


@pytest.mark.asyncio
async def test_a_closed_view_is_left_alone_for_a_day(room: Room) -> None:
    await copied(room)
    room.publisher.gone[f"{ROOT}/heads/latest"] = (410, "view_closed")
    assert (await followed(room, 2))[1] == 86400
    assert AlarmCode.VIEW_CLOSED in room.codes


@pytest.mark.asyncio
async def test_a_poll_that_the_line_cut_is_followed_by_one_past_all_caches(room: Room) -> None:
    await copied(room)
    room.publisher.put("new")
    old = room.publisher.head(sequence=1)
    cuts = [old]
    room.publisher.tamper.append(lambda path, answer: jose(cuts.pop()) if "heads" in path and cuts else answer)
    async with room.subscriber() as subscriber:
        assert (await subscriber.sync()).sequence == 1
        assert (await subscriber.sync()).sequence == 2


@pytest.mark.asyncio
async def test_the_doorbell_of_a_dead_session_says_that_a_snapshot_is_needed(room: Room) -> None:
    await copied(room)
    room.publisher.reset()
    room.publisher.take_snapshot()
    async with room.subscriber() as subscriber:
        task = asyncio.create_task(subscriber.follow_stream())
        state = await subscriber.wait_for(lambda state: state.session_id == room.publisher.session.id, 10)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (state.count, state.snapshot_reason) == (1, "SESSION_CHANGED")
    assert AlarmCode.SNAPSHOT_REQUIRED in room.codes


@pytest.mark.asyncio
async def test_a_poll_in_a_session_that_was_just_replaced_waits_for_the_next_head(room: Room) -> None:
    await copied(room)
    room.publisher.put("new")
    stale = room.publisher.head()
    room.publisher.reset()
    room.publisher.take_snapshot()
    cached = [stale]
    room.publisher.tamper.append(lambda path, answer: jose(cached.pop()) if "heads" in path and cached else answer)
    async with room.subscriber() as subscriber:
        with pytest.raises(Exception, match="replaced"):
            await subscriber.sync()
        assert AlarmCode.SUPPORT_NEEDED not in room.codes
        assert (await subscriber.sync()).session_id == room.publisher.session.id


# -- the file ----------------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE copy SET set_state = zeroblob(2048)",
        "UPDATE copy SET set_state = x'00'",
        "UPDATE buckets SET set_state = zeroblob(2048)",
        "UPDATE copy SET log_frontier = zeroblob(32)",
    ],
)
async def test_a_damaged_file_says_unknown_and_is_repaired(room: Room, damage: str) -> None:
    await copied(room)
    async with room.subscriber() as subscriber:
        with subscriber.store.database.transaction() as writer:
            writer.execute(damage)
    async with room.subscriber() as subscriber:
        answer = subscriber.look_up(CARD, LISTED, "张三", LAND)
        assert (answer.decision, answer.status) == ("HOLD", "UNKNOWN")
        assert not subscriber.ready()
        state = await subscriber.sync()
        assert state.ready
        assert state.set_digest == room.publisher.set_at(1)["digest"]
        assert subscriber.look_up(CARD, LISTED, "张三", LAND).decision == "REFUSE"


@pytest.mark.asyncio
async def test_records_that_were_lost_from_the_file_are_found_by_looking_and_fetched_again(room: Room) -> None:
    for number in range(50):
        room.publisher.put(f"record-{number}")
    async with room.subscriber() as subscriber:
        await subscriber.sync()
        with subscriber.store.database.transaction() as writer:
            writer.execute("DELETE FROM records WHERE record_id IN ('record-3', 'record-4')")
        assert not await subscriber.verify()
        assert subscriber.state().freshness == "DOUBTFUL"
        room.publisher.requests.clear()
        await subscriber.sync()
        assert await subscriber.verify()
        assert sum("/buckets/" in request for request in room.publisher.requests) == 2


@pytest.mark.asyncio
async def test_two_processes_on_one_file_do_not_mix_it_up(room: Room) -> None:
    await copied(room)
    async with room.subscriber() as first, room.subscriber() as second:
        room.publisher.put("new")
        await first.sync()
        room.publisher.put("newer")
        with pytest.raises(FeedFault) as caught:
            await second.sync()
        assert caught.value.code is AlarmCode.COPY_WRITTEN_BY_ANOTHER


def _head(room: Room, **changes: Any) -> Answer:
    return jose(room.publisher.head(**changes))


@pytest.mark.asyncio
async def test_a_counter_does_not_wait_while_a_long_step_is_written(room: Room) -> None:
    await copied(room)
    room.clock.pass_(days=30)
    async with room.subscriber() as subscriber:
        began, done = threading.Event(), threading.Event()

        def written() -> None:
            with subscriber.store.database.transaction():
                began.set()
                done.wait(10)

        writing = asyncio.get_running_loop().run_in_executor(None, written)
        await asyncio.to_thread(began.wait, 10)
        async with asyncio.timeout(2):
            answer = await subscriber.check(CARD, LISTED, "张三", LAND)
        assert (answer.decision, room.codes) == ("HOLD", [AlarmCode.DECIDED_WITHOUT_COPY])
        assert subscriber.state().alarms == ()
        done.set()
        await writing
        await subscriber.sync()
        assert subscriber.state().alarms[0].code is AlarmCode.DECIDED_WITHOUT_COPY
