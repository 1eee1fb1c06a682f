"""The end of a listing on every ground, and listing again."""

from datetime import date

import pytest

from libs.schemas.credit_blacklist import Ground
from libs.schemas.credit_blacklist.listing import (
    DishonestAct,
    ListingRemoved,
    RemovalDecided,
    RemovalOverdue,
    RemovalProposed,
)
from services.credit_blacklist.domain.correction_refusals import DayInTheFuture
from services.credit_blacklist.domain.listing_commands import CertifyRepair, EndWithCase, SettleByPerformance
from services.credit_blacklist.domain.listing_refusals import (
    DrafterCannotApprove,
    ListingNotInForce,
    ProposalNotOpen,
    RelistingTooSoon,
    RelistingWithoutNewAct,
    RemovalAlreadyProposed,
    RemovalGroundNotForThisListing,
    RemovalUnproved,
    RepairNotEarned,
)
from services.credit_blacklist.views.listings import listing_rows, proposal_rows
from tests.unit.credit_blacklist.listing_court import LISTING, Court, noon

FOUR: Ground = "VIOLATES_PROPERTY_REPORTING"
FIVE: Ground = "VIOLATES_CONSUMPTION_RESTRICTION"
ONE: Ground = "REFUSES_THOUGH_ABLE"


@pytest.mark.rule("R-CRB-10")
def test_without_a_term_performance_removes_by_the_rule_itself() -> None:
    court = Court().listed(ONE)
    court.do(SettleByPerformance(date(2025, 3, 10)))
    assert [(fact.ground, fact.by_rule) for fact in court.of(RemovalDecided)] == [("PERFORMED", True)]
    record = court.records()[-1]
    assert (record.version, record.status, record.change) == (2, "REMOVED", "REMOVED")


@pytest.mark.rule("R-CRB-10")
def test_a_removed_record_says_no_duty_no_ground_and_no_performance() -> None:
    court = Court().listed(ONE)
    court.do(SettleByPerformance(date(2025, 3, 10)))
    record = court.records()[-1]
    assert (record.grounds, record.duty, record.performance, record.basis) == ((), None, None, None)
    assert record.removal is not None
    assert record.removal.ground == "PERFORMED"


@pytest.mark.rule("R-CRB-10")
def test_with_a_term_performance_prepares_a_removal_that_the_president_decides() -> None:
    court = Court().listed(FOUR).on(date(2025, 9, 30))
    court.do(SettleByPerformance(date(2025, 9, 30)))
    proposal = court.of(RemovalProposed)[0]
    assert (proposal.ground, proposal.by_rule) == ("ACTIVE_PERFORMANCE", True)
    assert proposal.due.last_day == date(2025, 10, 11)
    assert court.state.status == "LISTED"
    court.decide_removal(proposal.removal_id)
    assert court.state.status == "REMOVED"


@pytest.mark.rule("R-CRB-10")
def test_a_prepared_removal_that_nobody_decides_is_overdue_after_three_working_days() -> None:
    court = Court().listed(FOUR).on(date(2025, 9, 30))
    court.do(SettleByPerformance(date(2025, 9, 30)))
    court.on(date(2025, 10, 11))
    assert court.of(RemovalOverdue) == []
    court.on(date(2025, 10, 12))
    assert len(court.of(RemovalOverdue)) == 1
    assert proposal_rows(court.state)[f"{LISTING}~r1"]["overdue"] is True


@pytest.mark.rule("R-CRB-10")
def test_an_officer_takes_over_what_the_service_prepared() -> None:
    court = Court().listed(FOUR)
    court.do(SettleByPerformance(date(2025, 3, 10)))
    removal = court.propose_removal("ACTIVE_PERFORMANCE")
    assert removal == f"{LISTING}~r1"
    assert court.state.removal(removal).proposal.by_rule is False


@pytest.mark.rule("R-CRB-10")
def test_grounds_with_and_without_a_term_go_together_on_performance() -> None:
    court = Court().listed(FOUR, ONE)
    court.do(SettleByPerformance(date(2025, 3, 10)))
    assert court.state.status == "REMOVED"


@pytest.mark.rule("R-CRB-10")
def test_at_the_end_of_its_term_a_listing_is_removed_by_the_rule_itself() -> None:
    court = Court().listed(FOUR)
    court.on(date(2027, 3, 10))
    assert court.state.status == "LISTED"
    court.on(date(2027, 3, 11))
    assert [(fact.ground, fact.removal_id) for fact in court.of(ListingRemoved)] == [("TERM_ENDED", f"{LISTING}~e2")]


@pytest.mark.rule("R-CRB-10")
@pytest.mark.parametrize(
    "ground",
    ["SETTLEMENT_PERFORMED", "APPLICANT_REQUEST", "RETRIAL_OR_BANKRUPTCY", "NON_ENFORCEMENT", "FINAL_TERMINATION"],
)
def test_a_ground_on_paper_needs_its_paper(ground: str) -> None:
    court = Court().listed(ONE)
    with pytest.raises(RemovalUnproved):
        court.propose_removal(ground, document_id=None)
    assert court.remove(ground).state.status == "REMOVED"


