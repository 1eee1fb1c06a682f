"""From draft to publication: signed, served, the grace period, further grounds and years."""

from datetime import date, timedelta

import pytest

from libs.schemas.credit_blacklist import Ground
from libs.schemas.credit_blacklist.listing import (
    DishonestAct,
    ListingCancelled,
    ListingDecided,
    ListingDecisionOverdue,
    ListingGraceEnded,
    ListingPublished,
    ListingUpdated,
    ListingWarned,
)
from libs.schemas.timers import TimerScheduled
from services.credit_blacklist.domain.correction_refusals import DayInTheFuture
from services.credit_blacklist.domain.listing import ListingUnknown, listing_id_of, stream_of_listing
from services.credit_blacklist.domain.listing_commands import (
    NotePayment,
    SettleByPerformance,
    UpdatePerformance,
    WarnDebtor,
)
from services.credit_blacklist.domain.listing_refusals import (
    ApplicationDayMissing,
    DebtIsSatisfied,
    DecisionNotOpen,
    ExtensionOutOfRange,
    GraceOutOfRange,
    ListingNotInForce,
    PerformanceInconsistent,
    ServiceBeforeDecision,
)
from tests.unit.credit_blacklist.listing_court import CASE, LISTING, PARTY, Court, noon

FOUR: Ground = "VIOLATES_PROPERTY_REPORTING"
FIVE: Ground = "VIOLATES_CONSUMPTION_RESTRICTION"
ONE: Ground = "REFUSES_THOUGH_ABLE"


@pytest.mark.rule("R-CRB-06")
def test_the_first_warning_is_kept() -> None:
    court = Court()
    for document in ("doc_1", "doc_2"):
        court.do(WarnDebtor(LISTING, CASE, PARTY, document, court.now))
    assert [fact.document_id for fact in court.of(ListingWarned)] == ["doc_1"]
    assert court.state.status == "WARNED"


@pytest.mark.rule("R-CRB-06")
def test_signing_alone_publishes_nothing() -> None:
    court = Court()
    court.sign(court.draft(FOUR))
    assert court.state.status == "DECIDED"
    assert court.records() == []


@pytest.mark.rule("R-CRB-06")
def test_what_is_signed_and_served_is_published_at_once() -> None:
    court = Court()
    decision = court.draft(FOUR)
    court.sign(decision)
    court.serve(decision)
    record = court.records()[-1]
    assert (record.version, record.status, record.change) == (1, "LISTED", "ADDED")
    assert (record.record_id, record.order_number) == (LISTING, "(2024)云0381执1号之一")
    assert (record.effective_from, record.changed_at) == (court.now, court.now)


@pytest.mark.rule("R-CRB-06")
def test_what_was_not_signed_is_not_served() -> None:
    court = Court()
    decision = court.draft(FOUR)
    with pytest.raises(DecisionNotOpen):
        court.serve(decision)


@pytest.mark.rule("R-CRB-06")
def test_a_decision_is_served_once() -> None:
    court = Court()
    court.listed(FOUR, grace_months=1)
    with pytest.raises(DecisionNotOpen):
        court.serve(f"{LISTING}~d1")


@pytest.mark.rule("R-CRB-06")
def test_a_service_before_the_decision_is_refused() -> None:
    court = Court()
    decision = court.draft(FOUR)
    court.sign(decision)
    court.now -= timedelta(days=1)
    with pytest.raises(ServiceBeforeDecision):
        court.serve(decision)


@pytest.mark.rule("R-CRB-10")
def test_a_debtor_who_performed_before_the_service_is_not_published() -> None:
    court = Court()
    decision = court.draft(FOUR)
    court.sign(decision)
    court.stand(satisfied_on=date(2025, 3, 10))
    with pytest.raises(DebtIsSatisfied):
        court.serve(decision)


@pytest.mark.rule("R-CRB-06")
def test_an_application_that_is_not_decided_in_fifteen_days_is_overdue() -> None:
    court = Court()
    decision = court.draft(FOUR, initiated="APPLICATION", applied_on=date(2025, 3, 10))
    court.on(date(2025, 3, 25))
    assert court.of(ListingDecisionOverdue) == []
    court.on(date(2025, 3, 26))
    assert [fact.decision_id for fact in court.of(ListingDecisionOverdue)] == [decision]
    assert court.state.decision(decision).overdue


@pytest.mark.rule("R-CRB-06")
def test_a_decision_in_time_is_never_overdue() -> None:
    court = Court()
    court.sign(court.draft(FOUR, initiated="APPLICATION", applied_on=date(2025, 3, 10)))
    court.on(date(2025, 4, 30))
    assert court.of(ListingDecisionOverdue) == []


