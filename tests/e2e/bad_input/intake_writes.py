"""Intake's writes."""

from __future__ import annotations

from typing import Any

from devstack.demo import wages_world as world
from tests.e2e.bad_input.numbers import application
from tests.e2e.bad_input.setting import Setting
from tests.e2e.bad_input.write import CASE, NOT_YOURS, Write

CONDITIONS = dict.fromkeys(("document_effective", "applicant_entitled", "content_clear", "has_jurisdiction"), True)


def filing(setting: Setting) -> list[Write]:
    path = "/v1/enforcement-applications"
    pending, lacking = f"{path}/{setting.pending}", f"{path}/{setting.lacking}"
    unknown = (404, "application_not_found")
    roster = f"/v1/courts/{world.COURT}/roster"
    decision = {"decision": "ACCEPT", "conditions": CONDITIONS, "reason": "符合立案条件"}
    one = "/v1/enforcement-applications/{application_id}"
    return [
        Write("intake", "PUT", "/v1/courts/{court}/roster", roster, "operator", world.roster(), NOT_YOURS),
        Write("intake", "POST", path, path, "portal", application(3), NOT_YOURS),
        Write(
            "intake",
            "POST",
            f"{one}/supplements",
            f"{lacking}/supplements",
            "portal",
            {"papers": world.missing_papers(), "clues": "另有车辆。", "special_authorisation": False},
            unknown,
        ),
        Write(
            "intake", "POST", f"{one}/decisions", f"{pending}/decisions", "u-clerk", decision, unknown, shown=pending
        ),
    ]


def case(setting: Setting) -> list[Write]:
    case = f"/v1/enforcement-cases/{setting.case_id}"
    one = "/v1/enforcement-cases/{case_id}"
    triage = {
        "preserved_fen": 1,
        "needs_disposal": False,
        "removal_of_obstruction": False,
        "debtor_willing": False,
        "deductible_income": False,
        "simple_act": False,
    }
    assignment = {"team_id": "fast-1", "case_officer_id": "u-officer"}
    report = {"party_id": setting.debtor_id, "categories": ["OTHER"], "report_sha256": "0" * 64}
    order = control_order(setting)
    closure = f"/v1/closures/clo_{setting.case_id.removeprefix('case_')}_{'0' * 12}"
    nothing = (404, "closure_not_found")
    approval = {"decision": "REJECT", "reason": "未履行完毕"}
    return [
        Write(
            "intake",
            "POST",
            f"{one}/triage-decisions",
            f"{case}/triage-decisions",
            "u-officer",
            triage,
            CASE,
            may_be_empty=True,
        ),
        Write(
            "intake", "POST", f"{one}/assignments", f"{case}/assignments", "u-duty-lead", assignment, CASE, shown=case
        ),
        Write("intake", "POST", f"{one}/property-reports", f"{case}/property-reports", "u-officer", report, CASE),
        Write("intake", "POST", f"{one}/control-orders", f"{case}/control-orders", "u-officer", order, CASE),
        Write(
            "intake",
            "POST",
            f"{one}/closures",
            f"{case}/closures",
            "u-officer",
            {"kind": "FULLY_PERFORMED", "waiver_document_id": "doc_1"},
            CASE,
            shown=case,
        ),
        Write(
            "intake",
            "POST",
            "/v1/closures/{closure}/approvals",
            f"{closure}/approvals",
            "u-leader",
            approval,
            nothing,
            shown=case,
        ),
    ]


def control_order(setting: Setting, **changes: Any) -> dict[str, Any]:
    """Return an order to freeze one fen at bank A: one too many, all that is owed is frozen."""
    item = {
        "agency_id": "bank-a",
        "asset_id": setting.assets["bank-a"]["asset_id"],
        "account_reference": "活期",
        "amount_fen": 1,
    }
    return {
        "kind": "FREEZE",
        "debtor_id": setting.debtor_id,
        "items": [item],
        "document_ids": setting.papers,
        "officer_ids": ["u-officer", "u-second"],
        "term_from": "2026-03-02",
        "term_to": "2026-09-01",
    } | changes


def documents(setting: Setting) -> list[Write]:
    drafted, signed = f"/v1/documents/{setting.drafted}", f"/v1/documents/{setting.papers[0]}"
    unknown = (404, "document_not_found")
    draft = {
        "kind": "FREEZE_RULING",
        "recipients": [setting.debtor_id],
        "facts": {
            "amount_fen": 1,
            "agency_id": "bank-a",
            "agency_name": "甲银行",
            "reason": "有可供执行的存款",
            "items": [{"agency_id": "bank-a", "asset_id": "ast_1", "description": "存款", "amount_fen": 1}],
        },
    }
    service = {
        "party_id": setting.debtor_id,
        "method": "DIRECT",
        "served_at": "2026-03-02T09:30:00+08:00",
        "evidence": "送达回证",
    }
    return [
        Write(
            "intake",
            "POST",
            "/v1/enforcement-cases/{case_id}/documents",
            f"/v1/enforcement-cases/{setting.case_id}/documents",
            "u-officer",
            draft,
            CASE,
            also=frozenset({"template_fact_missing"}),
        ),
        Write(
            "intake",
            "POST",
            "/v1/documents/{document_id}/approvals",
            f"{drafted}/approvals",
            "u-leader",
            {"decision": "APPROVE", "reason": "同意"},
            unknown,
            shown=drafted,
        ),
        Write(
            "intake",
            "POST",
            "/v1/documents/{document_id}/services",
            f"{signed}/services",
            "u-officer",
            service,
            unknown,
        ),
    ]
