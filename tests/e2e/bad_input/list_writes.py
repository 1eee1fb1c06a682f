"""The writes of credit_blacklist."""

from __future__ import annotations

from typing import Any

from tests.e2e.bad_input.letters import new_key, signed
from tests.e2e.bad_input.list_setting import APPROVE, SERVED, SERVICE, ListSetting, bar, batch, exemption, profile
from tests.e2e.bad_input.write import NOT_YOURS, Problem, Write

LISTING: Problem = (404, "listing_unknown")
RESTRICTION: Problem = (404, "restriction_unknown")
BATCH: Problem = (404, "publicity_batch_unknown")
CASE_FILE: Problem = (404, "case_file_unknown")
FEED = "/v1/joint-punishment-feed"
PHOTO = {"address": "https://court.example/1", "at": "2026-03-05T09:00:00+08:00", "sha256": "0" * 64, "note": "截图"}


def every_list_write(setting: ListSetting) -> list[Write]:
    """Return the table for a list in this setting."""
    return [
        *_decisions(setting),
        *_listings(setting),
        *_requests(setting),
        *_publicity(setting),
        *_orders(setting),
        *_order_proposals(setting),
        *_objections(setting),
        *_sessions(setting),
        *_agencies(setting),
        *_checks(setting),
    ]


def _write(
    template: str,
    body: dict[str, Any] | None,
    foreign: Problem | None,
    who: str = "u-officer",
    shown: str | None = None,
    also: tuple[str, ...] = (),
    place: dict[str, str] | None = None,
) -> Write:
    path = template.format(**(place or {}))
    return Write(SERVICE, "POST", template, path, who, body, foreign, shown=shown, also=frozenset(also))


def _decisions(setting: ListSetting) -> list[Write]:
    one = "/v1/listing-decisions/{decision_id}"
    draft = f"/v1/listing-decisions/{setting.draft}"
    full = setting.listing_body(
        performance="PARTLY",
        performed_fen=100,
        legal_representative="某某",
        extension_years=1,
        extension_reason="SEVERAL_ACTS",
        grace_months=1,
        initiated="APPLICATION",
        applied_on="2026-03-02",
        birth_date="1980-01-01",
        court_phone="0874-7120000",
    )
    return [
        _write("/v1/listing-decisions", full, CASE_FILE, also=("extension_out_of_range", "grace_out_of_range")),
        _write(f"{one}/approvals", APPROVE, LISTING, "u-president", draft, place={"decision_id": setting.draft}),
        _write(f"{one}/services", SERVED, LISTING, place={"decision_id": setting.decision}),
    ]


def _listings(setting: ListSetting) -> list[Write]:
    one, shown = "/v1/listings/{listing_id}", f"/v1/listings/{setting.listing}"
    place = {"listing_id": setting.listing}
    removal = {
        "ground": "NOTHING_FOUND_AFTER_TERMINATION",
        "reason": "两次查询未发现财产",
        "document_id": "doc_1",
        "queries_on": ["2026-03-01"],
        "occurred_on": "2026-03-02",
    }
    correction = {
        "nature": "INACCURATE",
        "fields": {"grounds": ["EVADES"], "duty": "给付", "performed_fen": 1, "basis_number": "（2025）云0381民初1号"},
        "reason": "有误",
        "found_on": "2026-03-02",
    }
    approvals = [
        _write(
            f"/v1/listing-{kind}s/{{{kind}_id}}/approvals",
            APPROVE,
            LISTING,
            "u-president",
            f"/v1/listing-{kind}s/{proposal}",
            place={f"{kind}_id": proposal},
        )
        for kind, proposal in (("removal", setting.removal), ("correction", setting.correction))
    ]
    performance = {"performance": "PARTLY", "performed_fen": 100}
    return [
        _write(f"{one}/performances", performance, LISTING, shown=shown, place=place),
        _write(f"{one}/credit-repair-certificates", {"addressee": "信用中国"}, LISTING, shown=shown, place=place),
        _write(f"{one}/removals", removal, LISTING, shown=shown, place=place),
        _write(f"{one}/corrections", correction, LISTING, shown=shown, place=place),
        *approvals,
        _write("/v1/listing-bars", bar(setting), CASE_FILE),
        _write("/v1/listing-bars/{bar_id}/endings", {"reason": "不再暂缓"}, CASE_FILE, place={"bar_id": setting.bar}),
    ]


