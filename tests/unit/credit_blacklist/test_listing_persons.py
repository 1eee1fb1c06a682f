"""Who is listed and who never is, and what bars it."""

from datetime import date

import pytest

from libs.schemas.credit_blacklist import (
    CasefileBarEnded,
    CasefileBarRecorded,
    CasefileControlRecorded,
    CasefileDebtRecorded,
    CasefileRecorded,
    Ground,
)
from libs.schemas.credit_blacklist.listing import DishonestAct, ListingDrafted
from libs.schemas.parts import PartyRef
from services.credit_blacklist.domain.casefile import CaseFile, evolve_casefile
from services.credit_blacklist.domain.listing_refusals import (
    AgeUnknown,
    CaseIsOver,
    DebtIsSatisfied,
    DebtorNotWarned,
    DrafterCannotApprove,
    GroundMissing,
    ListingBarred,
    MinorNeverListed,
    NotADebtorOfTheCase,
    PerformanceInconsistent,
    SecondListingOnSameGround,
    SeizedAssetsSuffice,
)
from services.credit_blacklist.domain.listing_standing import standing_of
from tests.unit.credit_blacklist.listing_court import CASE, DEBTOR, OFFICER, PARTY, Court

FOUR: Ground = "VIOLATES_PROPERTY_REPORTING"
FIVE: Ground = "VIOLATES_CONSUMPTION_RESTRICTION"
ONE: Ground = "REFUSES_THOUGH_ABLE"
REPRESENTATIVE = PartyRef(party_id="party_r", display_name="王*", party_type="PERSON")


def file(*facts: object) -> CaseFile:
    record = CasefileRecorded(
        case_id=CASE,
        case_number="(2024)云0381执1号",
        court="云0381",
        court_name="云南省宣威市人民法院",
        filed_on=date(2024, 3, 20),
        basis_number="(2023)云0381民初1号",
        basis_authority="云南省宣威市人民法院",
        duty="偿还借款",
        last_day_of_performance=date(2024, 3, 11),
        principal_fen=10_000_000,
        applicants=(),
        debtors=(DEBTOR,),
    )
    state = CaseFile()
    for fact in (record, *facts):
        state = evolve_casefile(state, fact)  # type: ignore[arg-type]
    return state


def bar(kind: str, name: str = "bar_1") -> CasefileBarRecorded:
    return CasefileBarRecorded.model_validate(
        {"case_id": CASE, "bar_id": name, "party_id": PARTY, "bar": kind, "reason": "担保", "recorded_by": OFFICER}
    )


@pytest.mark.rule("R-CRB-04")
def test_a_minor_is_never_drafted() -> None:
    court = Court()
    court.stand(birth_date=date(2007, 3, 11))
    with pytest.raises(MinorNeverListed):
        court.draft(FOUR)


@pytest.mark.rule("R-CRB-04")
def test_the_age_is_asked_on_the_day_of_the_decision() -> None:
    court = Court()
    decision = court.draft(FOUR)
    # What was known of the person changed between draft and signature.
    court.stand(birth_date=date(2007, 3, 11))
    with pytest.raises(MinorNeverListed):
        court.sign(decision)


@pytest.mark.rule("R-CRB-04")
def test_on_the_eighteenth_birthday_a_debtor_can_be_listed() -> None:
    court = Court()
    court.stand(birth_date=date(2007, 3, 10))
    assert court.listed(FOUR).state.status == "LISTED"


@pytest.mark.rule("R-CRB-04")
def test_a_person_of_unknown_age_is_not_listed_until_somebody_states_it() -> None:
    court = Court()
    court.stand(birth_date=None)
    with pytest.raises(AgeUnknown):
        court.draft(FOUR)


def test_an_organisation_has_no_age() -> None:
    court = Court()
    court.stand(birth_date=None, party=DEBTOR.model_copy(update={"party_type": "ORGANISATION"}))
    assert court.listed(FOUR).state.status == "LISTED"


@pytest.mark.rule("R-CRB-05")
def test_who_stands_behind_a_firm_is_no_debtor_and_never_listed() -> None:
    court = Court()
    court.standing = standing_of(file(), REPRESENTATIVE.party_id, date(1970, 1, 1))
    with pytest.raises(NotADebtorOfTheCase):
        court.draft(FOUR)


@pytest.mark.rule("R-CRB-05")
def test_a_campus_loan_bars_every_ground() -> None:
    court = Court()
    court.stand(bars=frozenset({"CAMPUS_LOAN"}))
    with pytest.raises(ListingBarred):
        court.draft(FOUR)


@pytest.mark.rule("R-CRB-03")
@pytest.mark.parametrize("kind", ["GUARANTEE", "RANKS_LATER", "NO_ABILITY", "APPLICANT_HOLDS_BACK"])
def test_what_bars_ground_one_bars_it_alone(kind: str) -> None:
    court = Court()
    court.stand(bars=standing_of(file(bar(kind)), PARTY, date(1980, 1, 1)).bars)
    with pytest.raises(ListingBarred):
        court.draft(ONE)
    assert court.listed(FOUR).state.status == "LISTED"


@pytest.mark.rule("R-CRB-03")
def test_a_bar_that_has_fallen_away_bars_nothing() -> None:
    ended = CasefileBarEnded(case_id=CASE, bar_id="bar_1", reason="担保失效", ended_by=OFFICER)
    assert standing_of(file(bar("GUARANTEE"), ended), PARTY, None).bars == frozenset()