@pytest.mark.rule("R-CRB-06")
@pytest.mark.parametrize(
    ("initiated", "applied_on"),
    [("APPLICATION", None), ("EX_OFFICIO", date(2025, 3, 1)), ("APPLICATION", date(2025, 3, 11))],
)
def test_the_day_of_the_application_belongs_to_an_application(initiated: str, applied_on: date | None) -> None:
    with pytest.raises(ApplicationDayMissing):
        Court().draft(FOUR, initiated=initiated, applied_on=applied_on)


@pytest.mark.rule("R-CRB-07")
@pytest.mark.parametrize("months", [-1, 4, 99])
def test_a_grace_period_lasts_one_to_three_months(months: int) -> None:
    with pytest.raises(GraceOutOfRange):
        Court().draft(FOUR, grace_months=months)


@pytest.mark.rule("R-CRB-07")
def test_nothing_is_published_in_the_grace_period() -> None:
    court = Court().listed(FOUR, grace_months=3)
    assert court.state.status == "GRACE"
    court.on(date(2025, 6, 10))
    assert court.records() == []


@pytest.mark.rule("R-CRB-07")
def test_at_the_end_of_the_grace_period_the_decision_is_published() -> None:
    court = Court().listed(FOUR, grace_months=3)
    court.on(date(2025, 6, 11))
    assert court.state.status == "LISTED"
    # The term runs from the decision, not from the publication.
    assert court.state.current is not None
    assert court.state.current.term_ends_on == date(2027, 3, 10)
    assert court.records()[0].effective_from == noon(date(2025, 6, 11)) - timedelta(hours=12)


@pytest.mark.rule("R-CRB-07")
def test_performance_in_the_grace_period_cancels_the_decision() -> None:
    court = Court().listed(FOUR, grace_months=2)
    court.on(date(2025, 4, 1))
    court.do(SettleByPerformance(date(2025, 4, 1)))
    assert [fact.reason for fact in court.of(ListingCancelled)] == ["PERFORMED"]
    court.on(date(2025, 12, 31))
    assert court.records() == []
    assert court.state.status == "CANCELLED"


@pytest.mark.rule("R-CRB-07")
def test_a_decision_served_after_its_grace_period_is_published_by_the_service() -> None:
    court = Court()
    decision = court.draft(FOUR, grace_months=1)
    court.sign(decision)
    court.on(date(2025, 5, 1))
    assert len(court.of(ListingGraceEnded)) == 1
    assert court.records() == []
    court.serve(decision)
    assert court.state.status == "LISTED"


@pytest.mark.rule("R-CRB-07")
def test_the_end_of_the_grace_period_counts_though_its_timer_is_late() -> None:
    court = Court()
    decision = court.draft(FOUR, grace_months=1)
    court.sign(decision)
    court.now = noon(date(2025, 5, 1))
    court.serve(decision)
    assert court.state.status == "LISTED"


@pytest.mark.rule("R-CRB-08")
def test_an_act_of_tomorrow_is_refused() -> None:
    act = DishonestAct(ground=FOUR, committed_on=date(2025, 3, 11), description="未报告")
    with pytest.raises(DayInTheFuture):
        Court().draft(FOUR, acts=(act,))


@pytest.mark.rule("R-CRB-01")
def test_a_further_ground_grows_the_record_in_force() -> None:
    court = Court().listed(FOUR)
    court.on(date(2025, 9, 1)).listed(FIVE)
    record = court.records()[-1]
    assert (record.version, record.change, record.grounds) == (2, "UPDATED", (FOUR, FIVE))
    assert court.state.current is not None
    assert court.state.current.term_ends_on == date(2027, 9, 1)
    assert [fact.reason for fact in court.of(ListingUpdated)] == ["FURTHER_GROUND"]
    assert len(court.of(ListingPublished)) == 1


@pytest.mark.rule("R-CRB-02")
def test_a_further_ground_with_a_shorter_term_shortens_nothing() -> None:
    court = Court().listed(FOUR, FIVE, extension_years=3, extension_reason="SEVERAL_ACTS")
    court.on(date(2025, 9, 1)).listed("EVADES")
    assert court.state.current is not None
    assert court.state.current.term_ends_on == date(2030, 3, 10)


@pytest.mark.rule("R-CRB-02")
def test_a_further_ground_without_a_term_takes_the_term_away() -> None:
    court = Court().listed(FOUR)
    court.on(date(2025, 9, 1)).listed(ONE)
    assert court.records()[-1].expires_at is None
    assert "term" not in court.timers


@pytest.mark.rule("R-CRB-02")
def test_a_further_ground_with_a_term_gives_none_to_what_has_none() -> None:
    court = Court().listed(ONE)
    court.on(date(2025, 9, 1)).listed(FOUR)
    assert court.records()[-1].expires_at is None
    assert "term" not in court.timers