@pytest.mark.rule("R-CRB-10")
def test_performance_is_proved_by_the_case_or_by_a_paper() -> None:
    court = Court().listed(ONE)
    with pytest.raises(RemovalUnproved):
        court.propose_removal("PERFORMED", document_id=None)
    court.stand(satisfied_on=date(2025, 3, 10))
    assert court.remove("PERFORMED", document_id=None).state.status == "REMOVED"


@pytest.mark.rule("R-CRB-10")
@pytest.mark.parametrize(
    "queries",
    [(), (date(2025, 5, 1),), (date(2025, 5, 1), date(2025, 5, 1)), (date(2025, 4, 1), date(2025, 5, 1))],
)
def test_after_the_closing_fewer_than_two_fruitless_queries_remove_nobody(queries: tuple[date, ...]) -> None:
    court = Court().listed(ONE).on(date(2025, 6, 3))
    court.stand(closed="CURRENT_PROCEDURE_TERMINATED", closed_on=date(2025, 4, 1))
    with pytest.raises(RemovalUnproved):
        court.propose_removal("NOTHING_FOUND_AFTER_TERMINATION", queries_on=queries)


@pytest.mark.rule("R-CRB-10")
def test_two_fruitless_queries_after_the_closing_remove() -> None:
    court = Court().listed(ONE)
    court.stand(closed="CURRENT_PROCEDURE_TERMINATED", closed_on=date(2025, 4, 1))
    court.on(date(2025, 6, 3))
    court.remove("NOTHING_FOUND_AFTER_TERMINATION", queries_on=(date(2025, 5, 1), date(2025, 6, 1)))
    assert court.state.status == "REMOVED"


@pytest.mark.rule("R-CRB-10")
def test_queries_in_an_open_case_remove_nobody() -> None:
    court = Court().listed(ONE).on(date(2025, 6, 3))
    with pytest.raises(RemovalUnproved):
        court.propose_removal("NOTHING_FOUND_AFTER_TERMINATION", queries_on=(date(2025, 5, 1), date(2025, 6, 1)))


@pytest.mark.rule("R-CRB-10")
@pytest.mark.parametrize("ground", ["PERFORMED", "APPLICANT_REQUEST", "RETRIAL_OR_BANKRUPTCY"])
def test_the_seven_grounds_do_not_end_a_listing_with_a_term(ground: str) -> None:
    court = Court().listed(FOUR)
    with pytest.raises(RemovalGroundNotForThisListing):
        court.propose_removal(ground)


@pytest.mark.rule("R-CRB-10")
def test_active_performance_is_no_ground_for_a_listing_without_a_term() -> None:
    court = Court().listed(ONE)
    with pytest.raises(RemovalGroundNotForThisListing):
        court.propose_removal("ACTIVE_PERFORMANCE")


@pytest.mark.rule("R-CRB-10")
@pytest.mark.parametrize("grounds", [(), (ONE,)])
def test_a_removal_of_what_is_not_listed_is_refused(grounds: tuple[str, ...]) -> None:
    court = Court()
    if grounds:
        court.draft(*grounds)
    with pytest.raises(ListingNotInForce):
        court.propose_removal("PERFORMED")


@pytest.mark.rule("R-CRB-10")
def test_what_was_removed_is_not_removed_again() -> None:
    court = Court().listed(ONE).remove("APPLICANT_REQUEST")
    with pytest.raises(ListingNotInForce):
        court.propose_removal("APPLICANT_REQUEST")
    with pytest.raises(ProposalNotOpen):
        court.decide_removal(f"{LISTING}~r1")


@pytest.mark.rule("R-CRB-10")
def test_a_ground_that_occurs_tomorrow_removes_nobody() -> None:
    with pytest.raises(DayInTheFuture):
        Court().listed(ONE).propose_removal("APPLICANT_REQUEST", occurred_on=date(2025, 3, 11))


@pytest.mark.rule("R-CRB-10")
def test_one_removal_at_a_time_waits() -> None:
    court = Court().listed(ONE)
    court.propose_removal("APPLICANT_REQUEST")
    with pytest.raises(RemovalAlreadyProposed):
        court.propose_removal("APPLICANT_REQUEST")


@pytest.mark.rule("R-CRB-10")
def test_who_proposed_a_removal_does_not_decide_it() -> None:
    court = Court().listed(ONE)
    removal = court.propose_removal("APPLICANT_REQUEST", by="president_1")
    with pytest.raises(DrafterCannotApprove):
        court.decide_removal(removal)


@pytest.mark.rule("R-CRB-10")
def test_a_removal_that_is_refused_leaves_the_listing() -> None:
    court = Court().listed(ONE)
    court.decide_removal(court.propose_removal("APPLICANT_REQUEST"), approve=False)
    assert court.state.status == "LISTED"
    assert not court.timers