def _requests(setting: ListSetting) -> list[Write]:
    one, shown = "/v1/correction-requests/{request_id}", f"/v1/correction-requests/{setting.request}"
    place = {"request_id": setting.request}
    asked = {"claim": "INACCURATE", "reason": "写错", "received_on": "2026-03-02"}
    finding = {
        "finding": "JUSTIFIED",
        "reason": "属实",
        "nature": "INACCURATE",
        "fields": {"duty": "给付"},
        "removal_ground": "PERFORMED",
        "document_id": "doc_1",
    }
    review = {"reason": "不服", "received_on": "2026-03-02"}
    listing = {"listing_id": setting.listing}
    return [
        _write("/v1/listings/{listing_id}/correction-requests", asked, LISTING, "u-clerk", place=listing),
        _write(f"{one}/decisions", finding, LISTING, shown=shown, place=place),
        _write(f"{one}/services", {"served_on": "2026-03-02", "evidence": "送达回证"}, LISTING, place=place),
        _write(f"{one}/reviews", review, LISTING, "u-clerk", place=place),
        _write(f"{one}/review-decisions", finding, LISTING, "reviewer", shown, place=place),
    ]


def _publicity(setting: ListSetting) -> list[Write]:
    one, shown = "/v1/publicity-batches/{batch_id}", f"/v1/publicity-batches/{setting.batch}"
    place = {"batch_id": setting.batch}
    takedown = PHOTO | {"listing_id": setting.listing}
    return [
        _write("/v1/publicity-batches", batch(setting), NOT_YOURS),
        _write(f"{one}/approvals", APPROVE, BATCH, "u-president", shown, place=place),
        _write(f"{one}/releases", PHOTO, BATCH, place=place),
        _write(f"{one}/takedowns", takedown, BATCH, place=place),
    ]


def _orders(setting: ListSetting) -> list[Write]:
    one, shown = "/v1/restriction-orders/{order_id}", f"/v1/restriction-orders/{setting.order}"
    place = {"order_id": setting.order}
    served = {name: SERVED[name] for name in ("method", "evidence")}
    order = setting.order_body(grace_months=1, court_phone="0874-7120000")
    lifting = {
        "scope": "TEMPORARY",
        "persons": [setting.debtor_id],
        "ground": "SERIOUS_ILLNESS",
        "kinds": [1],
        "from": "2026-03-03T09:00:00+08:00",
        "until": "2026-03-10T09:00:00+08:00",
        "evidence": "诊断书",
    }
    replacement = {
        "party_id": setting.debtor_id,
        "successor": {"party_id": "pty_1"},
        "role": "PRINCIPAL",
        "evidence": "变更登记",
    }
    correction = {
        "party_id": setting.debtor_id,
        "nature": "INACCURATE",
        "kinds": [1],
        "role": "DEBTOR",
        "court_phone": "0874-7120000",
        "reason": "项目有误",
    }
    # What a validator says of several fields together names the body, and which fields by its own code.
    return [
        _write("/v1/restriction-orders", order, CASE_FILE),
        _write(f"{one}/approvals", APPROVE, RESTRICTION, "u-president", shown, place=place),
        _write(f"{one}/services", served, RESTRICTION, place=place),
        _write(f"{one}/liftings", lifting, RESTRICTION, place=place),
        _write(f"{one}/replacements", replacement, RESTRICTION, place=place),
        _write(f"{one}/corrections", correction, RESTRICTION, place=place),
        _write(f"{one}/exemption-requests", exemption(setting), RESTRICTION, place=place),
    ]


def _order_proposals(setting: ListSetting) -> list[Write]:
    shown = f"/v1/restriction-orders/{setting.order}"
    decision = {"decision": "GRANT", "reason": "同意"}
    return [
        _write(
            "/v1/restriction-liftings/{lifting_id}/approvals",
            APPROVE,
            RESTRICTION,
            "u-president",
            shown,
            place={"lifting_id": setting.lifting},
        ),
        _write(
            "/v1/restriction-corrections/{correction_id}/approvals",
            APPROVE,
            RESTRICTION,
            "u-president",
            shown,
            place={"correction_id": setting.order_correction},
        ),
        _write(
            "/v1/restriction-exemption-requests/{exemption_id}/decisions",
            decision,
            RESTRICTION,
            "u-president",
            shown,
            place={"exemption_id": setting.exemption},
        ),
        _write(
            "/v1/restriction-releases/{release_id}/endings",
            {"reason": "事由消失"},
            RESTRICTION,
            place={"release_id": setting.lifting},
        ),
    ]


