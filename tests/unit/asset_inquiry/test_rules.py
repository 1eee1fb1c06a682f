"""Terms, deadlines, limits and code tables of inquiry and control, by the rulebook's worked examples."""

from datetime import UTC, date, datetime, timedelta

import pytest

from libs.foundation.clock import SHANGHAI
from libs.schemas.parts import AssetClass, RequestKind
from services.asset_inquiry.rules.codes import ID_TYPE_NUMBERS, ID_TYPE_NUMBERS_TELECOM, RETURNS, queue_rank
from services.asset_inquiry.rules.deadlines import reply_due
from services.asset_inquiry.rules.limits import Wanted, exceeds, free_fen
from services.asset_inquiry.rules.measures import MEASURES, measure_for, papers_for
from services.asset_inquiry.rules.terms import latest_end, years_max


@pytest.mark.rule("R-INQ-10")
@pytest.mark.parametrize(
    ("begins", "years", "ends"),
    [
        (date(2025, 3, 10), 1, date(2026, 3, 9)),
        (date(2024, 2, 29), 3, date(2027, 2, 28)),
        (date(2026, 3, 2), 1, date(2027, 3, 1)),
        (date(2024, 2, 29), 4, date(2028, 2, 28)),
    ],
)
def test_a_term_ends_the_day_before_the_corresponding_day(begins: date, years: int, ends: date) -> None:
    assert latest_end(begins, years) == ends


@pytest.mark.rule("R-INQ-10")
def test_a_term_is_not_rolled_over_rest_days() -> None:
    # 2025-10-02 is in the holiday week: a protection that lapses earlier than thought is the risk.
    assert latest_end(date(2024, 10, 3), 1) == date(2025, 10, 2)


@pytest.mark.rule("R-INQ-10")
@pytest.mark.parametrize(
    ("asset_class", "years"), [("DEPOSIT", 1), ("NET_FUND", 1), ("VEHICLE", 2), ("REAL_ESTATE", 3), ("EQUITY", 3)]
)
def test_the_longest_term_follows_the_class_of_asset(asset_class: AssetClass, years: int) -> None:
    assert years_max(asset_class, date(2026, 3, 2)) == years


@pytest.mark.rule("R-INQ-06", "R-GEN-01")
def test_a_bank_answers_within_24_hours_counted_from_the_next_full_hour() -> None:
    issued = datetime(2026, 3, 2, 9, 3, tzinfo=SHANGHAI)
    due = reply_due("BANK", "NORMAL", issued)
    assert due.due_at == datetime(2026, 3, 3, 10, 0, tzinfo=SHANGHAI)
    assert due.rule.startswith("R-INQ-06: 24 hours")


@pytest.mark.rule("R-INQ-06", "R-GEN-02")
def test_a_registry_answers_within_three_working_days() -> None:
    # The rulebook's example: Tuesday 2025-09-30 and three working days end on Saturday 10-11, a make-up working day.
    due = reply_due("LAND_REGISTRY", "NORMAL", datetime(2025, 9, 30, 10, 0, tzinfo=SHANGHAI))
    assert due.due_at == datetime(2025, 10, 12, 0, 0, tzinfo=SHANGHAI)


@pytest.mark.rule("R-INQ-06")
@pytest.mark.parametrize("kind", ["BANK", "LAND_REGISTRY", "OTHER"])
def test_an_urgent_request_is_due_ten_minutes_later_whoever_is_asked(kind: str) -> None:
    issued = datetime(2026, 3, 2, 1, 3, 30, tzinfo=UTC)
    assert reply_due(kind, "URGENT", issued).due_at == issued + timedelta(minutes=10)


@pytest.mark.rule("R-INQ-06")
def test_the_term_of_its_own_day_decides_about_an_old_urgent_request() -> None:
    issued = datetime(2025, 3, 3, 9, 0, tzinfo=SHANGHAI)
    assert reply_due("BANK", "URGENT", issued).due_at == datetime(2025, 3, 4, 9, 0, tzinfo=SHANGHAI)


