"""From unpublished commits to records: order, gaps, size."""

from typing import Any

import pytest
from bson.int64 import Int64

from libs.bus.page import (
    GAP,
    OVERSIZED,
    PREDECESSOR_UNPUBLISHED,
    UNENCODABLE,
    WRONG_TOPIC,
    Tail,
    plan_page,
    predecessors_needed,
    records_of,
)
from libs.foundation import limits


def commit(
    stream: str, version: int, *seqs: int, data: Any = None, name: str = "intake.case_closed", **changes: Any
) -> dict[str, Any]:
    events = [
        {
            "id": f"evt_{stream}_{seq}",
            "seq": seq,
            "type": f"zhixing.{name}.v1",
            "version": 1,
            "data": data if data is not None else {"n": seq},
        }
        for seq in seqs
    ]
    return {
        "_id": f"{stream}@{version:010d}",
        "stream": stream,
        "version": version,
        "seq": seqs[-1] if seqs else 0,
        "court": "云0381",
        "key": stream,
        "at": "2026-03-02T01:00:00.000000Z",
        "entries": [{"events": events, "correlation_id": "c", "causation_id": None, "trace": None}],
        **changes,
    }


def sequences(page: list[dict[str, Any]], known: dict[str, Tail] | None = None) -> list[tuple[bytes, int]]:
    plan = plan_page(page, known or {}, service="intake")
    return [(item.record.key, int(dict(item.record.headers)["ce_sequence"])) for item in plan.outgoing]


def test_a_page_goes_out_in_its_order_with_all_events_of_a_commit() -> None:
    page = [commit("case/a", 1, 1, 2), commit("case/b", 1, 1), commit("case/a", 2, 3)]
    assert sequences(page) == [(b"case/a", 1), (b"case/a", 2), (b"case/b", 1), (b"case/a", 3)]


def test_a_stream_goes_on_where_its_last_published_commit_ended() -> None:
    assert sequences([commit("case/a", 3, 8, 9)], {"case/a": Tail(2, 7)}) == [(b"case/a", 8), (b"case/a", 9)]


@pytest.mark.parametrize(
    ("first", "known"),
    [
        (commit("case/a", 2, 2), {}),
        (commit("case/a", 4, 9), {"case/a": Tail(2, 7)}),
        (commit("case/a", 3, 9), {"case/a": Tail(2, 7)}),
        (commit("case/a", 1, 2), {}),
        (commit("case/a", 1, 1, 3), {}),
    ],
    ids=["predecessor missing", "version skipped", "seq skipped", "does not begin at 1", "gap inside"],
)
def test_a_gap_holds_its_stream_with_everything_behind_it_and_no_other(
    first: dict[str, Any], known: dict[str, Tail]
) -> None:
    behind = commit("case/a", first["version"] + 1, first["seq"] + 1)
    plan = plan_page([first, commit("case/b", 1, 1), behind], known, service="intake")
    assert plan.held == {"case/a": GAP}
    assert plan.ids == ["case/b@0000000001"]


def test_a_commit_waits_for_a_predecessor_that_is_not_published_yet() -> None:
    plan = plan_page([commit("case/a", 3, 8)], {"case/a": Tail(2, 7, published=False)}, service="intake")
    assert (plan.held, plan.outgoing) == ({"case/a": PREDECESSOR_UNPUBLISHED}, [])


def test_a_record_larger_than_the_broker_takes_holds_its_stream() -> None:
    huge = commit("case/a", 1, 1, data={"text": "x" * limits.RECORD_BYTES_MAX})
    plan = plan_page([huge, commit("case/a", 2, 2)], {}, service="intake")
    assert (plan.held, plan.ids) == ({"case/a": OVERSIZED}, [])


def test_data_without_a_canonical_form_holds_its_stream() -> None:
    plan = plan_page([commit("case/a", 1, 1, data={"ratio": 0.5})], {}, service="intake")
    assert plan.held == {"case/a": UNENCODABLE}


def test_a_commit_without_events_is_marked_without_a_record() -> None:
    plan = plan_page([commit("case/a", 3, seq=7)], {"case/a": Tail(2, 7)}, service="intake")
    assert (plan.outgoing, plan.ids, plan.tails) == ([], ["case/a@0000000003"], {"case/a": Tail(3, 7)})


def test_a_private_category_has_no_records() -> None:
    assert records_of(commit("secret/a", 1, 1), service="intake") == []


def test_the_register_of_parties_goes_to_its_own_topic() -> None:
    plan = plan_page([commit("party/a", 1, 1, name="intake.party_registered")], {}, service="intake")
    assert [item.topic for item in plan.outgoing] == ["zhixing.parties.v1"]


@pytest.mark.parametrize(
    ("stream", "name", "service"),
    [
        ("case/a", "intake.party_registered", "intake"),
        ("party/a", "intake.case_closed", "intake"),
        ("account/a", "payments.payee_recorded", "payments"),
    ],
    ids=["personal data in the cases' topic", "a case in the register", "a private copy in a public stream"],
)
def test_an_event_never_goes_to_a_topic_that_it_may_not_stand_in(stream: str, name: str, service: str) -> None:
    plan = plan_page([commit(stream, 1, 1, name=name)], {}, service=service)
    assert (plan.held, plan.outgoing) == ({stream: WRONG_TOPIC}, [])


def test_timers_stand_in_the_topic_of_their_stream() -> None:
    plan = plan_page([commit("case/a", 1, 1, name="timers.timer_fired")], {}, service="intake")
    assert [item.topic for item in plan.outgoing] == ["zhixing.intake.v1"]


def test_a_type_that_is_not_ours_holds_its_stream() -> None:
    assert plan_page([commit("case/a", 1, 1, name="case_closed")], {}, service="intake").held == {"case/a": UNENCODABLE}


def test_only_unknown_predecessors_are_asked_for_and_one_per_stream() -> None:
    page = [commit("case/a", 1, 1), commit("case/b", 3, 5), commit("case/b", 4, 6), commit("case/c", 2, 2)]
    assert predecessors_needed(page, {"case/c": Tail(1, 1)}) == [("case/b", 2)]


def test_the_same_commit_gives_the_same_bytes_whatever_classes_the_database_answers_in() -> None:
    stored = commit("case/a", 1, 1, data={"fen": Int64(5), "list": [Int64(1), True, None, "文"]})
    fresh = commit("case/a", 1, 1, data={"list": [1, True, None, "文"], "fen": 5})
    assert records_of(stored, service="intake") == records_of(fresh, service="intake")
