"""The check: document and name, ends that run by themselves, earlier states, doubt, and misses without a query."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY

from services.credit_blacklist.domain.feed_refusals import CursorUnreadable, SessionReplaced
from services.credit_blacklist.domain.position_refusals import PositionAhead
from services.credit_blacklist.domain.report_refusals import MeasureNotInView
from services.credit_blacklist.screening.digest_index import DigestIndex, index_key
from services.credit_blacklist.screening.index import ScreeningIndex
from services.credit_blacklist.screening.persons import (
    MomentAhead,
    Person,
    Verdict,
    measure_of,
    person_of,
)
from services.credit_blacklist.screening.screening import Screening
from tests.unit.credit_blacklist.held_list import CARD, NOW, NUMBER, SESSION, HeldList, payload, restriction

pytestmark = [pytest.mark.asyncio, pytest.mark.rule("R-CRB-33")]

OTHER_NUMBER = "11010519491231002X"


def _screening(held: HeldList) -> tuple[Screening, ScreeningIndex]:
    index = ScreeningIndex(held, views=(held.view,))
    return Screening(held, index, head_valid=timedelta(minutes=15)), index


async def _verdict(held: HeldList, name: str = "张三", number: str = NUMBER, **asked: Any) -> Verdict:
    screening, index = _screening(held)
    await index.catch_up(held.view)
    as_of = await screening.as_of(held.view, NOW, asked.get("moment"))
    person = person_of(asked.get("id_type", CARD), number, name, measure_of(held.view, asked.get("measure_code")))
    return (await screening.screen(as_of, [person]))[0]


async def test_document_and_name_together_are_a_hit_and_say_who_to_ask_and_not_why() -> None:
    held = HeldList()
    held.put(restriction(kinds=[1, 2]))
    verdict = await _verdict(held)
    assert verdict.status == "LISTED"
    assert verdict.hits == (
        {
            "record_id": "o-1.p-1",
            "record_version": 1,
            "sequence": 1,
            "list_type": "RESTRICTION",
            "court": {"code": "云0381", "name": "大理市人民法院", "telephone": "0872-1234567"},
            "order_number": "（2024）云0381执101号之一",
            "kinds": [1, 2],
        },
    )


@pytest.mark.rule("R-INT-05")
async def test_an_old_number_finds_the_entry_of_the_new_one() -> None:
    held = HeldList()
    held.put(payload(documents=[{"type": CARD, "number": OTHER_NUMBER}]))
    assert (await _verdict(held, number="110105491231002")).status == "LISTED"


async def test_every_kind_of_document_is_a_key() -> None:
    held = HeldList()
    documents = [{"type": CARD, "number": NUMBER}, {"type": "PASSPORT", "number": "E12345678"}]
    held.put(payload(documents=documents), payload("r-2", name="天华公司", documents=[
        {"type": "UNIFIED_SOCIAL_CREDIT_CODE", "number": "91110000600037341L"}
    ]))  # fmt: skip
    assert (await _verdict(held, id_type="PASSPORT", number="e 1234 5678")).status == "LISTED"
    code = {"id_type": "UNIFIED_SOCIAL_CREDIT_CODE", "number": "91110000600037341l", "name": "天华公司"}
    assert (await _verdict(held, **code)).status == "LISTED"
    assert (await _verdict(held, id_type="OTHER", number="E12345678")).status == "NOT_LISTED"


async def test_a_listed_document_under_another_name_is_neither_hit_nor_miss() -> None:
    held = HeldList()
    held.put(payload())
    assert await _verdict(held, name="李四") == Verdict("UNKNOWN", "NAME_DIFFERS")


async def test_a_name_is_compared_in_normal_form() -> None:
    held = HeldList()
    held.put(payload(name="买买提·艾力"))
    assert (await _verdict(held, name="买买提 艾力")).status == "LISTED"


async def test_somebody_else_is_not_listed() -> None:
    held = HeldList()
    held.put(payload())
    assert await _verdict(held, number=OTHER_NUMBER) == Verdict("NOT_LISTED")


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"effective_from": "2024-06-03T02:00:00.000001Z"}, "NOT_LISTED"),
        ({"effective_from": "2024-06-03T02:00:00.000000Z"}, "LISTED"),
        ({"expires_at": "2024-06-03T02:00:00.000000Z"}, "NOT_LISTED"),
        ({"expires_at": "2024-06-03T02:00:00.000001Z"}, "LISTED"),
        ({"status": "REMOVED", "change": "REMOVED"}, "NOT_LISTED"),
    ],
)
@pytest.mark.rule("R-CRB-02")
async def test_ends_and_beginnings_run_by_themselves(changed: dict[str, Any], status: str) -> None:
    held = HeldList()
    held.put(payload(**changed))
    assert (await _verdict(held)).status == status


@pytest.mark.parametrize(
    ("kinds", "until", "open_kinds"),
    [
        ([1], "2024-06-04T00:00:00.000000Z", [2, 3]),
        ([1], "2024-06-03T02:00:00.000000Z", [1, 2, 3]),
        ([1, 2, 3], "2024-06-04T00:00:00.000000Z", []),
    ],
)
@pytest.mark.rule("R-CRB-23")
async def test_suspended_kinds_are_no_reason_while_the_window_is_open(
    kinds: list[int], until: str, open_kinds: list[int]
) -> None:
    held = HeldList()
    window = {"from": "2024-06-01T00:00:00.000000Z", "until": until, "kinds": kinds}
    held.put(restriction(kinds=[1, 2, 3], suspensions=[window]))
    verdict = await _verdict(held)
    assert [hit["kinds"] for hit in verdict.hits] == ([open_kinds] if open_kinds else [])
    assert verdict.status == ("LISTED" if open_kinds else "NOT_LISTED")


async def test_a_measure_is_refused_only_for_its_own_kinds() -> None:
    held = HeldList(view="air")
    air = measure_of("air", "7.1.AIR")
    assert air is not None
    held.put(restriction(kinds=[kind for kind in range(1, 10) if kind not in air.kinds]))
    assert (await _verdict(held, measure_code="7.1.AIR")).status == "NOT_LISTED"
    assert (await _verdict(held)).status == "LISTED"
    held.put(restriction("o-2.p-1", kinds=[air.kinds[0]]))
    assert (await _verdict(held, measure_code="7.1.AIR")).status == "LISTED"


@pytest.mark.rule("R-CRB-32")
async def test_a_measure_not_in_view_is_refused() -> None:
    with pytest.raises(MeasureNotInView) as refusal:
        measure_of("air", "1.1")
    assert refusal.value.field == "measure_code"


async def test_a_removed_record_was_listed_as_of_the_day_before() -> None:
    held = HeldList()
    held.put(payload(), payload(status="REMOVED", change="REMOVED", record_version=2))
    assert (await _verdict(held)).status == "NOT_LISTED"
    assert (await _verdict(held, moment=held.held[1].at - timedelta(seconds=1))).status == "LISTED"
    assert (await _verdict(held, moment=held.held[1].at)).status == "NOT_LISTED"
    assert (await _verdict(held, moment=held.held[0].at - timedelta(seconds=1))).status == "NOT_LISTED"


async def test_before_the_list_began_nobody_can_say() -> None:
    held = HeldList()
    held.put(payload())
    before = await _verdict(held, moment=held.began - timedelta(seconds=1))
    assert before == Verdict("UNKNOWN", "BEFORE_THE_LIST")


async def test_an_earlier_moment_has_the_windows_of_that_moment() -> None:
    held = HeldList()
    held.put(payload(expires_at="2024-05-20T00:00:00.000000Z"))
    assert (await _verdict(held)).status == "NOT_LISTED"
    assert (await _verdict(held, moment=datetime(2024, 5, 19, tzinfo=UTC))).status == "LISTED"


async def test_a_moment_that_has_not_come_is_refused() -> None:
    with pytest.raises(MomentAhead):
        await _verdict(HeldList(), moment=NOW + timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("issued_at", "reason"),
    [(None, "LIST_NOT_READY"), (NOW - timedelta(minutes=15, microseconds=1), "LIST_NOT_FRESH")],
)
async def test_a_list_that_nobody_vouches_for_says_unknown_and_never_not_listed(
    issued_at: datetime | None, reason: str
) -> None:
    held = HeldList(issued_at=issued_at)
    held.put(payload())
    for number in (NUMBER, OTHER_NUMBER):
        verdict = await _verdict(held, number=number)
        assert (verdict.status, verdict.reason) == ("UNKNOWN", reason)


async def test_a_miss_costs_no_query_and_a_hit_costs_one_for_all() -> None:
    held = HeldList()
    held.put(payload(), payload("r-2", documents=[{"type": "PASSPORT", "number": "E1"}]))
    screening, index = _screening(held)
    await index.catch_up("court")
    as_of = await screening.as_of("court", NOW)
    misses = [Person("PASSPORT", f"X{n}", "张三") for n in range(1000)]
    assert await screening.screen(as_of, misses) == [Verdict("NOT_LISTED")] * 1000
    assert held.queries == 0
    mixed = [*misses, Person(CARD, NUMBER, "张三"), Person("PASSPORT", "E1", "张三")]
    assert [verdict.status for verdict in await screening.screen(as_of, mixed)][-2:] == ["LISTED", "LISTED"]
    assert held.queries == 1


async def test_operators_see_how_many_of_each_answer_there_were() -> None:
    def counted(answer: str) -> float:
        return REGISTRY.get_sample_value("zhixing_screening_answers_total", {"view": "court", "answer": answer}) or 0.0

    held = HeldList()
    held.put(payload())
    before = {answer: counted(answer) for answer in ("LISTED", "NOT_LISTED", "NAME_DIFFERS")}
    await _verdict(held)
    await _verdict(held, name="李四")
    await _verdict(held, number=OTHER_NUMBER)
    assert {answer: counted(answer) - before[answer] for answer in before} == {
        "LISTED": 1,
        "NOT_LISTED": 1,
        "NAME_DIFFERS": 1,
    }


async def test_an_index_that_is_behind_is_not_believed() -> None:
    held = HeldList()
    screening, index = _screening(held)
    await index.catch_up("court")
    held.put(payload())
    as_of = await screening.as_of("court", NOW)
    assert (await screening.screen(as_of, [Person(CARD, NUMBER, "张三")]))[0].status == "LISTED"


async def test_a_new_session_has_an_index_of_its_own() -> None:
    held = HeldList()
    held.put(payload())
    screening, index = _screening(held)
    await index.catch_up("court")
    held.session_id, held.held = "another", []
    held.put(payload("r-9", documents=[{"type": CARD, "number": OTHER_NUMBER}]))
    await index.catch_up("court")
    as_of = await screening.as_of("court", NOW)
    people = [Person(CARD, OTHER_NUMBER, "张三"), Person(CARD, NUMBER, "张三")]
    assert [verdict.status for verdict in await screening.screen(as_of, people)] == ["LISTED", "NOT_LISTED"]


async def test_a_state_that_was_answered_can_be_asked_again() -> None:
    held = HeldList()
    held.put(payload(), payload(status="REMOVED", change="REMOVED", record_version=2))
    screening, _ = _screening(held)
    as_of = await screening.at("court", NOW, f"{SESSION}:1")
    assert (await screening.screen(as_of, [Person(CARD, NUMBER, "张三")]))[0].status == "LISTED"


@pytest.mark.parametrize(
    ("point", "refusal"),
    [
        (f"{SESSION}:2", PositionAhead),
        ("another:0", SessionReplaced),
        ("no cursor", CursorUnreadable),
        (f"{SESSION}:-1", CursorUnreadable),
        (f"{SESSION}:1٣", CursorUnreadable),
        (":1", CursorUnreadable),
    ],
)
async def test_a_state_that_never_was_is_refused(point: str, refusal: type[Exception]) -> None:
    held = HeldList()
    held.put(payload())
    with pytest.raises(refusal):
        await _screening(held)[0].at("court", NOW, point)


async def test_the_index_never_denies_what_it_took_in_and_hardly_claims_what_it_did_not() -> None:
    index = DigestIndex()
    keys = [index_key(CARD, f"{n:018}") for n in range(20_000)]
    index.add(keys)
    index.add(keys)
    assert index.keys == len(keys)
    assert index.size == 6 * len(keys)
    assert all(index.may_hold(key) for key in keys)
    assert sum(index.may_hold(f"none{n}") for n in range(20_000)) == 0
