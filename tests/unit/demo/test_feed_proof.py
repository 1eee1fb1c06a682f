"""The proof of story 2 can fail: each thing that it promises to see of the feed, it sees."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from devstack.demo.proof.dishonest_verdict import (
    Affair,
    answered_for,
    closed,
    decided_explicitly,
    let_go_in_time,
    paid_to_the_fen,
    shown_no_more,
    taken_back,
)
from devstack.demo.proof.feed_sums import List, digest_of, element
from devstack.demo.proof.feed_verdict import four_ways, held_exactly, on_the_wire, signed
from devstack.demo.proof.sight import Sight
from tests.unit.demo import feed_scene as feed_scenes
from tests.unit.demo.feed_scene import CASE, WRONG, Scene, entry, event, forged, head, key_set, played, public, wire

AFFAIR = Affair(
    case_id="case_1",
    case_number=CASE,
    debt_fen=10_334_250,
    fee_fen=140_000,
    wrong_records=frozenset({WRONG}),
    readers_of_the_wrong=frozenset({"air-1", "bank-x"}),
    persons=1,
)


def satisfied(sight: Sight) -> list[dict[str, Any]]:
    return list(sight.events("debt_satisfied"))


def test_the_digest_is_the_one_of_the_feeds_page() -> None:
    assert digest_of([]).startswith("8f773281")
    one = element("air", "r", 1, b"{}")
    assert digest_of([one]) != digest_of([element("rail", "r", 1, b"{}")])


def test_all_holds_where_nothing_is_wrong() -> None:
    scene = played()
    feed, sight = scene.feed(), scene.sight()
    findings = [
        signed(feed),
        on_the_wire(feed),
        four_ways(feed),
        held_exactly(sight, feed),
        let_go_in_time(satisfied(sight), feed, AFFAIR),
        decided_explicitly(sight, feed, AFFAIR),
        taken_back(sight, feed, AFFAIR),
        shown_no_more(sight),
        answered_for(sight, feed),
        paid_to_the_fen(sight, AFFAIR),
        closed(sight, AFFAIR),
    ]
    assert [finding.text for finding in findings if not finding.holds] == []


def changed(scene: Scene, view: str, **what: Any) -> Scene:
    scene.views[view] = replace(scene.views[view], **what)
    return scene


def test_a_head_that_somebody_else_signed_is_seen() -> None:
    scene = played()
    assert not signed(changed(scene, "air", head=forged(scene.views["air"].head)).feed()).holds


def test_an_entry_that_somebody_else_signed_is_seen() -> None:
    scene = played()
    first = scene.views["air"].deltas[0]
    false = replace(first, value=forged(first.value.decode()).encode())
    assert not signed(changed(scene, "air", deltas=[false, *scene.views["air"].deltas[1:]]).feed()).holds


def test_a_key_set_that_the_root_did_not_sign_is_seen() -> None:
    feed = replace(played().feed(), key_sets=[key_set(feed_scenes.HEADS)])
    assert not signed(feed).holds
    assert not signed(replace(played().feed(), root=public(feed_scenes.ENTRIES))).holds


def test_a_head_where_an_entry_stands_is_no_entry() -> None:
    scene = played()
    disguised = wire("air.deltas", "", "entry", 1, scene.views["air"].head)
    feed = changed(scene, "air", deltas=[disguised, *scene.views["air"].deltas[1:]]).feed
    assert not signed_of(feed, scene).holds


def signed_of(_feed: Callable[[], Any], scene: Scene) -> Any:
    # The holders cannot read such a feed, so only the views are judged.
    whole = played().feed()
    return signed(replace(whole, views=scene.views))


@pytest.mark.parametrize("change", ["lost", "twice", "swapped", "head too early"])
def test_a_lost_doubled_or_misplaced_record_of_the_deltas_is_seen(change: str) -> None:
    scene = played()
    deltas = list(scene.views["finance"].deltas)
    if change == "lost":
        del deltas[1]
    elif change == "twice":
        deltas.insert(1, deltas[0])
    elif change == "swapped":
        deltas[0], deltas[1] = deltas[1], deltas[0]
    else:
        deltas[2], deltas[3] = deltas[3], deltas[2]
    feed = replace(played().feed(), views=changed(scene, "finance", deltas=deltas).views)
    assert not on_the_wire(feed).holds


def test_entries_that_the_newest_head_names_and_the_wire_lacks_are_seen() -> None:
    scene = played()
    kept = [one for one in scene.views["air"].deltas if int(one.header("sequence")) < 5]
    assert not on_the_wire(replace(played().feed(), views=changed(scene, "air", deltas=kept).views)).holds


@pytest.mark.parametrize("way", ["pages", "doorbell", "compacted", "deltas"])
def test_one_way_that_tells_another_list_is_seen(way: str) -> None:
    scene = played()
    view = scene.views["air"]
    if way == "pages":
        changed(scene, "air", pages=[view.pages[0] | {"entries": view.pages[0]["entries"][:-1]}])
    elif way == "doorbell":
        changed(scene, "air", doorbell=scene.views["finance"].head)
    elif way == "compacted":
        stale = wire("air.entries", "ord_1.p", "entry", 1, entry("air", "ord_1.p", 1, "ADDED"))
        changed(scene, "air", compacted=[stale])
    else:
        changed(scene, "air", deltas=view.deltas[:-3])
    assert not four_ways(replace(played().feed(), views=scene.views)).holds


def test_a_version_that_comes_again_is_seen() -> None:
    scene = played()
    view = scene.views["air"]
    again = entry("air", "ord_1.p", 2, "REMOVED")
    changed(scene, "air", deltas=[*view.deltas, wire("air.deltas", "", "entry", 6, again)])
    assert "version 2 follows 2" in four_ways(replace(played().feed(), views=scene.views)).text


@pytest.mark.parametrize(
    "what", [{"digest": "0" * 64}, {"sequence": 4}, {"count": 2}, {"alarms": ["set_digest_wrong"]}]
)
def test_a_subscriber_that_holds_another_list_is_seen(what: dict[str, Any]) -> None:
    scene = played()
    feed = scene.feed()
    feed.holders["air-1"] |= what
    assert not held_exactly(scene.sight(), feed).holds


def test_a_subscriber_that_never_confirmed_the_newest_list_is_seen() -> None:
    scene = played()
    feed = scene.feed()
    scene.positions = [one for one in scene.positions if (one[0], one[1]) != ("air-1", 5)]
    assert "air-1 has not confirmed 5" in held_exactly(scene.sight(), feed).text


def test_a_disputed_position_is_seen() -> None:
    scene = played()
    sight = scene.sight()
    sight.commits["credit_blacklist"][0]["entries"][0]["events"].append(event("subscriber_position_disputed", {}))
    assert not held_exactly(sight, scene.feed()).holds


@pytest.mark.rule("R-CRB-10")
def test_a_removal_that_was_named_after_three_working_days_is_seen() -> None:
    scene = played()
    view = scene.views["air"]
    late = head(list_of(scene, "air"), 5, "2024-07-03T16:00:00.000000Z")
    deltas = [one for one in view.deltas if int(one.header("sequence")) < 5 or one.header("kind") == "entry"]
    changed(scene, "air", deltas=[*deltas, wire("air.deltas", "", "head", 5, late)])
    sight = scene.sight()
    finding = let_go_in_time(satisfied(sight), scene.feed(), AFFAIR)
    assert not finding.holds
    assert "before 2024-07-04" in finding.text


def list_of(scene: Scene, view: str) -> Any:
    followed = List(view)
    for record in scene.views[view].deltas:
        if record.header("kind") == "entry":
            followed.apply(record.value.decode())
    return followed


def test_a_record_that_stays_is_seen() -> None:
    scene = played()
    kept = [one for one in scene.views["air"].deltas if int(one.header("sequence")) < 5]
    changed(scene, "air", deltas=kept)
    sight = scene.sight()
    finding = let_go_in_time(satisfied(sight), scene.feed(), AFFAIR)
    assert "air: ord_1.p is not removed" in finding.text
    assert not decided_explicitly(sight, scene.feed(), AFFAIR).holds


def test_a_removal_that_came_too_late_for_the_court_is_seen() -> None:
    scene = played()
    sight = scene.sight()
    sight.commits["credit_blacklist"][0]["entries"][0]["events"].append(event("removal_overdue", {}))
    assert not decided_explicitly(sight, scene.feed(), AFFAIR).holds


@pytest.mark.rule("R-CRB-12")
def test_a_reader_of_the_wrong_entry_without_a_notice_is_seen() -> None:
    scene = played()
    feed = scene.feed()
    feed.holders["bank-x"]["corrections"] = []
    assert "['bank-x'] had the wrong entry and no notice" in taken_back(scene.sight(), feed, AFFAIR).text
    assert not taken_back(scene.sight(), feed, AFFAIR).holds


@pytest.mark.parametrize("name", ["correction_notice_given", "correction_notice_answered"])
def test_a_notice_that_was_not_given_or_not_answered_is_seen(name: str) -> None:
    scene = played()
    sight = scene.sight()
    events = sight.commits["credit_blacklist"][0]["entries"][0]["events"]
    events.remove(next(one for one in events if name in one["type"]))
    assert "notices given to" in taken_back(sight, scene.feed(), AFFAIR).text


def test_a_wrong_entry_that_only_vanished_is_seen() -> None:
    scene = played()
    other = replace(AFFAIR, wrong_records=frozenset({"ord_1.p"}))
    assert not taken_back(scene.sight(), scene.feed(), other).holds


def test_another_circle_of_readers_is_seen() -> None:
    scene = played()
    assert not taken_back(scene.sight(), scene.feed(), replace(AFFAIR, readers_of_the_wrong=frozenset({"air-1"}))).holds


@pytest.mark.rule("R-CRB-09")
@pytest.mark.parametrize("change", ["never shown", "still shown", "late"])
def test_who_is_shown_although_they_left_the_list_is_seen(change: str) -> None:
    sight = played().sight()
    events = sight.commits["credit_blacklist"][0]["entries"][0]["events"]
    if change == "late":
        events.append(event("publicity_takedown_overdue", {}))
    else:
        lost = "publicity_batch_released" if change == "never shown" else "publicity_item_taken_down"
        events.remove(next(one for one in events if lost in one["type"]))
    assert not shown_no_more(sight).holds


@pytest.mark.parametrize("change", ["unreported", "reported twice"])
def test_a_refusal_that_nobody_answers_for_is_seen(change: str) -> None:
    scene = played()
    feed, sight = scene.feed(), scene.sight()
    if change == "unreported":
        feed.holders["bank-x"]["refusals"] = [{"reference": "bank-x-1"}]
    else:
        events = sight.commits["credit_blacklist"][0]["entries"][0]["events"]
        events.append(next(one for one in events if "punishment_reported" in one["type"]))
    assert not answered_for(sight, feed).holds


@pytest.mark.rule("R-PAY-20")
def test_a_fen_too_little_is_seen() -> None:
    sight = played().sight()
    assert not paid_to_the_fen(sight, replace(AFFAIR, debt_fen=10_334_249)).holds
    for one in sight.events("payout_confirmed"):
        one["data"]["amount_fen"] -= 1
    assert not paid_to_the_fen(sight, AFFAIR).holds


def test_a_case_that_stays_open_is_seen() -> None:
    assert not closed(played().sight(), replace(AFFAIR, case_id="case_2")).holds