@pytest.mark.rule("R-CRB-03")
@pytest.mark.parametrize(("controlled", "suffice"), [(10_334_249, False), (10_334_250, True)])
def test_seized_assets_suffice_when_they_hold_all_that_is_owed(controlled: int, suffice: bool) -> None:
    debt = CasefileDebtRecorded(case_id=CASE, total_fen=10_334_250, source_seq=1)
    control = CasefileControlRecorded(case_id=CASE, measure_id="m1", controlled_fen=controlled, source_seq=1)
    assert standing_of(file(debt, control), PARTY, None).assets_suffice is suffice


@pytest.mark.rule("R-CRB-03")
def test_seized_assets_that_suffice_bar_ground_one_alone() -> None:
    court = Court()
    court.stand(assets_suffice=True)
    with pytest.raises(SeizedAssetsSuffice):
        court.draft(ONE)
    assert court.listed(FOUR).state.status == "LISTED"


@pytest.mark.rule("R-CRB-03")
def test_a_bar_that_comes_up_before_the_signature_stops_it() -> None:
    court = Court()
    decision = court.draft(ONE)
    court.stand(bars=frozenset({"GUARANTEE"}))
    with pytest.raises(ListingBarred):
        court.sign(decision)


@pytest.mark.rule("R-CRB-06")
def test_who_was_not_warned_is_not_listed() -> None:
    court = Court()
    court.stand(warned=False)
    with pytest.raises(DebtorNotWarned):
        court.draft(FOUR)


@pytest.mark.rule("R-CRB-10")
def test_who_has_performed_is_not_listed() -> None:
    court = Court()
    court.stand(satisfied_on=date(2025, 3, 1))
    with pytest.raises(DebtIsSatisfied):
        court.draft(FOUR)


@pytest.mark.rule("R-CRB-10")
@pytest.mark.parametrize("kind", ["FULLY_PERFORMED", "ENFORCEMENT_TERMINATED", "NOT_ENFORCED", "CANCELLED"])
def test_nobody_is_listed_in_a_case_that_is_over(kind: str) -> None:
    court = Court()
    court.stand(closed=kind, closed_on=date(2025, 3, 1))
    with pytest.raises(CaseIsOver):
        court.draft(FOUR)


@pytest.mark.rule("R-CRB-10")
def test_after_the_end_of_the_present_procedure_a_debtor_may_still_be_listed() -> None:
    court = Court()
    court.stand(closed="CURRENT_PROCEDURE_TERMINATED", closed_on=date(2025, 3, 1))
    assert court.listed(FOUR).state.status == "LISTED"


@pytest.mark.rule("R-CRB-06")
def test_who_drafted_does_not_sign() -> None:
    court = Court()
    decision = court.draft(FOUR)
    with pytest.raises(DrafterCannotApprove):
        court.sign(decision, by=OFFICER)


@pytest.mark.rule("R-CRB-01")
def test_a_second_listing_on_the_same_ground_is_refused() -> None:
    court = Court().listed(FOUR)
    with pytest.raises(SecondListingOnSameGround):
        court.draft(FOUR)


@pytest.mark.rule("R-CRB-01")
def test_a_second_draft_on_the_same_ground_is_refused_while_the_first_waits() -> None:
    court = Court()
    court.draft(FOUR)
    with pytest.raises(SecondListingOnSameGround):
        court.draft(FOUR, FIVE)


@pytest.mark.rule("R-CRB-01")
def test_a_draft_that_was_sent_back_frees_its_ground() -> None:
    court = Court()
    court.sign(court.draft(FOUR), approve=False)
    assert court.listed(FOUR).state.status == "LISTED"


@pytest.mark.rule("R-CRB-01")
def test_a_decision_without_a_ground_is_refused() -> None:
    with pytest.raises(GroundMissing):
        Court().draft()


@pytest.mark.rule("R-CRB-01")
def test_an_act_of_a_ground_that_is_not_named_is_refused() -> None:
    act = DishonestAct(ground=FIVE, committed_on=date(2025, 3, 1), description="乘坐飞机")
    with pytest.raises(GroundMissing):
        Court().draft(FOUR, acts=(act,))


@pytest.mark.rule("R-CRB-01")
def test_grounds_stand_in_the_order_of_the_law() -> None:
    court = Court().listed(FIVE, ONE, FOUR)
    assert court.records()[-1].grounds == (ONE, FOUR, FIVE)
    assert court.of(ListingDrafted)[0].grounds == (ONE, FOUR, FIVE)


@pytest.mark.rule("R-CRB-08")
@pytest.mark.parametrize(
    ("performance", "performed"), [("NONE", 1), ("PARTLY", None), ("PARTLY", 10_000_000), ("OTHER", 10_000_000)]
)
def test_a_performance_that_contradicts_its_amount_is_refused(performance: str, performed: int | None) -> None:
    with pytest.raises(PerformanceInconsistent):
        Court().draft(FOUR, performance=performance, performed_fen=performed)


@pytest.mark.rule("R-CRB-08")
@pytest.mark.parametrize(("performance", "performed"), [("NONE", None), ("NONE", 0), ("PARTLY", 1), ("OTHER", None)])
def test_a_performance_that_fits_its_amount_is_taken(performance: str, performed: int | None) -> None:
    court = Court().listed(FOUR, performance=performance, performed_fen=performed)
    assert court.records()[-1].performance == performance