def _objections(setting: ListSetting) -> list[Write]:
    one = "/v1/restriction-correction-requests/{request_id}"
    shown, place = f"/v1/restriction-correction-requests/{setting.objection}", {"request_id": setting.objection}
    asked = {"party_id": setting.debtor_id, "claim": "INACCURATE", "reason": "写错", "received_on": "2026-03-02"}
    finding = {
        "finding": "JUSTIFIED",
        "reason": "属实",
        "kinds": [1],
        "role": "DEBTOR",
        "court_phone": "0874-7120000",
        "ground": "GUARANTEE",
    }
    served = {"served_on": "2026-03-02", "evidence": "送达回证"}
    order = {"order_id": setting.order}
    return [
        _write("/v1/restriction-orders/{order_id}/correction-requests", asked, RESTRICTION, "u-clerk", place=order),
        _write(f"{one}/decisions", finding, RESTRICTION, shown=shown, place=place),
        _write(f"{one}/services", served, RESTRICTION, place=place),
        _write(f"{one}/reviews", {"reason": "不服", "received_on": "2026-03-02"}, RESTRICTION, "u-clerk", place=place),
        _write(f"{one}/review-decisions", finding, RESTRICTION, "reviewer", shown, place=place),
    ]


def _sessions(setting: ListSetting) -> list[Write]:
    one = f"{FEED}/views/{{view}}"
    bulk = {"from_sequence": 2, "to_sequence": 3, "reason": "集中发布"}
    place = {"view": "air"}
    return [
        _write(f"{one}/resets", {"reason": "恢复备份"}, None, "operator", place=place),
        _write(
            f"{one}/resets/{{session_id}}/approvals",
            APPROVE,
            None,
            "operator",
            place=place | {"session_id": setting.session},
        ),
        _write(f"{one}/bulk-declarations", bulk, None, "operator", place=place),
        _write(
            f"{one}/bulk-declarations/{{bulk_id}}/approvals",
            APPROVE,
            None,
            "operator",
            place=place | {"bulk_id": "bulk_1"},
        ),
    ]


def _agencies(setting: ListSetting) -> list[Write]:
    statement = {"position": signed({"view": "air"}, new_key("nobody"))}
    report = {
        "record_id": setting.record,
        "record_version": 1,
        "session_id": setting.session,
        "sequence": 1,
        "measure_code": "7.1.AIR",
        "outcome": "REFUSED",
        "reason": "柜台",
        "started_at": "2026-03-02T09:30:00+08:00",
        "ended_at": "2026-03-02T09:31:00+08:00",
        "order_number": "1",
        "agency_reference": "r-1",
    }
    me, profiles = f"{FEED}/positions/me", "/v1/subscribers/{agency_id}"
    return [
        Write(
            SERVICE,
            "PUT",
            profiles,
            "/v1/subscribers/reader-air",
            "operator",
            profile(new_key("reader-air"), "air"),
            None,
            also=frozenset({"subscriber_key_unusable", "view_not_for_agencies"}),
        ),
        Write(SERVICE, "PUT", me, me, "reader-air", statement, None, keyless=True),
        _write("/v1/punishment-reports", report, None, "reader-air"),
        _write(
            "/v1/correction-notices/{notice_id}/answers",
            {"effect": "NO_EFFECT"},
            None,
            "reader-air",
            place={"notice_id": "ntc_1"},
        ),
    ]


def _checks(setting: ListSetting) -> list[Write]:
    why = f"case_id={setting.case_id}&purpose=test"
    one = {
        "document": {"type": "RESIDENT_IDENTITY_CARD", "number": "530381198001010016"},
        "name": "某某",
        "measure_code": "7.1.AIR",
        "as_of": "2026-03-02T09:30:00+08:00",
    }
    checks, batches, ranges = (f"/v1/restriction-check{kind}" for kind in ("s", "-batches", "-ranges"))
    prefixes = {"prefixes": ["0000"]}
    return [
        Write(SERVICE, "POST", checks, f"{checks}?{why}", "u-officer", one, None, keyless=True, roleless=True),
        Write(SERVICE, "POST", batches, f"{batches}?{why}", "u-officer", None, None, keyless=True, roleless=True),
        Write(
            SERVICE, "POST", ranges, f"{ranges}?purpose=test", "reader-air", prefixes, None, keyless=True, roleless=True
        ),
    ]
