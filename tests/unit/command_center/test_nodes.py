"""Process nodes: when they begin, when they are due and why, what completes them (R-CMD-10, R-CMD-11)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from libs.foundation.clock import SHANGHAI
from services.command_center.domain.clocks import counted
from services.command_center.domain.dossier import Dossier
from services.command_center.domain.node import Node
from services.command_center.domain.nodes import assess
from services.command_center.rules.catalogue import CATALOGUE, KINDS
from tests.unit.command_center.wages import CASE, MORNING, Told, recorded, story, until


def nodes_of(told: list[Told]) -> dict[str, list[Node]]:
    state, _ = recorded(Dossier(), told)
    found: dict[str, list[Node]] = {}
    for node in sorted(state.nodes.values(), key=lambda each: each.started_at):
        found.setdefault(node.code, []).append(node)
    return found


def at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 10, 0, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.rule("R-CMD-10")
def test_the_catalogue_has_exactly_37_nodes_each_with_a_basis() -> None:
    assert [kind.code for kind in KINDS] == [f"{number:02d}" for number in range(1, 38)]
    assert all(kind.article and kind.rule and kind.source for kind in KINDS)


@pytest.mark.rule("R-GEN-01", "R-INT-15", "R-CMD-10")
def test_the_enforcement_notice_rolls_over_the_national_holiday_and_says_so() -> None:
    due = counted(CATALOGUE["07"], at(2025, 9, 26))
    assert (due.nominal_day, due.last_day) == (date(2025, 10, 6), date(2025, 10, 9))
    assert "2025年9月26日收到执行申请，当日不计，自次日起算10日" in due.explanation
    assert "算至2025年10月6日；该日为法定休息日，顺延至其后第一个工作日2025年10月9日" in due.explanation
    assert "民诉法解释第480条" in due.explanation


@pytest.mark.rule("R-GEN-02", "R-CMD-10")
def test_working_days_count_a_make_up_saturday() -> None:
    due = counted(CATALOGUE["05"], at(2025, 10, 9))
    assert due.last_day == date(2025, 10, 11)
    assert "2个工作日" in due.explanation


@pytest.mark.rule("R-GEN-01", "R-CMD-10")
def test_a_year_without_a_published_calendar_makes_the_date_provisional() -> None:
    due = counted(CATALOGUE["T1"], at(2037, 3, 2))
    assert due.provisional
    assert "暂定" in due.explanation


@pytest.mark.rule("R-INT-18", "R-GEN-01")
def test_the_case_must_close_six_months_after_filing() -> None:
    [term] = nodes_of(until("filing"))["T1"]
    assert term.due.last_day == date(2026, 9, 2)
    assert "6个月" in term.due.explanation


@pytest.mark.rule("R-CMD-10", "R-CMD-11")
def test_after_filing_the_nodes_that_have_begun_stand_with_their_dates() -> None:
    nodes = nodes_of(until("filing"))
    begun = {code: (one.due.last_day, one.done_at is not None) for code, [one] in nodes.items()}
    assert begun == {
        "01": (date(2026, 3, 3), True),
        "02": (date(2026, 3, 9), True),
        "03": (date(2026, 3, 5), True),
        "04": (date(2026, 3, 9), False),
        "06": (date(2026, 3, 5), True),
        "07": (date(2026, 3, 12), False),
        "08": (date(2026, 3, 12), False),
        "11": (date(2026, 3, 9), False),
        "T1": (date(2026, 9, 2), False),
    }


@pytest.mark.rule("R-CMD-11")
def test_every_completed_node_names_the_facts_that_prove_it() -> None:
    told = story()
    state, _ = recorded(Dossier(), told)
    known = {one.id for one in told}
    assert state.nodes
    for node in state.nodes.values():
        assert node.done_at is not None, node.name
        assert node.evidence, node.name
        assert set(node.evidence) <= known


@pytest.mark.rule("R-CMD-11", "R-INT-16")
def test_service_is_complete_only_when_every_recipient_was_served() -> None:
    told = [one for one in until("notices") if one.event.NAME != "document_served"]
    assert [node.open for node in nodes_of(told)["09"]] == [True, True]
    assert [node.open for node in nodes_of(until("notices"))["09"]] == [False, False]


@pytest.mark.rule("R-INQ-06", "R-CMD-10")
def test_each_request_carries_its_own_deadline_and_a_late_answer_is_late() -> None:
    answers = {node.subject: node for node in nodes_of(until("inquiry"))["13"] if node.subject != "vehicle"}
    assert answers["bank-a"].due.due_at == MORNING + timedelta(minutes=19)
    assert {agency: node.in_time for agency, node in answers.items()} == {
        "bank-a": True,
        "bank-b": False,
        "pay-firm": True,
        "land": True,
    }
    assert "加急协助请求于3月2日09:09发出，请求书载明须在3月2日09:19前" in answers["bank-a"].due.explanation


@pytest.mark.rule("R-CMD-10")
def test_a_returned_request_ends_its_node_and_the_reissued_one_has_its_own() -> None:
    returned, reissued = [node for node in nodes_of(until("inquiry"))["13"] if node.subject == "vehicle"]
    assert returned.done_at == MORNING + timedelta(minutes=11)
    assert reissued.started_at == MORNING + timedelta(minutes=11.1)
    assert reissued.done_at == MORNING + timedelta(minutes=13)


@pytest.mark.rule("R-CMD-10", "R-INQ-20")
def test_freezing_is_complete_when_the_debt_is_covered_not_when_the_first_bank_answers() -> None:
    told = until("controls")
    [first] = [one for one in told if one.event.NAME == "control_effective" and one.event.agency_id == "bank-a"]  # type: ignore[attr-defined]
    [half] = nodes_of([one for one in told if one.at <= first.at])["14"]
    [whole] = nodes_of(told)["14"]
    assert half.open
    assert whole.done_at == MORNING + timedelta(minutes=38.1)


@pytest.mark.rule("R-PAY-04", "R-GEN-02")
def test_arrived_money_must_be_paid_out_within_ten_and_five_working_days() -> None:
    first, second = nodes_of(until("money"))["35"]
    assert first.due.last_day == date(2026, 3, 23)
    assert (
        "10个工作日内（至2026年3月16日）提出付款通知，再5个工作日内（至2026年3月23日）完成付款" in first.due.explanation
    )
    assert first.done_at == MORNING + timedelta(minutes=68)
    assert second.done_at == MORNING + timedelta(minutes=78)


@pytest.mark.rule("R-CMD-11")
def test_closing_ends_what_was_never_done_with_reason_and_approver() -> None:
    told = [one for one in story() if one.event.NAME != "control_released"]
    [released_a, _released_b] = nodes_of(told)["19"]
    assert released_a.void_reason == "案件已以“执行完毕”方式结案"
    assert released_a.void_approver == "u-leader"
    assert released_a.at(MORNING + timedelta(days=60)) == "NOT_APPLICABLE"


@pytest.mark.rule("R-CMD-11", "R-CMD-14")
def test_a_node_is_pending_then_due_soon_then_overdue_and_the_deadline_itself_is_in_time() -> None:
    [node] = nodes_of(until("filing"))["07"]
    due = node.due.due_at
    assert node.at(due - timedelta(days=4)) == "PENDING"
    assert node.at(due - timedelta(days=3)) == "DUE_SOON"
    assert node.at(due) == "DUE_SOON"
    assert node.at(due + timedelta(seconds=1)) == "OVERDUE"


@pytest.mark.rule("R-CMD-11")
def test_the_nodes_on_record_are_the_nodes_that_the_facts_give() -> None:
    state, _ = recorded(Dossier(), story())
    assert {key: node.plain() for key, node in state.nodes.items()} == assess(CASE, state.facts())
