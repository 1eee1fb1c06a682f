"""Publicity batches: approved by another person, shown with evidence, taken down when a listing ends."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import pytest

from libs.schemas.credit_blacklist import (
    Audience,
    PublicityEvidence,
    PublicityItem,
    PublicityItemEnded,
    PublicityTakedownOverdue,
)
from libs.schemas.envelope import Event
from libs.schemas.timers import TimerCancelled, TimerDue, TimerScheduled
from services.credit_blacklist.domain.publicity import (
    Batch,
    BatchCommand,
    DecideBatch,
    DraftBatch,
    EndItem,
    ItemNotToTakeDown,
    NobodyLeftToShow,
    PublicityApproverDrafted,
    PublicityBatchNotAtThisStep,
    PublicityBatchUnknown,
    RecordRelease,
    RecordTakedown,
    decide_batch,
    evolve_batch,
)
from services.credit_blacklist.views.publicity import batch_rows
from tests.unit.credit_blacklist.listing_court import noon

ONE, TWO = "lst~party_a~case_1", "lst~party_b~case_2"


@dataclass
class Desk:
    now: datetime = field(default_factory=lambda: noon(date(2025, 9, 30)))
    state: Batch = field(default_factory=Batch)
    facts: list[Event] = field(default_factory=list)

    def do(self, command: BatchCommand) -> Sequence[Event]:
        events = decide_batch(self.state, command, self.now)
        for event in events:
            if not isinstance(event, TimerScheduled | TimerCancelled):
                self.state = evolve_batch(self.state, event)
        self.facts.extend(events)
        return events


def evidence(desk: Desk) -> PublicityEvidence:
    return PublicityEvidence(address="https://example.org/issue-10", at=desk.now, sha256="ab" * 32)


def drafted() -> Desk:
    desk = Desk()
    items = tuple(
        PublicityItem(listing_id=one, case_id=one[-6:], party_id="p", display_name="李**", record_version=1)
        for one in (ONE, TWO)
    )
    audience = (Audience(kind="PUBLIC", name="公众"), Audience(kind="EMPLOYER", name="某单位"))
    desk.do(DraftBatch("pub_1", "云0381", "第十期", "微信公众号", audience, items, date(2025, 10, 1), "officer_1"))
    return desk


def released(listed: frozenset[str] = frozenset({ONE, TWO})) -> Desk:
    desk = drafted()
    desk.do(DecideBatch(approve=True, reason="", by="head_1"))
    desk.do(RecordRelease(evidence(desk), listed, date(2025, 9, 30), "officer_1"))
    return desk


@pytest.mark.rule("R-CRB-09")
def test_a_batch_is_drafted_approved_and_shown_with_evidence() -> None:
    desk = released()
    assert desk.state.state == "RELEASED"
    assert desk.state.released is not None
    assert desk.state.released.evidence.sha256 == "ab" * 32
    assert [one.kind for one in desk.state.require().audience] == ["PUBLIC", "EMPLOYER"]


@pytest.mark.rule("R-CRB-09")
def test_who_drafted_a_batch_does_not_approve_it() -> None:
    with pytest.raises(PublicityApproverDrafted):
        drafted().do(DecideBatch(approve=True, reason="", by="officer_1"))


@pytest.mark.rule("R-CRB-09")
def test_what_is_not_approved_is_not_shown() -> None:
    desk = drafted()
    desk.do(DecideBatch(approve=False, reason="不妥", by="head_1"))
    with pytest.raises(PublicityBatchNotAtThisStep):
        desk.do(RecordRelease(evidence(desk), frozenset({ONE}), date(2025, 9, 30), "officer_1"))


@pytest.mark.rule("R-CRB-10")
def test_who_is_listed_no_more_is_taken_down_within_three_working_days() -> None:
    desk = released()
    desk.do(EndItem(ONE, date(2025, 9, 30)))
    ended = desk.state.ended[ONE]
    assert ended.due is not None
    assert ended.due.last_day == date(2025, 10, 11)
    assert batch_rows(desk.state)["pub_1"]["to_take_down"] == 1


@pytest.mark.rule("R-CRB-10")
def test_a_person_who_is_still_shown_after_the_deadline_is_an_overdue_takedown() -> None:
    desk = released()
    desk.do(EndItem(ONE, date(2025, 9, 30)))
    desk.do(TimerDue(f"takedown:{ONE}", 1, noon(date(2025, 10, 12))))
    assert [fact.listing_id for fact in desk.facts if isinstance(fact, PublicityTakedownOverdue)] == [ONE]


@pytest.mark.rule("R-CRB-10")
def test_a_takedown_in_time_is_never_overdue() -> None:
    desk = released()
    desk.do(EndItem(ONE, date(2025, 9, 30)))
    events = desk.do(RecordTakedown(ONE, evidence(desk), "officer_1"))
    assert TimerCancelled(timer=f"takedown:{ONE}") in events
    assert desk.do(TimerDue(f"takedown:{ONE}", 1, noon(date(2025, 10, 12)))) == ()


@pytest.mark.rule("R-CRB-09")
def test_who_left_the_list_before_the_batch_was_shown_needs_no_takedown() -> None:
    desk = drafted()
    desk.do(EndItem(ONE, date(2025, 9, 30)))
    assert desk.state.ended[ONE].due is None
    with pytest.raises(ItemNotToTakeDown):
        desk.do(RecordTakedown(ONE, evidence(desk), "officer_1"))


@pytest.mark.rule("R-CRB-09")
def test_who_was_shown_though_listed_no_more_is_taken_down() -> None:
    desk = released(frozenset({TWO}))
    assert [fact.listing_id for fact in desk.facts if isinstance(fact, PublicityItemEnded) and fact.due] == [ONE]


@pytest.mark.rule("R-CRB-10")
def test_a_batch_with_nobody_left_is_not_shown() -> None:
    desk = drafted()
    desk.do(DecideBatch(approve=True, reason="", by="head_1"))
    for one in (ONE, TWO):
        desk.do(EndItem(one, date(2025, 9, 30)))
    with pytest.raises(NobodyLeftToShow):
        desk.do(RecordRelease(evidence(desk), frozenset(), date(2025, 9, 30), "officer_1"))


def test_a_removal_that_the_batch_does_not_name_changes_nothing() -> None:
    assert released().do(EndItem("lst~party_x~case_1", date(2025, 9, 30))) == ()
    assert Desk().do(EndItem(ONE, date(2025, 9, 30))) == ()


def test_a_batch_that_does_not_exist_is_unknown() -> None:
    desk = Desk()
    with pytest.raises(PublicityBatchUnknown):
        desk.do(DecideBatch(approve=True, reason="", by="head_1"))
    with pytest.raises(PublicityBatchUnknown):
        desk.do(RecordTakedown(ONE, evidence(desk), "officer_1"))
