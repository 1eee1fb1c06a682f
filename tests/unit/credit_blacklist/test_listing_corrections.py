"""Correction, the listed person's request for it, and the review of its refusal."""

from datetime import date
from typing import Any

import pytest

from libs.foundation.case_number import higher_court
from libs.schemas.credit_blacklist import Remedy
from libs.schemas.credit_blacklist.correction import (
    CorrectionOverdue,
    CorrectionRequestOverdue,
    CorrectionReviewOverdue,
    ListingCorrected,
)
from libs.schemas.credit_blacklist.listing import ListingRemoved, RemovalProposed
from libs.schemas.parts import PartyRef
from services.credit_blacklist.domain.correction_commands import DecideReview, RecordReview, ServeRefusal
from services.credit_blacklist.domain.correction_refusals import (
    CorrectionAlreadyProposed,
    CorrectionChangesNothing,
    DayInTheFuture,
    RemedyMissing,
    RequestNotOpen,
    ReviewTooLate,
)
from services.credit_blacklist.domain.listing_refusals import (
    DrafterCannotApprove,
    ListingNotInForce,
    PerformanceInconsistent,
    ProposalNotOpen,
)
from tests.unit.credit_blacklist.listing_court import Court

FOUR, FIVE, ONE = "VIOLATES_PROPERTY_REPORTING", "VIOLATES_CONSUMPTION_RESTRICTION", "REFUSES_THOUGH_ABLE"


def refused(court: Court) -> str:
    """Have a request rejected and the refusal served today."""
    request = court.ask("INACCURATE")
    court.find(request, "REJECTED")
    court.do(ServeRefusal(request, court.today(), "送达回证", "clerk_1"))
    return request


@pytest.mark.rule("R-CRB-12")
def test_an_inaccurate_record_is_corrected_and_names_the_wrong_version_and_fields() -> None:
    court = Court().listed(FOUR)
    court.decide_correction(court.propose_correction("INACCURATE", duty="偿还借款本金90000元"))
    record = court.records()[-1]
    assert (record.version, record.change, record.duty) == (2, "CORRECTED", "偿还借款本金90000元")
    assert record.correction is not None
    assert (record.correction.wrong_version, record.correction.fields) == (1, ("duty",))
    assert record.correction.nature == "INACCURATE"


@pytest.mark.rule("R-CRB-12")
def test_another_legal_representative_is_known_by_the_id_and_not_by_the_masked_name() -> None:
    first, second = (
        PartyRef(party_id=party_id, display_name="王*", party_type="PERSON") for party_id in ("named_1", "named_2")
    )
    court = Court().listed(FOUR, legal_representative=first)
    assert court.records()[-1].legal_representative == "named_1"
    with pytest.raises(CorrectionChangesNothing):
        court.propose_correction("INACCURATE", legal_representative=first)
    court.decide_correction(court.propose_correction("INACCURATE", legal_representative=second))
    record = court.records()[-1]
    assert record.legal_representative == "named_2"
    assert record.correction is not None
    assert record.correction.fields == ("legal_representative",)


@pytest.mark.rule("R-CRB-12")
def test_the_next_version_after_a_correction_is_no_correction() -> None:
    court = Court().listed(FOUR)
    court.decide_correction(court.propose_correction("INACCURATE", duty="偿还借款本金90000元"))
    court.listed(FIVE)
    assert court.records()[-1].correction is None
    assert court.records()[-1].duty == "偿还借款本金90000元"


@pytest.mark.rule("R-CRB-12")
def test_a_wrong_listing_is_revoked_by_a_removal_that_says_so() -> None:
    court = Court().listed(FOUR)
    court.decide_correction(court.propose_correction("WRONGLY_LISTED"))
    record = court.records()[-1]
    assert (record.status, record.change) == ("REMOVED", "REMOVED")
    assert record.correction is not None
    assert (record.correction.wrong_version, record.correction.nature) == (1, "WRONGLY_LISTED")
    assert [fact.ground for fact in court.of(ListingRemoved)] == ["WRONGLY_LISTED"]
    assert court.timers == {}


@pytest.mark.rule("R-CRB-12")
def test_a_wrong_ground_without_a_term_gives_the_record_its_term_back() -> None:
    court = Court().listed(ONE, FOUR)
    court.decide_correction(court.propose_correction("INACCURATE", grounds=(FOUR,)))
    assert court.state.current is not None
    assert court.state.current.term_ends_on == date(2027, 3, 10)
    assert court.timers["term"] == court.records()[-1].expires_at


@pytest.mark.rule("R-CRB-12")
def test_a_correction_to_a_ground_without_a_term_takes_the_term_away() -> None:
    court = Court().listed(FOUR)
    court.decide_correction(court.propose_correction("INACCURATE", grounds=(ONE,)))
    assert court.records()[-1].expires_at is None
    assert court.timers == {}


