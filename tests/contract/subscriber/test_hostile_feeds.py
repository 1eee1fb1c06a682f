"""Feeds that lie, break off, go back, or lose something: the last good copy stays, and the alarm has a name."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.contract.subscriber.publisher import PAGE, ROOT, Answer, Key, claims, problem, text
from tests.contract.subscriber.room import Room
from zhixing_feed import AlarmCode, FeedFault, FeedStopped, State, Subscriber, Unavailable

AIR = "7.1.AIR"
CARD = "RESIDENT_IDENTITY_CARD"
REPAIR = ("checksums", "buckets", "snapshots")


def held(subscriber: Subscriber) -> list[tuple[str, int, str]]:
    return list(subscriber.store.in_force())


def where(state: State) -> tuple[Any, ...]:
    return (state.session_id, state.sequence, state.set_digest, state.log_root)


def only(part: str, change: Callable[[Answer], Answer]) -> Callable[[str, Answer], Answer]:
    """Tamper with answers whose path has this part."""
    return lambda path, answer: change(answer) if part in path else answer


def no_repair(room: Room) -> None:
    """Nothing but pages and heads is served."""
    for part in REPAIR:
        room.publisher.tamper.append(only(part, lambda _: problem(404, "not_found")))


async def copied(room: Room, records: int = 20) -> State:
    """A subscriber takes a copy of some records and is closed."""
    for number in range(records):
        room.publisher.put(f"record-{number}")
    async with room.subscriber() as subscriber:
        return await subscriber.sync()


async def refuses(room: Room, *codes: AlarmCode, error: type[Exception] = FeedFault) -> None:
    """The next round fails with these alarms, and the copy is what it was, also after a restart."""
    async with room.subscriber() as subscriber:
        before, entries = where(subscriber.state()), held(subscriber)
        with pytest.raises(error):
            await subscriber.sync()
        for code in codes:
            assert code in room.codes, room.codes
        assert (where(subscriber.state()), held(subscriber)) == (before, entries)
    async with room.subscriber() as subscriber:
        assert (where(subscriber.state()), held(subscriber)) == (before, entries)
        assert subscriber.store.damage is None


# -- answers that are not what they should be ------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_page_that_breaks_off_on_the_line_is_fetched_again_later(room: Room) -> None:
    await copied(room)
    room.publisher.put("new")
    room.publisher.tamper.append(only("/pages/", lambda answer: replace(answer, cut=10)))
    async with room.subscriber() as subscriber:
        before = where(subscriber.state())
        with pytest.raises(Unavailable) as caught:
            await subscriber.sync()
        assert caught.value.code is AlarmCode.BODY_TRUNCATED
        assert where(subscriber.state()) == before
        room.publisher.tamper.clear()
        assert (await subscriber.sync()).sequence == 21


@pytest.mark.asyncio
async def test_a_page_cut_off_with_a_200_is_no_page(room: Room) -> None:
    await copied(room)
    room.publisher.put("new")
    no_repair(room)
    room.publisher.tamper.append(only("/pages/", lambda answer: replace(answer, body=answer.body[:-10])))
    await refuses(room, AlarmCode.BODY_TRUNCATED, AlarmCode.SUPPORT_NEEDED)


@pytest.mark.asyncio
async def test_a_snapshot_cut_off_with_a_200_is_no_list(room: Room) -> None:
    await copied(room)
    room.publisher.reset()
    room.publisher.take_snapshot()
    room.publisher.tamper.append(only("/snapshots/", lambda answer: replace(answer, body=answer.body[:-300])))
    await refuses(room, AlarmCode.SNAPSHOT_TRUNCATED)


@pytest.mark.asyncio
async def test_a_snapshot_with_another_trailer_than_the_head_signed_is_refused(room: Room) -> None:
    await copied(room)
    room.publisher.reset()
    room.publisher.take_snapshot()
    swap = only("/snapshots/", lambda answer: replace(answer, body=answer.body.replace(b'"count":20', b'"count":21')))
    room.publisher.tamper.append(swap)
    await refuses(room, AlarmCode.SNAPSHOT_CHANGED)


@pytest.mark.asyncio
async def test_a_signed_snapshot_whose_trailer_is_wrong_is_refused(room: Room) -> None:
    await copied(room)
    room.publisher.reset()
    sequence = room.publisher.take_snapshot()
    *lines, trailer = room.publisher.snapshots[sequence].splitlines(keepends=True)
    wrong = json.loads(trailer) | {"sha256": "0" * 64}
    room.publisher.snapshots[sequence] = b"".join(lines) + json.dumps(wrong).encode() + b"\n"
    await refuses(room, AlarmCode.SNAPSHOT_TRAILER_WRONG)


@pytest.mark.asyncio
async def test_a_snapshot_that_leaves_an_entry_out_of_a_right_digest_is_refused(room: Room) -> None:
    await copied(room)
    room.publisher.reset()
    sequence = room.publisher.take_snapshot()
    kept = list(room.publisher.in_force(sequence))[1:]
    room.publisher.snapshots[sequence] = room.publisher.snapshot_body(sequence, kept)
    await refuses(room, AlarmCode.SNAPSHOT_TRAILER_WRONG)


@pytest.mark.asyncio
async def test_a_body_larger_than_agreed_is_not_read(room: Room) -> None:
    await copied(room)
    room.publisher.reset()
    room.publisher.take_snapshot()
    room.publisher.tamper.append(only("/snapshots/", lambda answer: replace(answer, body=answer.body + b" " * 9)))
    await refuses(room, AlarmCode.BODY_TOO_LARGE)


# -- pages -----------------------------------------------------------------------------------------------------------


def repage(change: Callable[[dict[str, Any]], None]) -> Callable[[str, Answer], Answer]:
    """Serve pages that say something else."""

    def changed(answer: Answer) -> Answer:
        if answer.status != 200:
            return answer
        page = answer.json
        change(page)
        return answer.with_json(page)

    return only("/pages/", changed)


@pytest.mark.asyncio
async def test_a_page_in_which_an_entry_was_exchanged_is_not_applied(room: Room) -> None:
    await copied(room)
    stolen = claims(room.publisher.session.entries[0]) | {"record_id": "forged", "record_version": 1}
    room.publisher.put("new")
    forged = Key.make("court-1").sign(stolen, "zhixing-entry+jws")
    no_repair(room)
    room.publisher.tamper.append(repage(lambda page: page["entries"].__setitem__(-1, forged)))
    await refuses(room, AlarmCode.ENTRY_SIGNATURE)


@pytest.mark.asyncio
async def test_a_page_that_changes_what_it_had_before_is_noticed(room: Room) -> None:
    await copied(room)
    changed = claims(room.publisher.session.entries[3]) | {"salt": "00"}
    resalted = room.publisher.entry_key.sign(changed, "zhixing-entry+jws")
    room.publisher.put("new")
    no_repair(room)
    room.publisher.tamper.append(repage(lambda page: page["entries"].__setitem__(3, resalted)))
    await refuses(room, AlarmCode.PAGE_CHANGED)


@pytest.mark.asyncio
async def test_a_full_page_that_does_not_follow_the_one_before_is_refused(room: Room) -> None:
    await copied(room, PAGE)
    room.publisher.put("new")
    no_repair(room)
    room.publisher.tamper.append(repage(lambda page: page.__setitem__("previous_page_sha256", "1" * 64)))
    await refuses(room, AlarmCode.PAGE_CHAIN_BROKEN)


@pytest.mark.asyncio
async def test_a_page_that_states_another_digest_than_its_entries_make_is_refused(room: Room) -> None:
    await copied(room)
    room.publisher.put("new")
    no_repair(room)
    room.publisher.tamper.append(repage(lambda page: page["set"].__setitem__("digest", "2" * 64)))
    await refuses(room, AlarmCode.SET_DIGEST_WRONG)


@pytest.mark.asyncio
async def test_a_page_that_lacks_an_entry_is_refused(room: Room) -> None:
    await copied(room)
    room.publisher.put("new-1")
    room.publisher.put("new-2")
    no_repair(room)
    room.publisher.tamper.append(repage(lambda page: page["entries"].pop(-2)))
    await refuses(room, AlarmCode.SEQUENCE_GAP)


@pytest.mark.asyncio
async def test_an_entry_left_out_of_a_page_that_agrees_with_itself_is_told_by_the_signed_head(room: Room) -> None:
    await copied(room)
    room.publisher.put("new-1")
    room.publisher.put("new-2")
    head = room.publisher.head()
    # Whoever serves the pages has no key: the sums are its own, the entries the court's, two have changed places.
    room.publisher.session.entries[-2:] = reversed(room.publisher.session.entries[-2:])
    no_repair(room)
    room.publisher.tamper.append(only("heads/latest", lambda answer: replace(answer, body=head.encode())))
    await refuses(room, AlarmCode.LOG_ROOT_WRONG)


@pytest.mark.asyncio
async def test_a_lost_page_is_repaired_bucket_by_bucket(room: Room) -> None:
    await copied(room)
    room.publisher.put("new")
    room.publisher.tamper.append(only("/pages/", lambda _: problem(404, "page_unknown")))
    async with room.subscriber() as subscriber:
        state = await subscriber.sync()
        assert AlarmCode.PAGE_LOST in room.codes
        assert (state.sequence, state.count) == (21, 21)
        buckets = [request for request in room.publisher.requests if "/buckets/" in request]
        assert len(buckets) == 1
        room.publisher.tamper.clear()
        room.publisher.put("newer")
        assert (await subscriber.sync()).sequence == 22


@pytest.mark.asyncio
async def test_a_lost_page_that_nothing_repairs_ends_with_a_support_code(room: Room) -> None:
    await copied(room)
    room.publisher.put("new")
    no_repair(room)
    room.publisher.tamper.append(only("/pages/", lambda _: problem(404, "page_unknown")))
    await refuses(room, AlarmCode.PAGE_LOST, AlarmCode.SNAPSHOT_MISSING, AlarmCode.SUPPORT_NEEDED)
    async with room.subscriber() as subscriber:
        code = subscriber.state().support_code
        assert code is not None
        assert code.endswith("-21")
        assert not subscriber.ready()
        room.publisher.tamper.clear()
        assert (await subscriber.sync()).support_code is None


@pytest.mark.asyncio
async def test_the_ladder_is_climbed_at_once_and_only_once(room: Room) -> None:
    await copied(room)
    room.publisher.put("new")
    no_repair(room)
    room.publisher.tamper.append(only("/pages/", lambda _: problem(404, "page_unknown")))
    room.publisher.requests.clear()
    await refuses(room, AlarmCode.SUPPORT_NEEDED)
    asked = [request.removeprefix(f"GET {ROOT}/").partition("/")[0] for request in room.publisher.requests]
    assert asked == ["heads", "pages", "pages", "consistency-proofs", "checksums"]


@pytest.mark.asyncio
async def test_what_pages_and_buckets_cannot_repair_the_snapshot_does(room: Room) -> None:
    await copied(room)
    room.publisher.put("new")
    room.publisher.take_snapshot()
    room.publisher.tamper.append(only("/pages/", lambda _: problem(404, "page_unknown")))
    room.publisher.tamper.append(only("checksums", lambda _: problem(404, "not_found")))
    async with room.subscriber() as subscriber:
        state = await subscriber.sync()
        assert (state.sequence, state.snapshot_reason) == (21, "REPAIR_FAILED")
        assert not state.standing


# -- entries ---------------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_an_entry_signed_with_a_head_key_is_forged(room: Room) -> None:
    await copied(room)
    room.publisher.put("forged", key=room.publisher.head_key)
    await refuses(room, AlarmCode.ENTRY_SIGNATURE, AlarmCode.SUPPORT_NEEDED)


@pytest.mark.asyncio
@pytest.mark.parametrize("version", [1, 2])
async def test_a_version_that_does_not_grow_is_a_fault_of_the_feed(room: Room, version: int) -> None:
    room.publisher.put("record")
    room.publisher.put("record")
    await copied(room, 0)
    room.publisher.put("record", version=version, change="UPDATED")
    await refuses(room, AlarmCode.VERSION_NOT_GREATER)


@pytest.mark.asyncio
async def test_an_entry_that_comes_twice_is_not_counted_twice(room: Room) -> None:
    await copied(room)
    room.publisher.append(room.publisher.session.entries[-1], "record-19", 1)
    no_repair(room)
    await refuses(room, AlarmCode.VERSION_NOT_GREATER)


@pytest.mark.asyncio
async def test_a_version_that_jumps_is_applied_and_noticed(room: Room) -> None:
    await copied(room)
    room.publisher.put("record-0", version=3, change="UPDATED")
    async with room.subscriber() as subscriber:
        assert (await subscriber.sync()).sequence == 21
    assert room.codes == [AlarmCode.VERSION_SKIPPED]


@pytest.mark.asyncio
@pytest.mark.parametrize("flag", [{"change": "REMOVED"}, {"removal": {"ground": "PERFORMED"}}])
async def test_a_removal_that_only_a_flag_speaks_of_is_refused_and_lets_nobody_go(
    room: Room, flag: dict[str, Any]
) -> None:
    await copied(room)
    room.publisher.put("record-0", **flag)
    await refuses(room, AlarmCode.ENTRY_MALFORMED)


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-12")
async def test_a_corrected_document_number_frees_whoever_was_taken_for_the_debtor(room: Room) -> None:
    room.publisher.put("record", number="110101199001010015")
    await copied(room, 0)
    correction = {"wrong_version": 1, "fields": ["subject.identity_documents"], "nature": "INACCURATE"}
    room.publisher.put("record", number="110101199001010023", change="CORRECTED", correction=correction)
    async with room.subscriber() as subscriber:
        await subscriber.sync()
        assert subscriber.look_up(CARD, "110101199001010015", "张三", AIR).status == "NOT_LISTED"
        assert subscriber.look_up(CARD, "110101199001010023", "张三", AIR).decision == "REFUSE"


@pytest.mark.asyncio
async def test_a_removal_that_is_the_status_lets_go_whatever_else_the_entry_still_says(room: Room) -> None:
    room.publisher.put("record", number="110101199001010015", duty="给付100000元")
    await copied(room, 0)
    room.publisher.remove("record", number="110101199001010015", duty="给付100000元", kinds=[1, 2])
    async with room.subscriber() as subscriber:
        assert (await subscriber.sync()).count == 0
        answer = subscriber.look_up(CARD, "110101199001010015", "张三", AIR)
        assert (answer.decision, answer.status) == ("PASS", "NOT_LISTED")


@pytest.mark.asyncio
async def test_an_entry_of_another_view_is_refused(room: Room) -> None:
    await copied(room)
    room.publisher.put("new", view="rail")
    await refuses(room, AlarmCode.ENTRY_MALFORMED)


@pytest.mark.asyncio
async def test_quotes_and_html_in_a_duty_stay_text(room: Room) -> None:
    duty = '<a href="x">给付"\\u0000100000元</a>\',"status":"REMOVED"}'
    room.publisher.put("record", list_type="LISTING", duty=duty)
    async with room.subscriber() as subscriber:
        await subscriber.sync()
        found = subscriber.store.record("record")
        assert found is not None
        assert (found[0].claims["duty"], found[2]) == (duty, "LISTED")


@pytest.mark.asyncio
async def test_an_old_number_of_15_digits_finds_its_18_and_the_other_way_round(room: Room) -> None:
    room.publisher.put("old", number="110101900101123")
    room.publisher.put("new", name="李四", number="110101199002021234")
    async with room.subscriber() as subscriber:
        await subscriber.sync()
        assert subscriber.look_up(CARD, "110101199001011237", "张三", AIR).decision == "REFUSE"
        assert subscriber.look_up(CARD, "110101900202123", "李四", AIR).decision == "REFUSE"
        assert subscriber.look_up(CARD, "110101900101123", "张 三", AIR).decision == "REFUSE"
        other = subscriber.look_up(CARD, "110101900101123", "张四", AIR)
        assert (other.decision, other.status, other.reason) == ("PASS", "UNKNOWN", "NAME_DIFFERS")


# -- heads -----------------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_lower_sequence_in_the_same_session_is_refused(room: Room) -> None:
    await copied(room)
    old = room.publisher.head(sequence=15)
    room.publisher.tamper.append(only("heads/latest", lambda answer: replace(answer, body=old.encode())))
    await refuses(room, AlarmCode.LOWER_SEQUENCE)


@pytest.mark.asyncio
async def test_a_lower_sequence_than_a_head_that_was_only_seen_is_refused_too(room: Room) -> None:
    await copied(room)
    for number in range(5):
        room.publisher.put(f"new-{number}")
    no_repair(room)
    room.publisher.tamper.append(only("/pages/", lambda _: problem(404, "page_unknown")))
    await refuses(room, AlarmCode.PAGE_LOST)
    room.publisher.tamper.clear()
    old = room.publisher.head(sequence=22)
    room.publisher.tamper.append(only("heads/latest", lambda answer: replace(answer, body=old.encode())))
    await refuses(room, AlarmCode.LOWER_SEQUENCE)


@pytest.mark.asyncio
async def test_an_older_head_of_the_same_sequence_is_refused(room: Room) -> None:
    old = room.publisher.head(sequence=0)
    room.clock.pass_(minutes=1)
    await copied(room, 0)
    room.publisher.tamper.append(only("heads/latest", lambda answer: replace(answer, body=old.encode())))
    await refuses(room, AlarmCode.HEAD_OLDER)


@pytest.mark.asyncio
@pytest.mark.parametrize("lie", ["digest", "root"])
async def test_two_heads_of_one_sequence_with_two_lists_stop_the_subscriber_for_good(room: Room, lie: str) -> None:
    await copied(room)
    other = {"set": {"alg": "lthash16-1024-shake256", "count": 20, "digest": "3" * 64}}
    twisted = room.publisher.head(**(other if lie == "digest" else {"log_root": "3" * 64}))
    room.publisher.tamper.append(only("heads/latest", lambda answer: replace(answer, body=twisted.encode())))
    await refuses(room, AlarmCode.EQUIVOCATION, error=FeedStopped)
    room.publisher.tamper.clear()
    async with room.subscriber() as subscriber:
        kept = [jws for _, jws in subscriber.evidence()]
        assert len(kept) == 2
        assert twisted in kept
        assert not subscriber.ready()
        with pytest.raises(FeedStopped):
            await subscriber.sync()
        subscriber.resume()
        assert (await subscriber.sync()).ready


@pytest.mark.asyncio
async def test_a_history_rewritten_behind_a_snapshot_is_told_by_the_proof(room: Room) -> None:
    await copied(room)
    entries = room.publisher.session.entries
    entries[0], entries[1] = entries[1], entries[0]
    for number in range(400):
        room.publisher.put("record-5", kinds=[1 + number % 9])
    room.publisher.take_snapshot()
    await refuses(room, AlarmCode.HISTORY_NOT_PROVED)


@pytest.mark.asyncio
async def test_a_head_of_another_view_is_refused(room: Room) -> None:
    await copied(room)
    other = room.publisher.head(view="rail")
    room.publisher.tamper.append(only("heads/latest", lambda answer: replace(answer, body=other.encode())))
    await refuses(room, AlarmCode.HEAD_OF_ANOTHER_VIEW)


@pytest.mark.asyncio
@pytest.mark.parametrize("key", ["court", "stranger"])
async def test_a_head_that_no_head_key_signed_is_refused(room: Room, key: str) -> None:
    await copied(room)
    room.publisher.head_key = room.publisher.entry_key if key == "court" else Key.make("head-1")
    await refuses(room, AlarmCode.HEAD_SIGNATURE)


@pytest.mark.asyncio
async def test_an_expired_head_is_told_and_the_copy_ages(room: Room) -> None:
    await copied(room)
    frozen = room.publisher.head()
    room.publisher.tamper.append(only("heads/latest", lambda answer: replace(answer, body=frozen.encode())))
    room.clock.pass_(hours=1)
    async with room.subscriber() as subscriber:
        state = await subscriber.sync()
        assert (state.freshness, state.ready, state.sequence) == ("AGEING", False, 20)
    assert room.codes == [AlarmCode.HEAD_EXPIRED]


@pytest.mark.asyncio
@pytest.mark.parametrize("minutes", [-6, 6])
async def test_a_clock_that_is_off_decides_nothing_by_itself(room: Room, minutes: int) -> None:
    room.publisher.put("record", number="110101199001010015")
    await copied(room, 0)
    room.wall_clock = lambda: room.clock.now() + timedelta(minutes=minutes)
    async with room.subscriber() as subscriber:
        state = await subscriber.sync()
        assert (state.freshness, state.ready) == ("CLOCK_OFF", False)
        answer = await subscriber.check(CARD, "110101199001010015", "张三", AIR)
        assert (answer.decision, answer.status, answer.reason) == ("PASS", "UNKNOWN", "CLOCK_OFF")
        assert subscriber.look_up(CARD, "110101199001010015", "张三", "6.4").decision == "HOLD"
    assert AlarmCode.CLOCK_OFF in room.codes


@pytest.mark.asyncio
async def test_a_head_from_the_future_is_a_clock_that_is_off(room: Room) -> None:
    await copied(room)
    late = text(room.clock.now() + timedelta(hours=2))
    head = room.publisher.head(issued_at=text(room.clock.now() + timedelta(hours=1)), valid_until=late)
    room.publisher.tamper.append(only("heads/latest", lambda answer: replace(answer, body=head.encode())))
    async with room.subscriber() as subscriber:
        assert (await subscriber.sync()).freshness == "CLOCK_OFF"


# -- sessions --------------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_reset_that_accounts_for_itself_swaps_the_copy(room: Room) -> None:
    before = await copied(room)
    room.publisher.reset()
    room.publisher.take_snapshot()
    async with room.subscriber() as subscriber:
        state = await subscriber.sync()
        assert state.session_id == room.publisher.session.id != before.session_id
        assert (state.count, state.snapshot_reason) == (20, "SESSION_CHANGED")
        assert not room.codes


@pytest.mark.asyncio
async def test_a_reset_without_a_snapshot_yet_is_followed_by_its_pages(room: Room) -> None:
    await copied(room)
    room.publisher.reset()
    room.publisher.put("new")
    async with room.subscriber() as subscriber:
        state = await subscriber.sync()
        assert (state.session_id, state.count) == (room.publisher.session.id, 21)
        assert state.log_root == room.publisher.log_root(21)


@pytest.mark.asyncio
async def test_a_reset_without_a_link_is_refused(room: Room) -> None:
    await copied(room)
    room.publisher.reset(linked=False)
    room.publisher.take_snapshot()
    await refuses(room, AlarmCode.RESET_WITHOUT_LINK)


@pytest.mark.asyncio
@pytest.mark.parametrize("lie", ["sequence", "digest", "root"])
async def test_a_reset_that_hides_what_was_before_is_refused(room: Room, lie: str) -> None:
    await copied(room)
    room.publisher.reset()
    previous = room.publisher.session.previous
    assert previous is not None
    if lie == "sequence":
        previous["sequence"] = 19
    elif lie == "digest":
        previous["set"] |= {"digest": "4" * 64}
    else:
        previous["log_root"] = "4" * 64
    room.publisher.take_snapshot()
    await refuses(room, AlarmCode.RESET_HIDES_ENTRIES)


@pytest.mark.asyncio
@pytest.mark.parametrize("lie", ["older", "rewritten", "alive again"])
async def test_a_reset_that_takes_a_version_back_is_refused(room: Room, lie: str) -> None:
    room.publisher.put("record")
    old = room.publisher.session.entries[0]
    room.publisher.put("record")
    if lie == "alive again":
        room.publisher.remove("record")
    await copied(room)
    entries = [jws for _, jws in room.publisher.in_force(room.publisher.sequence).values()]
    kept = [jws for jws in entries if claims(jws)["record_id"] != "record"]
    room.publisher.reset([old, *kept])
    if lie == "rewritten":
        room.publisher.session.entries = kept
        room.publisher.put("record", version=2, change="UPDATED")
    room.publisher.take_snapshot()
    await refuses(room, AlarmCode.RESET_HIDES_ENTRIES)


@pytest.mark.asyncio
async def test_a_session_that_was_replaced_does_not_come_back(room: Room) -> None:
    await copied(room)
    dead = room.publisher.session
    room.publisher.reset()
    room.publisher.take_snapshot()
    async with room.subscriber() as subscriber:
        await subscriber.sync()
    alive, room.publisher.session = room.publisher.session, dead
    dead.previous = {"id": alive.id, "sequence": 99, "log_root": "5" * 64, "set": room.publisher.set_at(3)}
    await refuses(room, AlarmCode.SESSION_DEAD)


@pytest.mark.asyncio
async def test_the_old_copy_stays_in_force_until_the_new_session_is_verified(room: Room) -> None:
    room.publisher.put("record", number="110101199001010015")
    await copied(room, 0)
    room.publisher.reset()
    room.publisher.take_snapshot()
    room.publisher.tamper.append(only("/snapshots/", lambda _: problem(503, "busy")))
    async with room.subscriber() as subscriber:
        with pytest.raises(Unavailable):
            await subscriber.sync()
        assert subscriber.look_up(CARD, "110101199001010015", "张三", AIR).decision == "REFUSE"


# -- absences and bulk -----------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_what_a_verified_snapshot_lacks_is_superseded_and_reported_by_id(room: Room) -> None:
    await copied(room, 200)
    entries = [jws for _, jws in room.publisher.in_force(200).values()]
    room.publisher.reset(entries[1:])
    room.publisher.take_snapshot()
    async with room.subscriber() as subscriber:
        assert (await subscriber.sync()).count == 199
        record = subscriber.store.record("record-0")
        assert record is not None
        assert record[2] == "SUPERSEDED"
    assert room.codes == [AlarmCode.SUPERSEDED]
    assert room.alarms[0].facts == {"records": ["record-0"]}


@pytest.mark.asyncio
async def test_many_missing_without_a_reason_free_nobody(room: Room) -> None:
    await copied(room, 200)
    entries = [jws for _, jws in room.publisher.in_force(200).values()]
    room.publisher.reset(entries[3:])
    room.publisher.take_snapshot()
    await refuses(room, AlarmCode.BULK_MISSING)


@pytest.mark.asyncio
async def test_many_missing_with_a_reason_and_two_officers_are_closed(room: Room) -> None:
    await copied(room, 200)
    entries = [jws for _, jws in room.publisher.in_force(200).values()]
    room.publisher.reset(entries[3:])
    room.publisher.take_snapshot()
    room.publisher.bulk = [bulk(1, 197)]
    async with room.subscriber() as subscriber:
        assert (await subscriber.sync()).count == 197


@pytest.mark.asyncio
async def test_signed_removals_are_applied_in_any_number(room: Room) -> None:
    await copied(room, 50)
    for number in range(50):
        room.publisher.remove(f"record-{number}")
    async with room.subscriber() as subscriber:
        assert (await subscriber.sync()).count == 0
    assert not room.codes


@pytest.mark.asyncio
@pytest.mark.parametrize("officers", [("王法官", "李法官"), None])
async def test_many_new_at_once_need_a_reason(room: Room, officers: tuple[str, str] | None) -> None:
    await copied(room)
    room.limits = replace(room.limits, added_rows=10)
    for number in range(11):
        room.publisher.put(f"new-{number}")
    if officers is None:
        await refuses(room, AlarmCode.BULK_ADDED)
        return
    room.publisher.bulk = [bulk(21, 31, *officers)]
    async with room.subscriber() as subscriber:
        assert (await subscriber.sync()).count == 31


@pytest.mark.asyncio
async def test_one_officer_twice_does_not_stand_for_many(room: Room) -> None:
    await copied(room)
    room.limits = replace(room.limits, added_rows=10)
    for number in range(11):
        room.publisher.put(f"new-{number}")
    room.publisher.bulk = [bulk(21, 31, "王法官", "王法官")]
    await refuses(room, AlarmCode.HEAD_MALFORMED)


@pytest.mark.asyncio
async def test_many_new_in_small_portions_of_one_day_need_a_reason_too(room: Room) -> None:
    await copied(room)
    room.limits = replace(room.limits, added_rows=10)
    async with room.subscriber() as subscriber:
        for number in range(10):
            room.publisher.put(f"new-{number}")
            room.clock.pass_(minutes=10)
            await subscriber.sync()
    room.publisher.put("one-too-many")
    await refuses(room, AlarmCode.BULK_ADDED)
    room.clock.pass_(days=1)
    async with room.subscriber() as subscriber:
        assert (await subscriber.sync()).count == 31


def bulk(first: int, last: int, officer: str = "王法官", second: str = "李法官") -> dict[str, Any]:
    return {
        "from_sequence": first,
        "to_sequence": last,
        "reason": "并库",
        "officer": officer,
        "second_officer": second,
    }


# -- keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_three_rotations_that_were_slept_through_are_walked_one_by_one(room: Room) -> None:
    await copied(room)
    for _ in range(3):
        room.publisher.rotate()
    room.publisher.put("new")
    async with room.subscriber() as subscriber:
        state = await subscriber.sync()
        assert (state.sequence, state.key_set_version) == (21, 4)
    walked = [request for request in room.publisher.requests if "key-sets" in request]
    assert walked == [f"GET {ROOT}/key-sets/{number}" for number in (1, 2, 3, 4)]


@pytest.mark.asyncio
async def test_a_key_set_that_no_root_of_the_one_before_signed_breaks_the_chain(room: Room) -> None:
    await copied(room)
    room.publisher.rotate()
    room.publisher.roots.append(Key.make("root-3"))
    room.publisher.head_key = Key.make("head-3")
    room.publisher.add_key_set(signer=room.publisher.roots[0])
    room.publisher.put("new")
    await refuses(room, AlarmCode.KEY_CHAIN_BROKEN)


@pytest.mark.asyncio
async def test_a_head_of_a_retired_key_set_is_refused(room: Room) -> None:
    stolen = room.publisher.head_key
    room.publisher.rotate()
    await copied(room)
    room.publisher.put("new")
    old = room.publisher.head(key=stolen, key_set_version=1)
    room.publisher.tamper.append(only("heads/latest", lambda answer: replace(answer, body=old.encode())))
    await refuses(room, AlarmCode.KEY_SET_LOWER)


@pytest.mark.asyncio
async def test_a_policy_that_is_not_the_one_in_the_head_is_not_followed(room: Room) -> None:
    await copied(room)
    room.publisher.policy = room.publisher.policy | {"version": 2, "measures": []}
    room.publisher.tamper.append(only("/policies/", lambda _: problem(404, "policy_unknown")))
    async with room.subscriber() as subscriber:
        state = await subscriber.sync()
        assert (state.policy_version, state.standing) == (1, (AlarmCode.POLICY_WRONG,))
        assert subscriber.look_up(CARD, "110101199001010031", "张三", AIR).decision == "PASS"