@pytest.mark.rule("R-INQ-20")
@pytest.mark.parametrize(
    ("counted", "wanted", "over"),
    [
        (0, [("DEPOSIT", 300_000_00), ("DEPOSIT", 200_000_00)], False),
        (500_000_00, [("REAL_ESTATE", 2_000_000_00)], True),
        (0, [("REAL_ESTATE", 2_000_000_00)], False),
        (0, [("DEPOSIT", 500_000_00), ("DEPOSIT", 500_000_00), ("DEPOSIT", 500_000_00)], True),
        (0, [("DEPOSIT", 500_000_01)], True),
        (499_999_99, [("DEPOSIT", 1)], False),
        (0, [("REAL_ESTATE", 300_000_00), ("VEHICLE", 300_000_00)], False),
        (0, [("REAL_ESTATE", 300_000_00), ("VEHICLE", 300_000_01)], True),
        (0, [("REAL_ESTATE", 1), ("DEPOSIT", 500_000_01)], True),
    ],
)
def test_what_is_attached_may_not_exceed_claim_and_costs_of_500_000(
    counted: int, wanted: list[tuple[AssetClass, int]], over: bool
) -> None:
    assert exceeds(500_000_00, counted, tuple(Wanted(*one) for one in wanted)) is over


@pytest.mark.rule("R-INQ-20")
def test_nothing_is_free_once_the_limit_is_reached() -> None:
    assert (free_fen(100, 40), free_fen(100, 100), free_fen(100, 130)) == (60, 0, 0)


@pytest.mark.rule("R-INQ-03")
def test_the_table_holds_the_codes_of_the_real_protocol_each_with_an_article() -> None:
    assert set(MEASURES) == {"01", "02", "03", "04", "05", "06", "07", "08", "11", "12", "14", "15"}
    assert all(measure.articles for measure in MEASURES.values())


@pytest.mark.rule("R-INQ-03")
@pytest.mark.parametrize(
    ("kind", "asset_class", "code"),
    [
        ("FREEZE", "DEPOSIT", "01"),
        ("FREEZE", "REAL_ESTATE", "11"),
        ("RENEW", "NET_FUND", "02"),
        ("RELEASE", "VEHICLE", "14"),
        ("DEDUCT", "DEPOSIT", "06"),
        ("DEDUCT", "VEHICLE", None),
    ],
)
def test_a_measure_follows_from_kind_and_class(kind: RequestKind, asset_class: AssetClass, code: str | None) -> None:
    measure = measure_for(kind, asset_class)
    assert (measure.code if measure else None) == code


@pytest.mark.rule("R-INQ-04")
@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        ("INQUIRY", {"ASSISTANCE_QUERY_NOTICE"}),
        ("FREEZE", {"FREEZE_RULING", "ASSISTANCE_FREEZE_NOTICE"}),
        ("DEDUCT", {"DEDUCTION_RULING", "ASSISTANCE_DEDUCTION_NOTICE"}),
        ("RELEASE", {"RELEASE_RULING", "ASSISTANCE_RELEASE_NOTICE"}),
    ],
)
def test_every_kind_of_request_has_its_papers(kind: RequestKind, needed: set[str]) -> None:
    assert set(papers_for(kind)) == needed


def test_controls_go_before_inquiries_and_urgent_before_normal() -> None:
    queue: list[tuple[RequestKind, str]] = [
        ("INQUIRY", "NORMAL"),
        ("INQUIRY", "URGENT"),
        ("DEDUCT", "NORMAL"),
        ("FREEZE", "URGENT"),
    ]
    assert sorted(queue, key=lambda one: queue_rank(*one)) == [
        ("FREEZE", "URGENT"),
        ("DEDUCT", "NORMAL"),
        ("INQUIRY", "URGENT"),
        ("INQUIRY", "NORMAL"),
    ]


def test_the_court_and_the_telecom_channel_number_identity_documents_apart() -> None:
    assert ID_TYPE_NUMBERS["UNIFIED_SOCIAL_CREDIT_CODE"] == "20"
    assert "UNIFIED_SOCIAL_CREDIT_CODE" not in ID_TYPE_NUMBERS_TELECOM


def test_what_papers_credentials_or_a_new_try_can_cure_is_sent_again_and_nothing_else() -> None:
    assert {code for code, rule in RETURNS.items() if not rule.reissue} == {
        "SUBJECT_MISMATCH",
        "ACCOUNT_NOT_FOUND",
        "ORIGINAL_NOT_FOUND",
        "MEASURE_UNSUPPORTED",
        "DUPLICATE",
    }