@pytest.mark.rule("R-CRB-12")
def test_number_and_maker_of_the_basis_are_corrected_apart() -> None:
    court = Court().listed(FOUR)
    court.decide_correction(court.propose_correction("INACCURATE", basis_number="(2023)云0381民初2号"))
    basis = court.records()[-1].basis
    assert basis is not None
    assert (basis.number, basis.authority) == ("(2023)云0381民初2号", "云南省宣威市人民法院")


@pytest.mark.rule("R-CRB-12")
@pytest.mark.parametrize(
    ("nature", "fields"),
    [
        ("INACCURATE", {}),
        ("INACCURATE", {"duty": "偿还借款本金100000元"}),
        ("INACCURATE", {"grounds": (FOUR,)}),
        ("WRONGLY_LISTED", {"duty": "别的"}),
    ],
)
def test_a_correction_that_changes_nothing_is_refused(nature: str, fields: dict[str, Any]) -> None:
    court = Court().listed(FOUR)
    with pytest.raises(CorrectionChangesNothing):
        court.propose_correction(nature, **fields)


@pytest.mark.rule("R-CRB-08")
def test_a_correction_cannot_contradict_itself() -> None:
    court = Court().listed(FOUR)
    with pytest.raises(PerformanceInconsistent):
        court.propose_correction("INACCURATE", performance="PARTLY")


@pytest.mark.rule("R-CRB-12")
def test_what_is_not_listed_is_not_corrected() -> None:
    with pytest.raises(ListingNotInForce):
        Court().propose_correction("WRONGLY_LISTED")


@pytest.mark.rule("R-CRB-12")
def test_one_correction_at_a_time_waits() -> None:
    court = Court().listed(FOUR)
    court.propose_correction("WRONGLY_LISTED")
    with pytest.raises(CorrectionAlreadyProposed):
        court.propose_correction("INACCURATE", duty="别的")


@pytest.mark.rule("R-CRB-12")
def test_who_found_the_error_does_not_sign_its_correction() -> None:
    court = Court().listed(FOUR)
    correction = court.propose_correction("WRONGLY_LISTED", by="president_1")
    with pytest.raises(DrafterCannotApprove):
        court.decide_correction(correction)


@pytest.mark.rule("R-CRB-12")
def test_a_correction_that_is_refused_leaves_the_record() -> None:
    court = Court().listed(FOUR)
    court.decide_correction(court.propose_correction("WRONGLY_LISTED"), approve=False)
    assert court.state.status == "LISTED"
    assert len(court.records()) == 1


@pytest.mark.rule("R-CRB-12")
def test_an_error_that_is_not_corrected_in_three_working_days_is_overdue() -> None:
    court = Court().listed(FOUR).on(date(2025, 9, 30))
    court.propose_correction("WRONGLY_LISTED")
    court.on(date(2025, 10, 11))
    assert court.of(CorrectionOverdue) == []
    court.on(date(2025, 10, 12))
    assert len(court.of(CorrectionOverdue)) == 1


@pytest.mark.rule("R-CRB-12")
def test_a_proposal_falls_with_its_listing() -> None:
    court = Court().listed(FOUR)
    correction = court.propose_correction("WRONGLY_LISTED")
    court.remove("ACTIVE_PERFORMANCE")
    with pytest.raises(ProposalNotOpen):
        court.decide_correction(correction)


@pytest.mark.rule("R-CRB-12")
def test_a_request_is_overdue_after_fifteen_days() -> None:
    court = Court().listed(FOUR)
    court.ask("INACCURATE")
    court.on(date(2025, 3, 25))
    assert court.of(CorrectionRequestOverdue) == []
    court.on(date(2025, 3, 26))
    assert len(court.of(CorrectionRequestOverdue)) == 1


@pytest.mark.rule("R-CRB-12")
def test_a_justified_request_prepares_the_correction_with_three_working_days() -> None:
    court = Court().listed(FOUR).on(date(2025, 9, 30))
    request = court.ask("INACCURATE")
    court.find(request, "JUSTIFIED", nature="INACCURATE", changes={"duty": "偿还借款本金90000元"})
    correction = next(iter(court.state.corrections.values()))
    assert (correction.proposal.request_id, correction.proposal.due.last_day) == (request, date(2025, 10, 11))
    court.decide_correction(correction.proposal.correction_id)
    assert len(court.of(ListingCorrected)) == 1


@pytest.mark.rule("R-CRB-12")
def test_a_justified_request_for_removal_prepares_the_removal() -> None:
    court = Court().listed(FOUR)
    request = court.ask("SHOULD_BE_REMOVED")
    court.find(request, "JUSTIFIED", removal_ground="ACTIVE_PERFORMANCE")
    assert [(fact.ground, fact.request_id) for fact in court.of(RemovalProposed)] == [("ACTIVE_PERFORMANCE", request)]


