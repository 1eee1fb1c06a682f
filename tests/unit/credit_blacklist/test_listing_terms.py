"""How long a listing lasts, and which deadlines run in it: the rulebook's worked examples."""

from datetime import UTC, date, datetime

import pytest

from libs.schemas.credit_blacklist import Ground
from services.credit_blacklist.domain.listing_refusals import (
    ExtensionOutOfRange,
    ExtensionUnfounded,
    ExtensionWithoutTerm,
)
from services.credit_blacklist.rules.grounds import GROUNDS, has_term
from services.credit_blacklist.rules.procedure import (
    correction_due,
    decision_due,
    examination_due,
    grace_due,
    removal_due,
    review_due,
    review_request_due,
)
from services.credit_blacklist.rules.terms import (
    is_of_age,
    later_end,
    listed_until,
    no_request_until,
    over_at,
)
from tests.unit.credit_blacklist.listing_court import Court

FOUR: Ground = "VIOLATES_PROPERTY_REPORTING"
FIVE: Ground = "VIOLATES_CONSUMPTION_RESTRICTION"
ONE: Ground = "REFUSES_THOUGH_ABLE"


@pytest.mark.rule("R-CRB-01")
def test_there_are_six_grounds_numbered_as_in_the_law() -> None:
    assert [ground.number for ground in GROUNDS.value.values()] == [1, 2, 3, 4, 5, 6]


@pytest.mark.rule("R-CRB-02")
def test_ground_four_decided_on_2025_03_10_lasts_until_2027_03_10() -> None:
    court = Court().listed(FOUR)
    assert court.state.current is not None
    assert court.state.current.term_ends_on == date(2027, 3, 10)


@pytest.mark.rule("R-CRB-02")
def test_grounds_four_and_five_with_three_more_years_last_until_2030_03_10() -> None:
    court = Court().listed(FOUR, FIVE, extension_years=3, extension_reason="SEVERAL_ACTS")
    assert court.state.current is not None
    assert court.state.current.term_ends_on == date(2030, 3, 10)


@pytest.mark.rule("R-CRB-02")
def test_four_more_years_are_refused() -> None:
    with pytest.raises(ExtensionOutOfRange):
        Court().draft(FOUR, FIVE, extension_years=4, extension_reason="SEVERAL_ACTS")


@pytest.mark.rule("R-CRB-02")
def test_ground_one_has_no_term() -> None:
    court = Court().listed(ONE)
    assert court.state.current is not None
    assert court.state.current.term_ends_on is None
    assert court.records()[-1].expires_at is None


@pytest.mark.rule("R-CRB-02")
def test_ground_one_with_an_extension_is_refused() -> None:
    with pytest.raises(ExtensionWithoutTerm):
        Court().draft(ONE, extension_years=1, extension_reason="SEVERAL_ACTS")


@pytest.mark.rule("R-CRB-02")
def test_one_ground_without_a_term_takes_the_term_from_all() -> None:
    assert not has_term([FOUR, ONE])
    assert listed_until([FOUR, ONE], date(2025, 3, 10)) is None


@pytest.mark.rule("R-CRB-02")
def test_an_extension_without_several_acts_is_refused() -> None:
    with pytest.raises(ExtensionUnfounded):
        Court().draft(FOUR, extension_years=1, extension_reason="SEVERAL_ACTS")


@pytest.mark.rule("R-CRB-02")
def test_serious_violence_extends_only_what_rests_on_ground_two() -> None:
    with pytest.raises(ExtensionUnfounded):
        Court().draft(FOUR, FIVE, extension_years=1, extension_reason="SERIOUS_VIOLENCE")
    court = Court().listed("OBSTRUCTS", extension_years=1, extension_reason="SERIOUS_VIOLENCE")
    assert court.state.current is not None
    assert court.state.current.term_ends_on == date(2028, 3, 10)


@pytest.mark.rule("R-CRB-02")
def test_a_reason_without_years_is_refused() -> None:
    with pytest.raises(ExtensionOutOfRange):
        Court().draft(FOUR, FIVE, extension_reason="SEVERAL_ACTS")


@pytest.mark.rule("R-CRB-02")
def test_the_longer_of_two_terms_counts_and_none_beats_both() -> None:
    assert later_end(date(2027, 3, 10), date(2028, 1, 1)) == date(2028, 1, 1)
    assert later_end(date(2027, 3, 10), None) is None


@pytest.mark.rule("R-CRB-02")
def test_the_last_day_of_the_term_still_counts_whole() -> None:
    # 2027-03-11 00:00 in Shanghai.
    assert over_at(date(2027, 3, 10)) == datetime(2027, 3, 10, 16, tzinfo=UTC)


@pytest.mark.rule("R-CRB-02")
def test_a_term_from_a_leap_day_ends_on_the_last_day_of_february() -> None:
    assert listed_until([FOUR], date(2024, 2, 29)) == date(2026, 2, 28)


@pytest.mark.rule("R-CRB-02")
def test_a_term_is_not_lengthened_by_rest_days() -> None:
    # 2027-10-02 lies in the national holiday.
    assert listed_until([FOUR], date(2025, 10, 2)) == date(2027, 10, 2)


@pytest.mark.rule("R-CRB-04")
@pytest.mark.parametrize(
    ("day", "of_age"), [(date(2025, 3, 9), False), (date(2025, 3, 10), True), (date(2025, 3, 11), True)]
)
def test_on_the_eighteenth_birthday_a_person_is_of_age(day: date, of_age: bool) -> None:
    assert is_of_age(date(2007, 3, 10), day) is of_age


@pytest.mark.rule("R-CRB-06")
def test_an_application_is_decided_within_fifteen_days() -> None:
    due = decision_due(date(2025, 3, 10))
    assert due.last_day == date(2025, 3, 25)


@pytest.mark.rule("R-CRB-07")
def test_a_grace_period_rolls_over_the_holiday() -> None:
    # Two months after 2025-08-05 is Sunday 2025-10-05, in the national holiday.
    due = grace_due(date(2025, 8, 5), 2)
    assert (due.nominal_day, due.last_day) == (date(2025, 10, 5), date(2025, 10, 9))


@pytest.mark.rule("R-CRB-10")
@pytest.mark.rule("R-GEN-02")
def test_performed_on_tuesday_2025_09_30_is_deleted_by_saturday_2025_10_11() -> None:
    assert removal_due(date(2025, 9, 30)).last_day == date(2025, 10, 11)


@pytest.mark.rule("R-CRB-11")
def test_deleted_on_2025_08_31_no_request_is_granted_until_2026_02_28() -> None:
    assert no_request_until(date(2025, 8, 31)) == date(2026, 2, 28)


@pytest.mark.rule("R-CRB-12")
def test_the_deadlines_of_correction_and_review() -> None:
    assert correction_due(date(2025, 9, 30)).last_day == date(2025, 10, 11)
    assert examination_due(date(2025, 9, 20)).last_day == date(2025, 10, 9)
    assert review_request_due(date(2025, 9, 26)).last_day == date(2025, 10, 9)
    assert review_due(date(2025, 3, 10)).last_day == date(2025, 3, 25)
