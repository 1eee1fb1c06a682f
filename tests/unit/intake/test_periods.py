from datetime import date

import pytest

from services.intake.rules.periods import (
    assignment_due,
    closing_due,
    clue_check_due,
    clue_request_due,
    decision_due,
    hand_over_due,
    jurisdiction_objection_due,
    notice_after_measure_due,
    notice_due,
    report_due,
)
from tests.unit.intake.law import at


@pytest.mark.rule("R-INT-09", "R-GEN-01")
def test_seven_days_to_decide_roll_over_the_may_holiday() -> None:
    due = decision_due(at(2025, 4, 25))
    assert (due.nominal_day, due.last_day, due.rule) == (date(2025, 5, 2), date(2025, 5, 6), "R-INT-09@2021-01-01")


@pytest.mark.rule("R-INT-15", "R-GEN-01")
def test_ten_days_for_the_notice_roll_over_the_october_holiday() -> None:
    due = notice_due(at(2025, 9, 26))
    assert (due.nominal_day, due.last_day) == (date(2025, 10, 6), date(2025, 10, 9))
    assert "顺延" in due.explanation
    assert due.due_at == at(2025, 10, 10, 0)


@pytest.mark.rule("R-INT-15")
def test_after_a_measure_the_notice_follows_within_three_days() -> None:
    assert notice_after_measure_due(date(2026, 3, 3)).last_day == date(2026, 3, 6)


@pytest.mark.rule("R-INT-14")
def test_officer_within_seven_days_file_within_three() -> None:
    assert assignment_due(date(2026, 3, 2)).last_day == date(2026, 3, 9)
    assert hand_over_due(date(2026, 3, 2)).last_day == date(2026, 3, 5)


@pytest.mark.rule("R-INT-16")
def test_ten_days_to_report_property_counted_from_service() -> None:
    due = report_due(at(2026, 3, 2))
    assert (due.last_day, due.due_at) == (date(2026, 3, 12), at(2026, 3, 13, 0))


@pytest.mark.rule("R-INT-17")
def test_clues_are_asked_for_in_three_days_and_checked_in_seven_or_three() -> None:
    assert clue_request_due(date(2026, 3, 2)).last_day == date(2026, 3, 5)
    assert clue_check_due(date(2026, 3, 2)).last_day == date(2026, 3, 9)
    assert clue_check_due(date(2026, 3, 2), urgent=True).last_day == date(2026, 3, 5)


@pytest.mark.rule("R-INT-11")
def test_ten_days_to_object_to_jurisdiction() -> None:
    assert jurisdiction_objection_due(date(2026, 3, 2)).last_day == date(2026, 3, 12)


EXCLUDED = ((date(2025, 5, 6), date(2025, 6, 5)), (date(2025, 7, 1), date(2025, 7, 20)))


@pytest.mark.rule("R-INT-18")
def test_six_months_plus_excluded_days_plus_extension_rolled_once() -> None:
    assert closing_due(date(2025, 3, 10)).last_day == date(2025, 9, 10)
    assert closing_due(date(2025, 3, 10), EXCLUDED).last_day == date(2025, 10, 31)
    extended = closing_due(date(2025, 3, 10), EXCLUDED, extension_months=3)
    assert (extended.nominal_day, extended.last_day) == (date(2026, 1, 31), date(2026, 2, 2))


@pytest.mark.rule("R-INT-18")
def test_a_day_that_is_excluded_twice_counts_once() -> None:
    overlapping = (*EXCLUDED, (date(2025, 6, 1), date(2025, 6, 5)))
    assert closing_due(date(2025, 3, 10), overlapping) == closing_due(date(2025, 3, 10), EXCLUDED)
