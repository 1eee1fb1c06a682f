"""A covered person's request for correction, by the procedure of listings: 15 days, 10 days, 15 days (R-CRB-12)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from libs.schemas.credit_blacklist.objection import (
    RestrictionCorrectionRequested,
    RestrictionRefusalServed,
    RestrictionRequestDecided,
    RestrictionRequestOverdue,
    RestrictionReviewDecided,
    RestrictionReviewRequested,
)
from libs.schemas.credit_blacklist.restriction import LiftingProposed, RestrictionCorrectionProposed
from services.credit_blacklist.domain.correction_refusals import DayInTheFuture, RequestNotOpen, ReviewTooLate
from services.credit_blacklist.domain.restriction_commands import DecideCorrection, LiftByRule
from services.credit_blacklist.domain.restriction_refusals import (
    LiftingIncomplete,
    NothingToCorrect,
    PersonNotCovered,
    RestrictionUnknown,
)
from services.credit_blacklist.domain.restriction_request_law import (
    DecideOrderRequest,
    DecideOrderReview,
    OrderRemedy,
    RecordOrderRequest,
    RecordOrderReview,
    ServeOrderRefusal,
)
from tests.unit.credit_blacklist.restricting import DIGEST, NOW, OFFICER, PRESIDENT, Order

REQUEST = "objection_1"
DAY = timedelta(days=1)


def asking(claim: Any = "NOT_TO_BE_RESTRICTED", party: str = "party_li", on: date = date(2024, 4, 10)) -> Any:
    return RecordOrderRequest(REQUEST, party, claim, DIGEST, on, "u-clerk")


def finding(finding: Any = "JUSTIFIED", **remedy: Any) -> DecideOrderRequest:
    return DecideOrderRequest(REQUEST, finding, DIGEST, OrderRemedy(**remedy), OFFICER)


def reviewing(finding: Any = "JUSTIFIED", **remedy: Any) -> DecideOrderReview:
    return DecideOrderReview(REQUEST, finding, DIGEST, OrderRemedy(**remedy), "京01", "u-judge")


def rejected() -> Order:
    order = Order().published()
    order.do(asking())
    order.do(finding("REJECTED"))
    return order


@pytest.mark.rule("R-CRB-12")
def test_a_request_is_examined_within_fifteen_days() -> None:
    order = Order().published()
    requested, _ = order.do(asking())
    assert isinstance(requested, RestrictionCorrectionRequested)
    assert requested.due.last_day == date(2024, 4, 25)
    assert order.timers == {f"request:{REQUEST}": datetime(2024, 4, 25, 16, tzinfo=UTC)}


@pytest.mark.rule("R-CRB-12")
@pytest.mark.parametrize(
    ("claim", "remedy", "follows"),
    [
        ("NOT_TO_BE_RESTRICTED", {}, RestrictionCorrectionProposed),
        ("INACCURATE", {"kinds": (1, 9)}, RestrictionCorrectionProposed),
        ("SHOULD_BE_LIFTED", {"ground": "SETTLEMENT_PERFORMED"}, LiftingProposed),
    ],
)
def test_what_is_justified_waits_for_the_president(claim: Any, remedy: dict[str, Any], follows: type) -> None:
    order = Order().published()
    order.do(asking(claim))
    decided, _, proposed, *_ = order.do(finding(**remedy))
    assert isinstance(decided, RestrictionRequestDecided)
    assert isinstance(proposed, follows)
    assert order.state.restricts("party_li")
    # What is left to be watched is that a correction is signed in three working days; a lifting has no day.
    assert len(order.timers) == (follows is RestrictionCorrectionProposed)


@pytest.mark.rule("R-CRB-12")
def test_the_president_carries_out_what_was_found_justified() -> None:
    order = Order().published()
    order.do(asking())
    order.do(finding())
    (correction,) = order.state.corrections
    order.do(DecideCorrection(correction, True, None, PRESIDENT))
    assert not order.state.restricts("party_li")


@pytest.mark.rule("R-CRB-12")
@pytest.mark.parametrize(
    ("claim", "refusal"), [("INACCURATE", NothingToCorrect), ("SHOULD_BE_LIFTED", LiftingIncomplete)]
)
def test_a_justified_request_names_its_remedy(claim: Any, refusal: type) -> None:
    order = Order().published()
    order.do(asking(claim))
    with pytest.raises(refusal):
        order.do(finding())


@pytest.mark.rule("R-CRB-12")
def test_a_refusal_runs_ten_days_for_the_review_from_its_service() -> None:
    order = rejected()
    (served,) = order.do(ServeOrderRefusal(REQUEST, date(2024, 4, 10), DIGEST, "u-clerk"))
    assert isinstance(served, RestrictionRefusalServed)
    assert served.review_by.last_day == date(2024, 4, 22)  # the tenth day is a Saturday


@pytest.mark.rule("R-CRB-12")
@pytest.mark.parametrize(("day", "late"), [(date(2024, 4, 22), False), (date(2024, 4, 23), True)])
def test_a_review_is_asked_for_within_ten_days(day: date, late: bool) -> None:
    order = rejected()
    order.do(ServeOrderRefusal(REQUEST, date(2024, 4, 10), DIGEST, "u-clerk"))
    command = RecordOrderReview(REQUEST, DIGEST, day, "u-clerk")
    if late:
        with pytest.raises(ReviewTooLate):
            order.do(command, NOW + 20 * DAY)
    else:
        asked, _ = order.do(command, NOW + 20 * DAY)
        assert isinstance(asked, RestrictionReviewRequested)
        assert asked.due.last_day == date(2024, 5, 7)


@pytest.mark.rule("R-CRB-12")
def test_the_restriction_stands_during_the_review_and_the_higher_court_decides_finally() -> None:
    order = rejected()
    order.do(RecordOrderReview(REQUEST, DIGEST, date(2024, 4, 10), "u-clerk"))
    assert order.state.restricts("party_li")
    decided, _, proposed, _ = order.do(reviewing())
    assert isinstance(decided, RestrictionReviewDecided)
    assert decided.court == "京01"
    assert isinstance(proposed, RestrictionCorrectionProposed)
    with pytest.raises(RequestNotOpen):
        order.do(reviewing("REJECTED"))


def test_a_review_of_who_was_let_go_meanwhile_needs_no_remedy() -> None:
    order = rejected()
    order.do(RecordOrderReview(REQUEST, DIGEST, date(2024, 4, 10), "u-clerk"))
    order.do(LiftByRule("PERFORMED"))
    assert len(order.do(reviewing())) == 2


@pytest.mark.rule("R-CRB-12")
@pytest.mark.parametrize("stage", ["EXAMINATION", "REVIEW"])
def test_a_day_that_passes_is_said_once_and_the_decision_may_still_come(stage: str) -> None:
    order = Order().published()
    order.do(asking())
    if stage == "REVIEW":
        order.do(finding("REJECTED"))
        order.do(RecordOrderReview(REQUEST, DIGEST, date(2024, 4, 10), "u-clerk"))
    (late,) = order.fire(NOW + 30 * DAY)
    assert isinstance(late, RestrictionRequestOverdue)
    assert late.stage == stage
    decided = order.do(finding("REJECTED") if stage == "EXAMINATION" else reviewing("REJECTED"), NOW + 31 * DAY)
    assert len(decided) == 1


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (asking(party="party_stranger"), PersonNotCovered),
        (asking(on=date(2024, 4, 11)), DayInTheFuture),
        (finding(), RestrictionUnknown),
        (reviewing(), RestrictionUnknown),
    ],
    ids=["not covered", "received tomorrow", "never asked", "never refused"],
)
def test_steps_that_cannot_be_are_refused(command: Any, refusal: type) -> None:
    with pytest.raises(refusal):
        Order().published().do(command)


def test_a_refusal_is_not_served_before_it_was_decided_nor_twice() -> None:
    order = rejected()
    with pytest.raises(DayInTheFuture):
        order.do(ServeOrderRefusal(REQUEST, date(2024, 4, 9), DIGEST, "u-clerk"))
    order.do(ServeOrderRefusal(REQUEST, date(2024, 4, 10), DIGEST, "u-clerk"))
    with pytest.raises(RequestNotOpen):
        order.do(ServeOrderRefusal(REQUEST, date(2024, 4, 10), DIGEST, "u-clerk"))
