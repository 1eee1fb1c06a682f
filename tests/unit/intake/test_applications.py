from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from libs.schemas.intake import (
    ApplicationAccepted,
    ApplicationCaseClosed,
    ApplicationDefectsNotified,
    ApplicationReceived,
    ApplicationRefused,
    BasisKind,
    FiledPaper,
)
from services.intake.domain import filing
from services.intake.domain.filing import DecideApplication, FileApplication, Filing, RecordClosedCase
from services.intake.domain.refusals import (
    AcceptanceConditionsUnmet,
    ApplicationAlreadyDecided,
    ApplicationUnknown,
    DefectsOpen,
    NoGroundForRefusal,
)
from services.intake.rules.acceptance import Findings, failed_conditions, limitation_end
from services.intake.rules.papers import REQUIREMENTS
from tests.unit.intake.law import APPLICANT, BASIS, COURT, DEBTOR, NOW, at

ALL_HOLD = Findings(document_effective=True, applicant_entitled=True, content_clear=True, has_jurisdiction=True)
COMPLETE = ("APPLICATION", "BASIS_COPY", "APPLICANT_IDENTITY", "EFFECTIVENESS_PROOF")


def papers(*kinds: str) -> tuple[FiledPaper, ...]:
    return tuple(FiledPaper(kind=kind, title=kind, sha256="0" * 64) for kind in kinds)


def application(*kinds: str, **changes: Any) -> FileApplication:
    facts: dict[str, Any] = {
        "filing_id": "app_x",
        "court": COURT,
        "applicants": (APPLICANT,),
        "debtors": (DEBTOR,),
        "basis": BASIS,
        "cause": "WAGES",
        "claim_fen": 500_000,
        "requests": "给付5000元",
        "clues": "",
        "papers": papers(*kinds),
        "filed_by": "portal",
    }
    return FileApplication(**(facts | changes))


def after(state: Filing, *commands: filing.Command, now: datetime = NOW) -> Filing:
    for command in commands:
        for event in filing.decide(state, command, now):
            state = filing.evolve(state, event)
    return state


def defects(command: FileApplication) -> list[str]:
    events = filing.decide(Filing(), command, NOW)
    return [one.code for event in events if isinstance(event, ApplicationDefectsNotified) for one in event.defects]


def decision(*, accept: bool = True, findings: Findings = ALL_HOLD, number: int = 1) -> DecideApplication:
    return DecideApplication(f"app_x_{number}", accept=accept, findings=findings, decided_by="u-clerk")


@pytest.mark.rule("R-INT-10")
def test_all_defects_are_named_at_once() -> None:
    assert defects(application("APPLICATION")) == [
        "BASIS_COPY_MISSING",
        "APPLICANT_IDENTITY_MISSING",
        "EFFECTIVENESS_PROOF_MISSING",
    ]
    assert defects(application(*COMPLETE)) == []


@pytest.mark.rule("R-INT-08", "R-INT-10")
@pytest.mark.parametrize(
    ("kind", "lacks"),
    [
        ("NOTARISED_DEBT_DOCUMENT", ["EXECUTION_CERTIFICATE_MISSING"]),
        ("ARBITRAL_AWARD", ["ARBITRATION_AGREEMENT_MISSING"]),
        ("ADMINISTRATIVE_DECISION", []),
    ],
)
def test_what_else_is_needed_depends_on_what_is_enforced(kind: BasisKind, lacks: list[str]) -> None:
    basis = BASIS.model_copy(update={"kind": kind})
    assert defects(application("APPLICATION", "BASIS_COPY", "APPLICANT_IDENTITY", basis=basis)) == lacks


@pytest.mark.rule("R-INT-10")
def test_a_firm_shows_who_represents_it_and_a_successor_the_succession() -> None:
    firm = APPLICANT.model_copy(update={"party_type": "ORGANISATION"})
    assert defects(application(*COMPLETE, applicants=(firm,))) == ["LEGAL_REPRESENTATIVE_IDENTITY_MISSING"]
    assert defects(application(*COMPLETE, applicant_is_successor=True)) == ["SUCCESSION_PROOF_MISSING"]


@pytest.mark.rule("R-INT-10", "R-PAY-07")
def test_collecting_money_in_another_name_needs_special_authorisation() -> None:
    lacking = ["SPECIAL_AUTHORISATION_MISSING"]
    other_name = {"collects_in_other_name": True}
    assert defects(application(*COMPLETE, **other_name)) == lacking
    assert defects(application(*COMPLETE, "POWER_OF_ATTORNEY", **other_name)) == lacking
    authorised = application(*COMPLETE, "POWER_OF_ATTORNEY", special_authorisation=True, **other_name)
    assert defects(authorised) == []
    state = after(Filing(), application(*COMPLETE, **other_name))
    power = papers("POWER_OF_ATTORNEY")
    assert after(state, filing.SupplementApplication("app_x_1", power)).attempts[0].state == "DEFECTS_NOTIFIED"
    cured = after(state, filing.SupplementApplication("app_x_1", power, special_authorisation=True))
    assert cured.attempts[0].state == "RECEIVED"


@pytest.mark.rule("R-INT-13")
def test_no_application_fee_is_asked_for_in_advance() -> None:
    assert not [required for required in REQUIREMENTS if "FEE" in required.paper or "费" in required.text]


@pytest.mark.rule("R-INT-10")
def test_a_supplement_leaves_what_it_does_not_cure_and_names_nothing_new() -> None:
    state = after(Filing(), application("APPLICATION"))
    half = after(state, filing.SupplementApplication("app_x_1", papers("BASIS_COPY")))
    assert [one.code for one in half.attempts[0].defects] == [
        "APPLICANT_IDENTITY_MISSING",
        "EFFECTIVENESS_PROOF_MISSING",
    ]
    with pytest.raises(DefectsOpen):
        filing.decide(half, decision(), NOW)
    whole = after(half, filing.SupplementApplication("app_x_1", papers("APPLICANT_IDENTITY", "EFFECTIVENESS_PROOF")))
    assert whole.attempts[0].state == "RECEIVED"