@pytest.mark.rule("R-CRB-10")
@pytest.mark.parametrize(
    ("kind", "ground"),
    [
        ("NOT_ENFORCED", "NON_ENFORCEMENT"),
        ("APPLICATION_DISMISSED", "NON_ENFORCEMENT"),
        ("ENFORCEMENT_TERMINATED", "FINAL_TERMINATION"),
        ("CANCELLED", "FINAL_TERMINATION"),
    ],
)
def test_a_ruling_that_ends_the_case_prepares_the_removal(kind: str, ground: str) -> None:
    court = Court().listed(ONE)
    court.do(EndWithCase(kind, date(2025, 3, 10)))  # type: ignore[arg-type]
    assert [fact.ground for fact in court.of(RemovalProposed)] == [ground]


@pytest.mark.rule("R-CRB-10")
def test_a_decision_under_way_falls_with_its_case() -> None:
    court = Court()
    decision = court.draft(ONE)
    court.do(EndWithCase("CANCELLED", date(2025, 3, 10)))
    assert court.state.decision(decision).cancelled_for == "CASE_ENDED"


@pytest.mark.rule("R-CRB-10")
def test_the_end_of_the_present_procedure_removes_nobody() -> None:
    court = Court().listed(ONE)
    assert court.do(EndWithCase("CURRENT_PROCEDURE_TERMINATED", date(2025, 3, 10))) == ()


@pytest.mark.rule("R-CRB-10")
def test_the_archive_keeps_what_was_removed_with_day_and_ground() -> None:
    court = Court().listed(ONE).on(date(2025, 4, 2)).remove("APPLICANT_REQUEST")
    row = listing_rows(court.state)[LISTING]
    assert (row["status"], row["removal_ground"]) == ("REMOVED", "APPLICANT_REQUEST")
    assert row["deleted_at"] == "2025-04-02T04:00:00.000000Z"
    assert row["grounds"] == [ONE]


@pytest.mark.rule("R-CRB-11")
@pytest.mark.parametrize("applied_on", [date(2025, 9, 1), date(2026, 2, 28)])
def test_after_deletion_at_the_applicants_request_the_applicant_waits_six_months(applied_on: date) -> None:
    court = Court().listed(ONE).on(date(2025, 8, 31)).remove("APPLICANT_REQUEST").on(date(2026, 3, 2))
    with pytest.raises(RelistingTooSoon) as refusal:
        court.draft(FOUR, initiated="APPLICATION", applied_on=applied_on)
    assert refusal.value.extra["until"] == "2026-02-28"


@pytest.mark.rule("R-CRB-11")
def test_after_six_months_the_applicant_may_ask_again() -> None:
    court = Court().listed(ONE).on(date(2025, 8, 31)).remove("APPLICANT_REQUEST").on(date(2026, 3, 2))
    court.listed(FOUR, initiated="APPLICATION", applied_on=date(2026, 3, 1))
    assert court.state.status == "LISTED"


@pytest.mark.rule("R-CRB-11")
def test_the_court_itself_may_list_at_once_on_a_new_ground() -> None:
    court = Court().listed(ONE).on(date(2025, 8, 31)).remove("APPLICANT_REQUEST").on(date(2025, 9, 1))
    court.listed(FOUR)
    assert (court.records()[-1].version, court.records()[-1].change) == (3, "ADDED")


@pytest.mark.rule("R-CRB-11")
def test_an_old_ground_needs_an_act_after_the_deletion() -> None:
    court = Court().listed(FOUR).on(date(2025, 8, 31)).remove("ACTIVE_PERFORMANCE").on(date(2025, 9, 2))
    old, new = (
        DishonestAct(ground=FOUR, committed_on=day, description="未报告")
        for day in (date(2025, 8, 30), date(2025, 9, 1))
    )
    with pytest.raises(RelistingWithoutNewAct):
        court.draft(FOUR, acts=(old,))
    assert court.listed(FOUR, acts=(new,)).state.status == "LISTED"


@pytest.mark.rule("R-CRB-34")
def test_who_performed_and_was_removed_is_certified() -> None:
    court = Court().listed(FOUR).on(date(2025, 9, 1)).remove("ACTIVE_PERFORMANCE")
    court.do(CertifyRepair("信用中国", "jws", "officer_1"))
    assert [(one.ground, one.removed_on) for one in court.state.certificates] == [
        ("ACTIVE_PERFORMANCE", date(2025, 9, 1))
    ]


@pytest.mark.rule("R-CRB-34")
@pytest.mark.parametrize("removed_on_request", [True, False])
def test_who_did_not_perform_or_is_still_listed_is_not_certified(*, removed_on_request: bool) -> None:
    court = Court().listed(ONE)
    if removed_on_request:
        court.remove("APPLICANT_REQUEST")
    with pytest.raises(RepairNotEarned):
        court.do(CertifyRepair("信用中国", "jws", "officer_1"))


def test_the_term_ends_no_listing_that_was_removed_before() -> None:
    court = Court().listed(FOUR).remove("ACTIVE_PERFORMANCE")
    court.pass_until(noon(date(2030, 1, 1)))
    assert len(court.of(ListingRemoved)) == 1
