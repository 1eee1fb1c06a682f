"""Nodes 21 to 23 and the debtor's release: begun, due and done by facts of the list (R-CMD-10, R-CRB-…)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from libs.foundation.clock import SHANGHAI
from libs.foundation.court_calendar import after_days, after_months, after_working_days
from libs.schemas.credit_blacklist import FeedRecord, Removal
from libs.schemas.credit_blacklist.listing import (
    CaseFacts,
    ListingCancelled,
    ListingDecided,
    ListingDrafted,
    ListingPublished,
    ListingRemoved,
    RemovalProposed,
)
from libs.schemas.credit_blacklist.record import Basis
from libs.schemas.credit_blacklist.restriction import (
    RestrictionDutyMet,
    RestrictionDutyOpened,
    RestrictionLifted,
    RestrictionPublished,
)
from libs.schemas.envelope import Event
from libs.schemas.intake import CaseClosed
from libs.schemas.parts import Due, PartyRef
from libs.schemas.payments import DebtSatisfied
from services.command_center.domain.dossier import Dossier
from services.command_center.domain.node import Node
from services.command_center.domain.sentences import river
from tests.unit.command_center.wages import CASE, Told, recorded

DAY = datetime(2024, 4, 10, 10, 0, tzinfo=SHANGHAI).astimezone(UTC)
BASIS = Basis(number="（2024）京0107民初1号", authority="某法院")
RECORD = FeedRecord(
    record_id="rst_1.pty_1",
    list_type="RESTRICTION",
    version=1,
    status="RESTRICTED",
    change="ADDED",
    party_id="pty_1",
    case_id=CASE,
    case_number="（2024）京0107执1号",
    case_filed_on=date(2024, 3, 13),
    court="京0107",
    court_name="某法院",
    order_number="（2024）京0107执1号",
    decided_on=date(2024, 4, 10),
    changed_at=DAY,
    effective_from=DAY,
)


def due(last: date) -> Due:
    return Due(due_at=DAY, nominal_day=last, last_day=last, rule="R-CRB-06", explanation="…")


def told(*events: tuple[int, Event]) -> list[Told]:
    return [
        Told(event, "listing/x", number, DAY + timedelta(days=day)) for number, (day, event) in enumerate(events, 1)
    ]


def nodes(*events: tuple[int, Event]) -> dict[str, Node]:
    state, _ = recorded(Dossier(), told(*events))
    return {node.code: node for node in state.nodes.values()}


def drafted(decide_by: Due | None) -> ListingDrafted:
    return ListingDrafted(
        listing_id="lst_1",
        decision_id="dec_1",
        case_id=CASE,
        case=CaseFacts(
            case_id=CASE,
            case_number="（2024）京0107执1号",
            case_filed_on=date(2024, 3, 13),
            court="京0107",
            court_name="某法院",
            basis=BASIS,
        ),
        party=PartyRef(party_id="pty_1", display_name="周**", party_type="PERSON"),
        grounds=("VIOLATES_PROPERTY_REPORTING",),
        facts="未报告财产",
        duty="给付100000元",
        performance="NONE",
        initiated="EX_OFFICIO",
        decide_by=decide_by,
        drafted_by="u-officer",
    )


def decided(grace: Due | None = None) -> ListingDecided:
    return ListingDecided(
        listing_id="lst_1",
        decision_id="dec_1",
        case_id=CASE,
        number="（2024）京0107执1号决定书",
        decided_on=date(2024, 4, 10),
        grounds=("VIOLATES_PROPERTY_REPORTING",),
        grace=grace,
        decided_by="u-president",
        rule_version="1",
    )


PUBLISHED = ListingPublished(listing_id="lst_1", decision_id="dec_1", case_id=CASE, record=RECORD)


@pytest.mark.rule("R-CRB-06", "R-CMD-10")
def test_a_draft_is_decided_within_the_days_that_the_application_gives() -> None:
    last = after_days(date(2024, 4, 1), 15).day
    [waiting, signed] = [nodes((0, drafted(due(last))))["22"], nodes((0, drafted(due(last))), (2, decided()))["22"]]
    assert waiting.open
    assert waiting.due.last_day == last
    assert signed.done_at == DAY + timedelta(days=2)
    assert nodes((0, drafted(None)))["22"].due.last_day == date(2024, 4, 25)


@pytest.mark.rule("R-CRB-07", "R-CMD-10")
def test_a_decision_is_published_at_once_or_when_its_grace_has_ended() -> None:
    grace = due(after_months(date(2024, 4, 10), 3).day)
    assert nodes((0, decided()))["23"].due.last_day == date(2024, 4, 11)
    assert nodes((0, decided(grace)))["23"].due.last_day == grace.last_day
    assert not nodes((0, decided()), (1, PUBLISHED))["23"].open
    cancelled = ListingCancelled(listing_id="lst_1", decision_id="dec_1", case_id=CASE, reason="PERFORMED")
    assert not nodes((0, decided(grace)), (9, cancelled))["23"].open


@pytest.mark.rule("R-CRB-20", "R-CMD-10")
def test_who_is_listed_must_be_restricted_by_the_day_that_stands_in_the_fact() -> None:
    last = due(date(2024, 4, 22))
    opened = RestrictionDutyOpened(case_id=CASE, party_id="pty_1", listing_record="lst_1", due=last)
    met = RestrictionDutyMet(case_id=CASE, party_id="pty_1", by="RESTRICTION", record_id="rst_1.pty_1")
    assert nodes((0, opened))["21"].due.last_day == last.last_day
    assert nodes((0, opened))["21"].open
    assert not nodes((0, opened), (1, met))["21"].open


@pytest.mark.rule("R-CRB-10", "R-CMD-11")
def test_a_removal_stays_due_when_the_case_is_closed_and_is_done_by_the_removal_only() -> None:
    last = after_working_days(date(2024, 6, 30), 3).day
    proposed = RemovalProposed(
        listing_id="lst_1",
        removal_id="rmv_1",
        case_id=CASE,
        ground="ACTIVE_PERFORMANCE",
        reason="履行完毕",
        occurred_on=date(2024, 6, 30),
        due=due(last),
        by_rule=True,
        proposed_by="service",
    )
    closed = CaseClosed(
        case_id=CASE,
        case_number="（2024）京0107执1号",
        kind="FULLY_PERFORMED",
        closed_on=date(2024, 7, 1),
        recovered_fen=0,
    )
    gone = RECORD.model_copy(
        update={
            "status": "REMOVED",
            "removal": Removal(ground="ACTIVE_PERFORMANCE", decided_at=DAY, effective_at=DAY),
        }
    )
    removed = ListingRemoved(listing_id="lst_1", case_id=CASE, ground="ACTIVE_PERFORMANCE", record=gone)
    waiting = nodes((0, proposed), (1, closed))["R1"]
    assert waiting.open
    assert waiting.due.last_day == date(2024, 7, 3)
    assert not nodes((0, proposed), (1, closed), (2, removed))["R1"].open


@pytest.mark.rule("R-CRB-24", "R-CMD-10")
def test_who_has_paid_is_free_within_three_working_days() -> None:
    published = RestrictionPublished(record=RECORD)
    paid = DebtSatisfied(case_id=CASE, as_of=date(2024, 4, 12), total_fen=1, recovered_fen=1)
    lifted = RestrictionLifted(record=RECORD.model_copy(update={"status": "REMOVED", "version": 2}))
    assert "R2" not in nodes((0, published))
    waiting = nodes((0, published), (2, paid))["R2"]
    assert waiting.open
    assert waiting.due.last_day == date(2024, 4, 17)
    assert not nodes((0, published), (2, paid), (3, lifted))["R2"].open


def test_the_river_tells_of_listing_and_restriction_in_words() -> None:
    state, _ = recorded(Dossier(), told((0, drafted(None)), (1, decided()), (2, PUBLISHED)))
    lines = [(entry.stage, entry.text) for entry in river(state.facts(), {})]
    assert lines[0] == ("惩戒", "拟将周**纳入失信被执行人名单：违反财产报告制度，报请院长签发")
    assert lines[1][1].endswith("：违反财产报告制度")
    assert lines[2] == ("惩戒", "失信信息发布，并推送各协助执行单位")