@pytest.mark.rule("R-INT-17")
def test_clues_that_come_later_stand_beside_the_first() -> None:
    state = after(Filing(), application(*COMPLETE, clues="甲银行有存款"))
    told = after(state, filing.SupplementApplication("app_x_1", (), clues="乙银行有存款"))
    assert told.attempts[0].clues == "甲银行有存款\n乙银行有存款"


@pytest.mark.rule("R-INT-09")
def test_before_the_period_is_over_condition_four_fails_and_the_date_to_come_again_is_named() -> None:
    basis = BASIS.model_copy(update={"effective_on": date(2025, 2, 1), "last_day_of_performance": date(2025, 3, 20)})
    state = after(Filing(), application(*COMPLETE, basis=basis))
    with pytest.raises(AcceptanceConditionsUnmet) as unmet:
        filing.decide(state, decision(), at(2025, 3, 3))
    assert unmet.value.extra == {"failed_conditions": [4], "may_reapply_after": date(2025, 3, 20)}
    (refused,) = filing.decide(state, decision(accept=False), at(2025, 3, 3))
    assert isinstance(refused, ApplicationRefused)
    assert (refused.failed_conditions, refused.may_reapply_after) == ((4,), date(2025, 3, 20))


@pytest.mark.rule("R-INT-09")
def test_on_the_last_day_the_debtor_may_still_perform_and_the_day_after_the_condition_holds() -> None:
    assert failed_conditions(ALL_HOLD, BASIS, date(2026, 2, 12)) == (4,)
    assert failed_conditions(ALL_HOLD, BASIS, date(2026, 2, 13)) == ()


@pytest.mark.rule("R-INT-09", "R-INT-11")
def test_every_failing_condition_is_numbered() -> None:
    nothing = Findings(document_effective=False, applicant_entitled=False, content_clear=False, has_jurisdiction=False)
    assert failed_conditions(nothing, BASIS, date(2026, 2, 12)) == (1, 2, 3, 4, 5)
    assert failed_conditions(replace(ALL_HOLD, has_jurisdiction=False), BASIS, NOW.date()) == (5,)
    assert failed_conditions(ALL_HOLD, BASIS, date(2026, 1, 27)) == (1, 4)


@pytest.mark.rule("R-INT-09")
def test_an_application_that_meets_all_conditions_cannot_be_refused() -> None:
    state = after(Filing(), application(*COMPLETE))
    with pytest.raises(NoGroundForRefusal):
        filing.decide(state, decision(accept=False), NOW)
    (accepted,) = filing.decide(state, decision(), NOW)
    assert isinstance(accepted, ApplicationAccepted)
    assert (accepted.decided_on, accepted.rule_version) == (date(2026, 3, 2), "R-INT-09@2021-01-01")


def test_a_decision_is_made_once_and_only_about_an_attempt_that_is_there() -> None:
    state = after(Filing(), application(*COMPLETE), decision())
    with pytest.raises(ApplicationAlreadyDecided):
        filing.decide(state, decision(), NOW)
    with pytest.raises(ApplicationAlreadyDecided):
        filing.decide(state, filing.SupplementApplication("app_x_1", papers("OTHER")), NOW)
    with pytest.raises(ApplicationUnknown):
        filing.decide(state, decision(number=2), NOW)


def test_the_same_filing_again_changes_nothing_while_the_first_is_pending_or_accepted() -> None:
    pending = after(Filing(), application(*COMPLETE))
    assert filing.decide(pending, application(*COMPLETE), NOW) == []
    assert filing.decide(after(pending, decision()), application(*COMPLETE), NOW) == []


def test_after_a_refusal_the_same_filing_is_the_next_attempt() -> None:
    no_court = replace(ALL_HOLD, has_jurisdiction=False)
    refused = after(Filing(), application(*COMPLETE), decision(accept=False, findings=no_court))
    (received,) = filing.decide(refused, application(*COMPLETE), NOW)
    assert isinstance(received, ApplicationReceived)
    assert (received.attempt, received.application_id) == (2, "app_x_2")


@pytest.mark.rule("R-INT-21", "R-INT-22")
def test_how_a_case_ended_says_whether_the_same_basis_may_be_filed_again() -> None:
    accepted = after(Filing(), application(*COMPLETE), decision())
    performed = after(accepted, RecordClosedCase("app_x_1", "case_1", "FULLY_PERFORMED"))
    assert filing.decide(performed, application(*COMPLETE), NOW) == []
    withdrawn = after(accepted, RecordClosedCase("app_x_1", "case_1", "ENFORCEMENT_TERMINATED"))
    assert len(filing.decide(withdrawn, application(*COMPLETE), NOW)) == 1
    (told,) = filing.decide(accepted, RecordClosedCase("app_x_1", "case_1", "CANCELLED"), NOW)
    assert isinstance(told, ApplicationCaseClosed)
    assert told.may_reapply
    assert filing.decide(withdrawn, RecordClosedCase("app_x_1", "case_1", "CANCELLED"), NOW) == []


@pytest.mark.rule("R-INT-12")
def test_the_limitation_ends_after_two_years_rolled_over_a_sunday_and_never_refuses() -> None:
    basis = BASIS.model_copy(update={"effective_on": date(2023, 5, 8), "last_day_of_performance": date(2023, 5, 18)})
    assert limitation_end(basis) == date(2025, 5, 19)
    assert failed_conditions(ALL_HOLD, basis, NOW.date()) == ()