@pytest.mark.rule("R-CRB-02")
def test_years_can_be_added_to_a_listing_in_force_for_several_acts() -> None:
    acts = tuple(DishonestAct(ground=FOUR, committed_on=date(2025, 4, day), description="隐瞒财产") for day in (1, 2))
    court = Court().listed(FOUR)
    court.on(date(2025, 5, 6)).listed(acts=acts, extension_years=2, extension_reason="SEVERAL_ACTS")
    assert court.state.current is not None
    assert court.state.current.term_ends_on == date(2029, 3, 10)
    assert [fact.reason for fact in court.of(ListingUpdated)] == ["EXTENDED"]


@pytest.mark.rule("R-CRB-02")
def test_all_extensions_together_are_three_years_at_most() -> None:
    court = Court().listed(FOUR, FIVE, extension_years=2, extension_reason="SEVERAL_ACTS")
    with pytest.raises(ExtensionOutOfRange):
        court.draft(extension_years=2, extension_reason="SEVERAL_ACTS")


@pytest.mark.rule("R-CRB-02")
def test_an_extension_whose_listing_ended_before_the_signature_is_refused() -> None:
    court = Court().listed(FOUR, FIVE)
    decision = court.draft(extension_years=1, extension_reason="SEVERAL_ACTS")
    court.remove("ACTIVE_PERFORMANCE")
    with pytest.raises(ListingNotInForce):
        court.sign(decision)


@pytest.mark.rule("R-CRB-02")
def test_an_extension_whose_listing_ended_before_the_service_comes_to_nothing() -> None:
    court = Court().listed(FOUR, FIVE)
    decision = court.draft(extension_years=1, extension_reason="SEVERAL_ACTS")
    court.sign(decision)
    court.remove("ACTIVE_PERFORMANCE")
    court.serve(decision)
    assert court.state.decision(decision).state == "CANCELLED"
    assert court.state.current is None


@pytest.mark.rule("R-CRB-08")
def test_performance_in_part_updates_the_record() -> None:
    court = Court().listed(FOUR)
    court.do(UpdatePerformance("PARTLY", 4_000_000, 10_000_000))
    assert (court.records()[-1].version, court.records()[-1].performance) == (2, "PARTLY")
    assert court.do(UpdatePerformance("PARTLY", 4_000_000, 10_000_000)) == ()


@pytest.mark.rule("R-CRB-08")
def test_money_that_comes_in_makes_the_record_say_so() -> None:
    court = Court().listed(FOUR)
    court.do(NotePayment(4_000_000, 10_000_000))
    assert (court.records()[-1].performance, court.records()[-1].version) == ("PARTLY", 2)
    assert court.state.current is not None
    assert court.state.current.performed_fen == 4_000_000


@pytest.mark.rule("R-CRB-08")
@pytest.mark.parametrize(("recovered", "owed"), [(10_000_000, 10_000_000), (12_000_000, 10_000_000), (0, 10_000_000)])
def test_money_that_covers_the_debt_or_is_none_updates_nothing(recovered: int, owed: int) -> None:
    assert Court().listed(FOUR).do(NotePayment(recovered, owed)) == ()


@pytest.mark.rule("R-CRB-08")
def test_money_for_who_is_not_listed_changes_nothing() -> None:
    assert Court().do(NotePayment(1, 10_000_000)) == ()


@pytest.mark.rule("R-CRB-08")
def test_what_is_wholly_performed_is_not_updated() -> None:
    court = Court().listed(FOUR)
    with pytest.raises(PerformanceInconsistent):
        court.do(UpdatePerformance("PARTLY", 10_000_000, 10_000_000))


@pytest.mark.rule("R-CRB-08")
def test_performance_of_what_is_not_listed_is_refused() -> None:
    with pytest.raises(ListingNotInForce):
        Court().do(UpdatePerformance("PARTLY", 1, 10_000_000))


def test_the_decision_says_by_which_rule_of_which_day_it_was_made() -> None:
    court = Court().listed(FOUR)
    assert court.of(ListingDecided)[0].rule_version == "R-CRB-02@2017-05-01"


def test_the_term_has_one_timer_at_its_end() -> None:
    court = Court()
    decision = court.draft(FOUR)
    court.sign(decision)
    timers = [event for event in court.serve(decision) if isinstance(event, TimerScheduled)]
    assert [(timer.timer, timer.due_at) for timer in timers] == [("term", court.records()[0].expires_at)]


@pytest.mark.parametrize("text", ["", "lst", "lst~a", "lst~a~", "xyz~a~b", "lst~a~b~c~d"])
def test_what_is_no_id_of_a_listing_is_unknown(text: str) -> None:
    with pytest.raises(ListingUnknown):
        stream_of_listing(text)


def test_every_id_of_a_listing_leads_to_its_stream() -> None:
    listing = listing_id_of("party_a", "case_b")
    assert stream_of_listing(listing) == stream_of_listing(f"{listing}~d1") == "listing/party_a/case_b"
