"""Every write of the six services: who may send it, a body that fits, what a stranger is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from devstack.demo import wages_world as world
from tests.e2e.bad_input.letters import new_key, public_jwk
from tests.e2e.bad_input.numbers import application
from tests.e2e.bad_input.setting import AGENCY, Setting, reply, sealed

CONDITIONS = dict.fromkeys(("document_effective", "applicant_entitled", "content_clear", "has_jurisdiction"), True)
SERVICES_WITH_WRITES = ("intake", "asset_inquiry", "payments", "command_center")

Problem = tuple[int, str]
NOT_YOURS: Problem = (403, "court_not_yours")
NOT_FOUND: Problem = (404, "not_found")
CASE: Problem = (404, "case_not_found")


@dataclass(frozen=True)
class Write:
    """One write route."""

    service: str
    method: str
    template: str
    path: str
    who: str
    body: dict[str, Any] | None
    foreign: Problem | None
    """What a token of another court, or another agency's, is answered; None where the thing belongs to no court."""
    shown: str | None = None
    """Whose ETag goes into If-Match; None where the write needs none."""
    may_be_empty: bool = False
    also: frozenset[str] = frozenset()
    """Codes that a spoiled field may be answered with instead of `request_invalid`."""

    @property
    def needs_etag(self) -> bool:
        """Whether the route takes If-Match."""
        return self.shown is not None

    @property
    def name(self) -> str:
        """Return the route as OpenAPI names it."""
        return f"{self.service} {self.method} {self.template}"


def every_write(setting: Setting) -> list[Write]:
    """Return the table for a house in this setting."""
    return [
        *_filing(setting),
        *_case(setting),
        *_documents(setting),
        *_inquiries(setting),
        *_answers(setting),
        *_money(setting),
        *_operations(),
    ]


def _filing(setting: Setting) -> list[Write]:
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


def _case(setting: Setting) -> list[Write]:
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


def _documents(setting: Setting) -> list[Write]:
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


def _inquiries(setting: Setting) -> list[Write]:
    inquiry = {
        "case_id": setting.case_id,
        "subject_ids": [setting.debtor_id],
        "asset_classes": ["SECURITIES"],
        "document_ids": [setting.query_notice],
        "officer_ids": ["u-officer", "u-second"],
        "urgency": "URGENT",
    }
    request = f"/v1/assistance-requests/{setting.requests['probe-a/0']['id']}"
    key = new_key("probe-a-2")
    names = ("asset_classes", "measure_codes", "contact_name", "contact_phone")
    profile = {name: AGENCY[name] for name in names}
    me = "/v1/agencies/me"
    return [
        Write("asset_inquiry", "PUT", "/v1/agencies/{agency_id}", "/v1/agencies/probe-a", "operator", AGENCY, None),
        Write("asset_inquiry", "PATCH", me, me, "probe-a", profile, None, shown=me, may_be_empty=True),
        Write(
            "asset_inquiry",
            "PUT",
            "/v1/agencies/me/keys/{kid}",
            "/v1/agencies/me/keys/probe-a-2",
            "probe-a",
            {"jwk": public_jwk(key)},
            None,
            also=frozenset({"key_unusable"}),
        ),
        Write(
            "asset_inquiry",
            "DELETE",
            "/v1/agencies/me/keys/{kid}",
            "/v1/agencies/me/keys/probe-a-9",
            "probe-a",
            None,
            None,
        ),
        Write("asset_inquiry", "POST", "/v1/asset-inquiries", "/v1/asset-inquiries", "u-officer", inquiry, NOT_FOUND),
        Write(
            "asset_inquiry",
            "POST",
            "/v1/assistance-requests/{request_id}/decisions",
            f"{request}/decisions",
            "u-officer",
            {"decision": "REISSUE", "reason": "重新发送"},
            NOT_FOUND,
            shown="*",
        ),
    ]


def _answers(setting: Setting) -> list[Write]:
    request, key = setting.requests["probe-a/0"], setting.keys["probe-a"]
    path = f"/v1/assistance-requests/{request['id']}"
    one = "/v1/assistance-requests/{request_id}"
    returned = {
        "code": "PAPER_EMPTY",
        "text": "文书内容为空",
        "contact_name": "值班员",
        "contact_phone": "0874-7120000",
        "request_sha256": request["content_sha256"],
    }
    bodies = {
        "acknowledgements": sealed(request, key, "ACKNOWLEDGEMENT", {"code": "ACCEPTED"}),
        "replies": reply(request, key),
        "returns": sealed(request, key, "RETURN", returned),
    }
    return [
        Write("asset_inquiry", "POST", f"{one}/{what}", f"{path}/{what}", "probe-a", body, NOT_FOUND)
        for what, body in bodies.items()
    ]


def _money(setting: Setting) -> list[Write]:
    fund = f"/v1/courts/{world.COURT}/fund-accounts"
    payout = f"/v1/payouts/{setting.payout}"
    incoming = f"/v1/incoming-payments/{setting.unidentified}"
    one, coming = "/v1/payouts/{payout_id}", "/v1/incoming-payments/{incoming_id}"
    draft = {
        "case_id": setting.case_id,
        "purpose": "TO_APPLICANT",
        "payee_id": setting.applicant_id,
        "amount_fen": 1000,
    }
    resolution = {"outcome": "PAID", "bank_reference": "B-1", "evidence": "回单"}
    lost, unknown = (404, "payout_unknown"), (404, "incoming_payment_unknown")
    account = (404, "case_account_unknown")
    identified = {"case_id": setting.case_id, "evidence": "付款人来电"}
    agreed = {"decision": "APPROVE", "reason": "一致"}
    who, service, debts = "u-maker", "payments", "/v1/debt-statements"
    pay, come, approve = f"{one}/approvals", f"{coming}/identifications", f"{coming}/identification-approvals"
    return [
        Write(service, "PUT", "/v1/courts/{court}/fund-accounts", fund, "operator", world.FUND_ACCOUNT, NOT_YOURS),
        Write(service, "POST", debts, debts, "u-officer", {"case_id": setting.case_id, "as_of": "2026-03-03"}, account),
        Write(service, "POST", "/v1/payouts", "/v1/payouts", who, draft, account),
        Write(service, "POST", pay, f"{payout}/approvals", "u-checker", agreed, lost, shown=payout),
        Write(
            service, "POST", f"{one}/resolutions", f"{payout}/resolutions", "u-approver", resolution, lost, shown=payout
        ),
        Write(service, "POST", come, f"{incoming}/identifications", who, identified, unknown, shown=incoming),
        Write(
            service,
            "POST",
            approve,
            f"{incoming}/identification-approvals",
            "u-checker",
            agreed,
            unknown,
            shown=incoming,
            may_be_empty=True,
        ),
        Write(service, "POST", "/v1/bank-statements", "/v1/bank-statements", "bank", None, None),
    ]


def _operations() -> list[Write]:
    alert = "/v1/alerts/alert_nothing/acknowledgements"
    template, entry = "/v1/quarantine/{entry_id}", "/v1/quarantine/nothing"
    rows = [
        Write("command_center", "POST", "/v1/alerts/{alert_id}/acknowledgements", alert, "u-leader", None, NOT_FOUND)
    ]
    for service in SERVICES_WITH_WRITES:
        reason = {"reason": "重复"}
        rows += [
            Write(service, "POST", f"{template}/releases", f"{entry}/releases", "operator", None, None),
            Write(service, "POST", f"{template}/discards", f"{entry}/discards", "operator", reason, None),
        ]
    return rows
