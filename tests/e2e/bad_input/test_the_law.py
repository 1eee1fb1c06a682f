"""What the law refuses: each request is well formed, allowed to be sent, and against a rule. Nothing is written."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from devstack.demo import wages_world as world
from tests.e2e.bad_input.conftest import House
from tests.e2e.bad_input.intake_writes import CONDITIONS, control_order
from tests.e2e.bad_input.numbers import application, false_number, resident_number

pytestmark = pytest.mark.timeout(200)

APPLICATIONS = "/v1/enforcement-applications"


def post(house: House, who: str, service: str, path: str, body: Any, **how: Any) -> httpx.Response:
    outside = house.outside
    claims = how.pop("claims", {})
    return outside.send("POST", outside.urls[service] + path, token=outside.token(who, **claims), body=body, **how)


@pytest.mark.rule("R-INT-05", "R-INT-06")
def test_false_check_digits_and_dates_that_never_were_are_named_with_their_own_codes(house: House) -> None:
    before = house.outside.written()
    number = ("debtors", 0, "documents", 0, "id_number")
    cases: list[tuple[tuple[Any, ...], Any, str]] = [
        (number, false_number(200), "identity_number_invalid"),
        (number, "530399198502300015", "identity_number_invalid"),
        (number, "530399209901010015", "identity_number_invalid"),
        (("basis", "last_day_of_performance"), "2026-01-01", "dates_contradict"),
        (("basis", "number"), "(2026)云0381民初号", "case_number_invalid"),
    ]
    for path, value, code in cases:
        body = application(40)
        place: Any = body
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        problem = house.outside.refused(
            post(house, "portal", "intake", APPLICATIONS, body), 422, "request_invalid", before
        )
        assert code in {error["code"] for error in problem["errors"]}, problem
    firm = {
        "party_type": "ORGANISATION",
        "name": "某某公司",
        "documents": [{"id_type": "UNIFIED_SOCIAL_CREDIT_CODE", "id_number": "91110000600037341M"}],
    }
    answer = post(house, "portal", "intake", APPLICATIONS, application(40, debtors=[firm]))
    problem = house.outside.refused(answer, 422, "request_invalid", before)
    assert "credit_code_invalid" in {error["code"] for error in problem["errors"]}


@pytest.mark.rule("R-INT-09")
def test_no_amount_of_nothing_is_claimed_frozen_or_paid(house: House) -> None:
    before = house.outside.written()
    case = f"/v1/enforcement-cases/{house.setting.case_id}"
    item = control_order(house.setting)["items"][0] | {"amount_fen": 0}
    zeros = [
        ("portal", "intake", APPLICATIONS, application(41, claim_fen=0)),
        ("u-officer", "intake", f"{case}/control-orders", control_order(house.setting, items=[item])),
        (
            "u-maker",
            "payments",
            "/v1/payouts",
            {"case_id": house.setting.case_id, "purpose": "ENFORCEMENT_FEE", "amount_fen": 0},
        ),
    ]
    for who, service, path, body in zeros:
        house.outside.refused(post(house, who, service, path, body), 422, "request_invalid", before)


def test_the_same_application_twice_is_answered_with_the_first_case(house: House) -> None:
    before = house.outside.written()
    answer = post(house, "portal", "intake", APPLICATIONS, world.application(complete=True))
    assert answer.status_code == 200, answer.text
    assert answer.json()["duplicate_of"] == house.setting.case_id
    pending = post(house, "portal", "intake", APPLICATIONS, application(1))
    assert (pending.status_code, pending.json()["duplicate_of"]) == (200, house.setting.pending)
    assert house.outside.written() == before, "a duplicate is answered, not registered"


@pytest.mark.rule("R-INT-05")
def test_a_number_under_another_name_registers_nobody(house: House) -> None:
    before = house.outside.written()
    body = application(42)
    body["applicants"][0]["documents"][0]["id_number"] = resident_number(300)
    body["debtors"][0]["documents"][0]["id_number"] = world.DEBTOR_NUMBER
    problem = house.outside.refused(
        post(house, "portal", "intake", APPLICATIONS, body), 409, "party_name_mismatch", before
    )
    assert problem["rule"] == "R-INT-05"
    assert "李建业" not in str(problem), "the register's name is not told to whoever guesses a number"


@pytest.mark.rule("R-INT-09", "R-INT-10")
def test_an_application_is_accepted_only_when_its_conditions_hold_and_its_papers_are_there(house: House) -> None:
    before = house.outside.written()
    path = f"{APPLICATIONS}/{house.setting.pending}"
    etag = house.outside.etag("u-clerk", "intake", path)
    for name in CONDITIONS:
        body = {"decision": "ACCEPT", "conditions": CONDITIONS | {name: False}}
        answer = post(house, "u-clerk", "intake", f"{path}/decisions", body, etag=etag)
        problem = house.outside.refused(answer, 409, "acceptance_conditions_unmet", before)
        assert problem["rule"] == "R-INT-09"
        assert len(problem["failed_conditions"]) == 1
    refuse = {"decision": "REFUSE", "conditions": CONDITIONS}
    answer = post(house, "u-clerk", "intake", f"{path}/decisions", refuse, etag=etag)
    house.outside.refused(answer, 409, "no_ground_for_refusal", before)
    path = f"{APPLICATIONS}/{house.setting.lacking}"
    etag = house.outside.etag("u-clerk", "intake", path)
    body = {"decision": "ACCEPT", "conditions": CONDITIONS}
    answer = post(house, "u-clerk", "intake", f"{path}/decisions", body, etag=etag)
    problem = house.outside.refused(answer, 409, "defects_open", before)
    assert problem["rule"] == "R-INT-10"


@pytest.mark.rule("R-INQ-04", "R-INQ-05", "R-INQ-20")
def test_a_control_order_lacks_nothing_and_holds_not_a_fen_too_much(house: House) -> None:
    before = house.outside.written()
    setting = house.setting
    path = f"/v1/enforcement-cases/{setting.case_id}/control-orders"
    freeze = setting.freezes["bank-a"]
    deduction = {
        "agency_id": "bank-a",
        "asset_id": freeze["asset_id"],
        "amount_fen": freeze["controlled_fen"] + 1,
        "original_request_number": freeze["request_number"],
        "original_sequence": freeze["sequence"],
    }
    deduct = {"kind": "DEDUCT", "document_ids": setting.deduction_papers, "remainder": "KEEP"}
    debt = world.DEBT_FEN
    too_much = control_order(setting)["items"][0] | {"amount_fen": debt + 1}
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"document_ids": []}, "control_papers_missing", "R-INQ-04"),
        ({"document_ids": setting.papers[:1]}, "control_papers_missing", "R-INQ-04"),
        ({"document_ids": [setting.query_notice]}, "control_papers_missing", "R-INQ-04"),
        ({"document_ids": [*setting.papers, "doc_of_nobody"]}, "control_papers_missing", "R-INQ-04"),
        ({"document_ids": [setting.papers[0], setting.drafted]}, "control_papers_missing", "R-INQ-04"),
        ({"officer_ids": []}, "two_officers_required", "R-INQ-05"),
        ({"officer_ids": ["u-officer"]}, "two_officers_required", "R-INQ-05"),
        ({"officer_ids": ["u-officer", "u-officer"]}, "two_officers_required", "R-INQ-05"),
        ({"officer_ids": ["u-officer", "u-nobody"]}, "officer_unknown", "R-INQ-05"),
        ({}, "over_attachment", "R-INQ-20"),
        ({"items": [too_much]}, "over_attachment", "R-INQ-20"),
        (deduct | {"items": [deduction]}, "deduction_above_frozen", "R-INQ-20"),
        (
            deduct | {"items": [deduction | {"original_request_number": "CX0"}]},
            "measure_unknown",
            "R-INQ-04",
        ),
    ]
    for changes, code, rule in wrong:
        answer = post(house, "u-officer", "intake", path, control_order(setting, **changes))
        problem = house.outside.refused(answer, 409, code, before)
        assert problem["rule"] == rule, problem
    stranger = control_order(setting, debtor_id=setting.applicant_id)
    problem = house.outside.refused(
        post(house, "u-officer", "intake", path, stranger), 404, "party_not_in_case", before
    )
    other = post(house, "u-officer-2", "intake", path, control_order(setting))
    house.outside.refused(other, 403, "not_the_acting_officer", before)


@pytest.mark.rule("R-INT-27")
def test_a_case_is_not_closed_before_it_is_settled(house: House) -> None:
    before = house.outside.written()
    path = f"/v1/enforcement-cases/{house.setting.case_id}"
    etag = house.outside.etag("u-officer", "intake", path)
    answer = post(house, "u-officer", "intake", f"{path}/closures", {"kind": "FULLY_PERFORMED"}, etag=etag)
    problem = house.outside.refused(answer, 409, "closing_guards_unmet", before)
    assert problem["rule"] == "R-INT-27"
    failing = [guard for guard in problem["guards"] if not guard["holds"]]
    assert failing
    assert all(guard["rule"] and guard["explanation"] for guard in failing)


@pytest.mark.rule("R-GEN-07", "R-INT-14", "R-INT-30")
def test_papers_are_signed_by_their_approver_and_served_on_who_is_in_the_case(house: House) -> None:
    before, outside, setting = house.outside.written(), house.outside, house.setting
    drafted, sealed = f"/v1/documents/{setting.drafted}", f"/v1/documents/{setting.papers[0]}"
    etag = outside.etag("u-leader", "intake", drafted)
    approve = {"decision": "APPROVE"}
    for who in ("u-leader-2", "u-president"):
        answer = post(house, who, "intake", f"{drafted}/approvals", approve, etag=etag)
        outside.refused(answer, 403, "not_the_approver", before)
    service = {"party_id": setting.debtor_id, "method": "DIRECT", "evidence": "回证"}
    answer = post(house, "u-officer", "intake", f"{drafted}/services", service)
    outside.refused(answer, 409, "document_not_approved", before)
    later = service | {"served_at": "2027-01-01T00:00:00+08:00"}
    answer = post(house, "u-officer", "intake", f"{sealed}/services", later)
    outside.refused(answer, 422, "served_in_the_future", before)
    stranger = service | {"party_id": "party_of_nobody"}
    answer = post(house, "u-officer", "intake", f"{sealed}/services", stranger)
    outside.refused(answer, 404, "party_not_in_case", before)
    decided = outside.etag("u-leader", "intake", sealed)
    answer = post(house, "u-leader", "intake", f"{sealed}/approvals", approve, etag=decided)
    outside.refused(answer, 409, "document_already_decided", before)
    case = f"/v1/enforcement-cases/{setting.case_id}"
    etag = outside.etag("u-leader", "intake", case)
    wrong: list[tuple[str, str, int, str]] = [
        ("coercive-1", "u-officer-2", 409, "team_kind_mismatch"),
        ("fast-1", "u-officer-2", 409, "officer_not_in_team"),
        ("fast-1", "u-nobody", 409, "officer_unknown"),
        ("fast-9", "u-officer", 404, "team_not_found"),
    ]
    for team, officer, status, code in wrong:
        body = {"team_id": team, "case_officer_id": officer}
        answer = post(house, "u-leader", "intake", f"{case}/assignments", body, etag=etag)
        outside.refused(answer, status, code, before)
    right = {"team_id": "fast-1", "case_officer_id": "u-second"}
    duty = post(house, "u-duty-lead", "intake", f"{case}/assignments", right, etag=etag)
    outside.refused(duty, 403, "not_the_assigner", before)


@pytest.mark.rule("R-GEN-06", "R-INQ-04", "R-INQ-05", "R-INQ-02")
def test_nobody_is_asked_about_without_papers_officers_and_a_case(house: House) -> None:
    before, setting = house.outside.written(), house.setting
    right = {
        "case_id": setting.case_id,
        "subject_ids": [setting.debtor_id],
        "asset_classes": ["SECURITIES"],
        "document_ids": [setting.query_notice],
        "officer_ids": ["u-officer", "u-second"],
    }
    wrong: list[tuple[dict[str, Any], int, str]] = [
        ({"case_id": "case_of_nobody"}, 409, "copy_pending"),
        ({"subject_ids": [setting.applicant_id]}, 409, "subject_not_debtor"),
        ({"document_ids": [setting.papers[0]]}, 409, "papers_missing"),
        ({"document_ids": [setting.unsealed_notice]}, 409, "paper_not_sealed"),
        ({"officer_ids": ["u-officer"]}, 409, "officers_not_filed"),
        ({"officer_ids": ["u-officer", "u-officer"]}, 409, "officers_not_filed"),
        ({"officer_ids": ["u-officer", "u-nobody"]}, 409, "officers_not_filed"),
        ({"asset_classes": ["INSURANCE"]}, 409, "no_capable_agency"),
    ]
    for changes, status, code in wrong:
        answer = post(house, "u-officer", "asset_inquiry", "/v1/asset-inquiries", right | changes)
        house.outside.refused(answer, status, code, before)
    answer = post(house, "u-officer-2", "asset_inquiry", "/v1/asset-inquiries", right)
    house.outside.refused(answer, 403, "not_officer_of_case", before)