@pytest.mark.rule("R-CRB-12")
@pytest.mark.parametrize(
    ("claim", "remedy"),
    [
        ("NOT_TO_BE_LISTED", {"nature": "INACCURATE", "changes": {"duty": "别的"}}),
        ("INACCURATE", {"nature": "WRONGLY_LISTED"}),
        ("SHOULD_BE_REMOVED", {"removal_ground": "PERFORMED"}),
        ("SHOULD_BE_REMOVED", {}),
    ],
)
def test_a_remedy_that_does_not_fit_the_claim_is_refused(claim: str, remedy: dict[str, object]) -> None:
    court = Court().listed(FOUR)
    request = court.ask(claim)
    with pytest.raises(RemedyMissing):
        court.find(request, "JUSTIFIED", **remedy)


@pytest.mark.rule("R-CRB-12")
def test_a_request_is_decided_once() -> None:
    court = Court().listed(FOUR)
    request = court.ask("INACCURATE")
    court.find(request, "REJECTED")
    with pytest.raises(RequestNotOpen):
        court.find(request, "REJECTED")


@pytest.mark.rule("R-CRB-12")
def test_who_is_not_listed_asks_for_nothing() -> None:
    with pytest.raises(ListingNotInForce):
        Court().ask("INACCURATE")


@pytest.mark.rule("R-CRB-12")
@pytest.mark.parametrize(("received_on", "in_time"), [(date(2025, 10, 9), True), (date(2025, 10, 10), False)])
def test_the_review_is_asked_for_within_ten_days_of_service(received_on: date, *, in_time: bool) -> None:
    court = Court().listed(FOUR).on(date(2025, 9, 26))
    request = refused(court)
    court.on(date(2025, 10, 10))
    ask = RecordReview(request, "ab" * 32, received_on, "clerk_1")
    if in_time:
        court.do(ask)
        assert court.state.request(request).state == "IN_REVIEW"
    else:
        with pytest.raises(ReviewTooLate):
            court.do(ask)


@pytest.mark.rule("R-CRB-12")
def test_the_listing_goes_on_during_the_review() -> None:
    court = Court().listed(FOUR)
    request = refused(court)
    court.do(RecordReview(request, "ab" * 32, court.today(), "clerk_1"))
    assert court.state.status == "LISTED"
    assert len(court.records()) == 1


@pytest.mark.rule("R-CRB-12")
def test_a_review_is_overdue_after_fifteen_days() -> None:
    court = Court().listed(FOUR)
    request = refused(court)
    court.do(RecordReview(request, "ab" * 32, court.today(), "clerk_1"))
    court.on(date(2025, 3, 26))
    assert len(court.of(CorrectionReviewOverdue)) == 1


@pytest.mark.rule("R-CRB-12")
def test_the_higher_courts_finding_is_carried_out_below() -> None:
    court = Court().listed(FOUR)
    request = refused(court)
    court.do(RecordReview(request, "ab" * 32, court.today(), "clerk_1"))
    remedy = Remedy.model_validate({"nature": "INACCURATE", "changes": {"duty": "偿还借款本金90000元"}})
    court.do(DecideReview(request, "JUSTIFIED", "应予更正", remedy, "云03", "judge_1"))
    court.decide_correction(list(court.state.corrections)[-1])
    assert court.records()[-1].duty == "偿还借款本金90000元"


@pytest.mark.rule("R-CRB-12")
def test_a_review_of_what_has_ended_changes_nothing_more() -> None:
    court = Court().listed(FOUR)
    request = refused(court)
    court.do(RecordReview(request, "ab" * 32, court.today(), "clerk_1"))
    court.remove("ACTIVE_PERFORMANCE")
    court.do(DecideReview(request, "JUSTIFIED", "应予更正", Remedy(nature="INACCURATE"), "云03", "judge_1"))
    assert court.state.request(request).state == "REVIEWED"
    assert len(court.records()) == 2


@pytest.mark.rule("R-CRB-12")
def test_a_request_of_tomorrow_is_refused() -> None:
    court = Court().listed(FOUR)
    request = court.ask("INACCURATE")
    court.find(request, "REJECTED")
    with pytest.raises(DayInTheFuture):
        court.do(ServeRefusal(request, date(2025, 3, 11), "送达回证", "clerk_1"))


@pytest.mark.rule("R-CRB-12")
@pytest.mark.rule("R-INT-02")
def test_the_next_higher_court_follows_from_the_code() -> None:
    assert [higher_court(code) for code in ("云0381", "云03", "云", "最高法")] == ["云03", "云", "最高法", "最高法"]
