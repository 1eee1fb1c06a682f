from datetime import date
from typing import Any

import pytest

from libs.schemas.intake import CaseAssigned, CaseTriaged, InquiryResultRecorded, Staff, Team, TriageFacts
from services.intake.domain import case
from services.intake.domain.case import Case
from services.intake.domain.case.opening import AssignCase, RecordInquiryResult, TriageCase
from services.intake.domain.refusals import (
    AlreadyAssigned,
    NotTheActingOfficer,
    NotTheAssigner,
    NotTriaged,
    OfficerNotInTeam,
    TeamKindMismatch,
)
from services.intake.rules.triage import fast_claim_limit, is_green, triage
from tests.unit.intake.law import COURT, NOW, after, registered

DAY = date(2026, 3, 2)
FAST = Team(team_id="fast-1", name="速执团队一", kind="FAST", leader="u-leader", members=("u-officer",))
COERCIVE = FAST.model_copy(update={"team_id": "coercive-1", "kind": "COERCIVE"})


def facts(claim: int, **changes: Any) -> TriageFacts:
    flags = ("needs_disposal", "removal_of_obstruction", "debtor_willing", "deductible_income", "simple_act")
    plain: dict[str, Any] = dict.fromkeys(flags, False) | {"preserved_fen": 0, "found_fen": 0, "inquiry_complete": True}
    return TriageFacts(claim_fen=claim, **(plain | changes))


@pytest.mark.rule("R-INT-31", "R-GEN-03")
@pytest.mark.parametrize(
    ("given", "kind", "rules", "plan"),
    [
        (facts(5_000_000), "FAST", ("R-INT-31 b",), False),
        (facts(5_000_001), "ORDINARY", ("R-INT-31 neither",), False),
        (facts(500_000), "FAST", ("R-INT-31 b",), False),
        (facts(3_000_000, removal_of_obstruction=True), "COERCIVE", ("R-INT-31 obstruction",), True),
        (facts(200_000_000, preserved_fen=200_000_000), "FAST", ("R-INT-31 a",), False),
        (
            facts(200_000_000, preserved_fen=200_000_000, needs_disposal=True),
            "COERCIVE",
            ("R-INT-31 disposal",),
            True,
        ),
        (facts(5_000_001, debtor_willing=True), "FAST", ("R-INT-31 c",), False),
        (facts(5_000_001, deductible_income=True), "FAST", ("R-INT-31 d",), False),
        (facts(5_000_001, simple_act=True), "FAST", ("R-INT-31 e",), False),
    ],
)
def test_a_case_goes_to_the_team_that_the_rule_names(
    given: TriageFacts, kind: str, rules: tuple[str, ...], plan: bool
) -> None:
    found = triage(given, court=COURT, day=DAY)
    assert (found.team_kind, found.rules, found.plan_required) == (kind, rules, plan)


@pytest.mark.rule("R-INT-34")
def test_a_court_may_have_its_own_amount() -> None:
    assert fast_claim_limit("鲁1003", DAY).value == 10_000_000
    assert triage(facts(10_000_000), court="鲁1003", day=DAY).team_kind == "FAST"
    assert triage(facts(10_000_000), court=COURT, day=DAY).team_kind == "ORDINARY"


@pytest.mark.rule("R-INT-35")
def test_livelihood_cases_go_through_the_green_channel() -> None:
    assert is_green("WAGES")
    assert not is_green("LOAN")


@pytest.mark.rule("R-INT-30", "R-INT-31")
def test_the_inquiry_result_triages_the_case_and_stores_rule_facts_and_version() -> None:
    recorded, triaged = case.decide(registered(), RecordInquiryResult("inq", 580_000, needs_disposal=False), NOW)
    assert isinstance(recorded, InquiryResultRecorded)
    assert isinstance(triaged, CaseTriaged)
    assert (triaged.team_kind, triaged.rules, triaged.rule_version) == (
        "FAST",
        ("R-INT-31 b",),
        "R-INT-31@2024-01-01",
    )
    assert (triaged.facts.found_fen, triaged.facts.inquiry_complete, triaged.green_channel) == (580_000, True, True)


@pytest.mark.rule("R-INT-30")
def test_what_a_person_said_is_kept_when_the_inquiry_comes_and_its_disposal_wins() -> None:
    said = after(registered(claim_fen=5_000_001), TriageCase("u-duty", debtor_willing=True))
    assert said.triage is not None
    assert said.triage.rules == ("R-INT-31 c",)
    found = after(said, RecordInquiryResult("inq", 0, needs_disposal=True))
    assert found.triage is not None
    assert (found.triage.team_kind, found.triage.facts.debtor_willing) == ("COERCIVE", True)


@pytest.mark.rule("R-INT-14")
def test_only_the_acting_officer_triages_and_never_after_assignment() -> None:
    with pytest.raises(NotTheActingOfficer):
        case.decide(registered(), TriageCase("u-officer"), NOW)
    assigned = after(triaged_case(), assignment())
    with pytest.raises(AlreadyAssigned):
        case.decide(assigned, TriageCase("u-officer"), NOW)
    (only,) = case.decide(assigned, RecordInquiryResult("inq-2", 1, needs_disposal=True), NOW)
    assert isinstance(only, InquiryResultRecorded)


def triaged_case() -> Case:
    return after(registered(), TriageCase("u-duty"))


def assignment(**changes: Any) -> AssignCase:
    given: dict[str, Any] = {
        "assigned_by": "u-duty-lead",
        "bureau_head": "u-head",
        "team": FAST,
        "team_leader": Staff(officer_id="u-leader", name="孙执行长"),
        "case_officer": Staff(officer_id="u-officer", name="赵承办"),
    }
    return AssignCase(**(given | changes))


@pytest.mark.rule("R-INT-14", "R-INT-31")
def test_assignment_hands_the_case_from_the_duty_desk_to_the_team() -> None:
    before = triaged_case()
    assert (before.status, before.acting_officer.officer_id, before.acting_leader.officer_id) == (
        "TRIAGED",
        "u-duty",
        "u-duty-lead",
    )
    (assigned,) = case.decide(before, assignment(), NOW)
    assert isinstance(assigned, CaseAssigned)
    with_team = case.evolve(before, assigned)
    assert (with_team.status, with_team.acting_officer.officer_id, with_team.acting_leader.officer_id) == (
        "ASSIGNED",
        "u-officer",
        "u-leader",
    )
    assert case.decide(before, assignment(assigned_by="u-head"), NOW) == [assigned]


@pytest.mark.rule("R-INT-14", "R-INT-30", "R-INT-31")
@pytest.mark.parametrize(
    ("state", "changes", "refusal"),
    [
        (registered(), {}, NotTriaged),
        (triaged_case(), {"team": COERCIVE}, TeamKindMismatch),
        (triaged_case(), {"assigned_by": "u-officer"}, NotTheAssigner),
        (triaged_case(), {"case_officer": Staff(officer_id="u-other", name="郑")}, OfficerNotInTeam),
    ],
)
def test_what_assignment_refuses(state: Case, changes: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        case.decide(state, assignment(**changes), NOW)
