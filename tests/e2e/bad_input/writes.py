"""Every write of the six services: intake's, and here those of the inquiry, the money and the operators."""

from __future__ import annotations

from devstack.demo import wages_world as world
from tests.e2e.bad_input import intake_writes, list_writes
from tests.e2e.bad_input.letters import new_key, public_jwk
from tests.e2e.bad_input.setting import AGENCY, Setting, reply, sealed
from tests.e2e.bad_input.write import NOT_FOUND, NOT_YOURS, Write

SERVICES_WITH_WRITES = ("intake", "asset_inquiry", "payments", "command_center", "credit_blacklist")


def every_write(setting: Setting) -> list[Write]:
    """Return the table for a house in this setting."""
    return [
        *intake_writes.filing(setting),
        *intake_writes.case(setting),
        *intake_writes.documents(setting),
        *_inquiries(setting),
        *_answers(setting),
        *_money(setting),
        *_operations(),
        *list_writes.every_list_write(setting.list),
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
