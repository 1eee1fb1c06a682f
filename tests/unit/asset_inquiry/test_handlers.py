"""What comes over the bus: cut to what a request needs, and for the right stream."""

from datetime import UTC, date, datetime
from typing import Any, TypeVar

import pytest

from libs.bus import Dispatch, Message
from libs.schemas.asset_inquiry import CaseRecorded, OfficersFiled, PaperRecorded, SubjectRecorded
from libs.schemas.envelope import Event
from libs.schemas.intake import (
    CaseAssigned,
    CaseClosed,
    DocumentApproved,
    IdentityDocument,
    Officer,
    PaperWritten,
    PartyRegistered,
    RosterSet,
    Staff,
)
from libs.schemas.payments import DebtAssessed
from services.asset_inquiry.domain.control_answers import ConfirmDeduction, RecordLimit
from services.asset_inquiry.domain.copies import AssignOfficers, CloseCase, Keep
from services.asset_inquiry.handlers import controls, copies
from tests.integration.asset_inquiry.controls_stage import account_credited
from tests.integration.asset_inquiry.stage import case_registered

E = TypeVar("E", bound=Event)


def message(event: E, seq: int = 4) -> Message[E]:
    at = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    return Message(event, "e1", event.SERVICE, "s/1", seq, "云0381", "case_1", at, "c", None, None, "t", 0, 1)


def only(dispatches: Any) -> Dispatch:
    (dispatch,) = list(dispatches)
    assert isinstance(dispatch, Dispatch)
    return dispatch


def fact(dispatch: Dispatch) -> Event:
    assert isinstance(dispatch.command, Keep)
    return dispatch.command.fact


@pytest.mark.rule("R-GEN-06")
def test_of_a_party_only_what_finds_them_is_kept() -> None:
    party = PartyRegistered(
        party_id="p1",
        party_type="PERSON",
        name="李建业",
        display_name="李**",
        documents=(IdentityDocument(id_type="RESIDENT_IDENTITY_CARD", id_number="530399198001010015"),),
        phone="13908740001",
        address="云南省宣威市",
    )
    kept = fact(only(copies.on_party_registered(message(party))))
    assert isinstance(kept, SubjectRecorded)
    assert kept.documents == ({"id_type": "RESIDENT_IDENTITY_CARD", "id_number": "530399198001010015"},)
    assert "13908740001" not in str(kept)
    assert "宣威" not in str(kept)


def test_a_case_is_open_to_its_acting_officers_until_others_are_assigned_or_it_is_closed() -> None:
    kept = fact(only(copies.on_case_registered(message(case_registered("case_1", 1)))))
    assert isinstance(kept, CaseRecorded)
    assert (kept.officers, kept.is_open, kept.source_seq) == (("u-duty", "u-lead"), True, 4)
    assigned = CaseAssigned(
        case_id="case_1",
        team_id="t",
        team_name="速执团队",
        team_kind="FAST",
        team_leader=Staff(officer_id="u-l", name="孙"),
        case_officer=Staff(officer_id="u-o", name="赵"),
    )
    assert only(copies.on_case_assigned(message(assigned, 7))).command == AssignOfficers(("u-o", "u-l"), 7)
    closed = CaseClosed(
        case_id="case_1", case_number="n", kind="FULLY_PERFORMED", closed_on=date(2026, 3, 2), recovered_fen=0
    )
    assert only(copies.on_case_closed(message(closed, 9))).command == CloseCase(9)


@pytest.mark.parametrize(("kind", "kept"), [("FREEZE_RULING", True), ("ENFORCEMENT_NOTICE", False)])
def test_only_papers_for_agencies_are_kept(kind: Any, kept: bool) -> None:
    shared: dict[str, Any] = {
        "document_id": "d1",
        "case_id": "case_1",
        "kind": kind,
        "number": "1",
        "title": "t",
        "sha256": "a" * 64,
    }
    written = PaperWritten(**shared, media_type="text/html", content="x")
    approved = DocumentApproved(**shared, approved_by="u", approval_level="TEAM_LEADER", seal="a.b.c")
    papers = [*copies.on_paper_written(message(written)), *copies.on_document_approved(message(approved))]
    assert len(papers) == (2 if kept else 0)
    if kept:
        assert isinstance(fact(papers[0]), PaperRecorded)
        assert {paper.stream for paper in papers} == {"paper_copy/d1"}


@pytest.mark.rule("R-INQ-05")
def test_the_roster_files_officers_with_their_permits_and_without_their_telephones() -> None:
    officer = Officer(
        officer_id="u1", name="赵", work_permit_number="w", duty_permit_number="d", roles=("x",), phone="13908740002"
    )
    roster = RosterSet(
        court="云0381",
        court_name="宣威",
        officers=(officer,),
        teams=(),
        duty_officer="u1",
        duty_leader="u1",
        bureau_head="u1",
        president="u1",
        node_supervisor="u1",
    )
    kept = fact(only(copies.on_roster_set(message(roster))))
    assert isinstance(kept, OfficersFiled)
    assert "13908740002" not in str(kept)


@pytest.mark.rule("R-INQ-20")
def test_the_assessed_debt_is_the_limit_of_the_case() -> None:
    debt = DebtAssessed(
        case_id="case_1", as_of=date(2026, 3, 2), lines=(), principal_fen=5, interest_fen=1, fee_fen=1, total_fen=7
    )
    dispatch = only(controls.on_debt_assessed(message(debt)))
    assert (dispatch.stream, dispatch.command) == ("controls/case_1", RecordLimit("case_1", 7, date(2026, 3, 2), 4))


def test_money_without_a_payment_reference_confirms_no_deduction() -> None:
    assert list(controls.on_account_credited(message(account_credited("case_1", 5, None)))) == []
    dispatch = only(controls.on_account_credited(message(account_credited("case_1", 5, "ded_1"))))
    assert dispatch.command == ConfirmDeduction("ded_1", 5)
