"""Every read: another court, another agency and nobody see nothing, odd queries are refused, and nothing is written."""

from __future__ import annotations

import json

import pytest

from devstack.demo import wages_world as world
from tests.e2e.bad_input.conftest import House
from tests.e2e.bad_input.list_reads import every_list_read
from tests.e2e.bad_input.numbers import personal, shown
from tests.e2e.bad_input.read import Read
from tests.e2e.bad_input.writes import SERVICES_WITH_WRITES

pytestmark = pytest.mark.timeout(200)


def every_read(house: House) -> list[Read]:
    lists = every_list_read(house.setting.list)
    return [*intake(house), *inquiry(house), *money(house), *command(house), *lists, *operations(), *evidence(house)]


def intake(house: House) -> list[Read]:
    setting = house.setting
    case, paper = setting.case_id, setting.papers[0]
    purpose = f"case_id={case}&purpose=test"
    application, document = "/v1/enforcement-applications", "/v1/documents"
    party = f"/v1/parties/{setting.debtor_id}?{purpose}"
    roster = f"/v1/courts/{world.COURT}/roster"
    content = f"{document}/{paper}/content?{purpose}"
    return [
        Read("intake", "/v1/approvals", "/v1/approvals?assignee=me", None, "u-leader"),
        Read("intake", "/v1/courts/{court}/roster", roster, "not_found", personal=True),
        Read("intake", "/v1/documents/{document_id}", f"{document}/{paper}", "document_not_found"),
        Read("intake", "/v1/documents/{document_id}/content", content, "document_not_found", personal=True),
        Read(
            "intake",
            "/v1/enforcement-applications/{application_id}",
            f"{application}/{setting.pending}",
            "application_not_found",
        ),
        Read("intake", "/v1/enforcement-cases", "/v1/enforcement-cases", None),
        Read("intake", "/v1/enforcement-cases/{case_id}", f"/v1/enforcement-cases/{case}", "case_not_found"),
        Read("intake", "/v1/parties/{party_id}", party, "case_not_found", personal=True),
    ]


def inquiry(house: House) -> list[Read]:
    setting, service = house.setting, "asset_inquiry"
    case = setting.case_id
    [order, *_] = house.outside.seen("u-officer", "intake", f"/v1/enforcement-cases/{case}")["control_orders"]
    measure, controls = setting.freezes["bank-a"]["measure_id"], "/v1/control-measures"
    one, request = (
        "/v1/assistance-requests/{request_id}",
        f"/v1/assistance-requests/{setting.requests['probe-a/0']['id']}",
    )
    return [
        Read(service, "/v1/agencies", "/v1/agencies", "national"),
        Read(service, "/v1/agencies/me", "/v1/agencies/me", "national", "probe-a"),
        Read(service, "/v1/asset-inquiries/{inquiry_id}", f"/v1/asset-inquiries/{setting.inquiry}", "not_found"),
        Read(service, "/v1/assistance-requests", "/v1/assistance-requests?status=PENDING", None, "probe-a"),
        Read(service, one, request, "not_found", "probe-a", personal=True),
        Read(service, f"{one}/documents/{{n}}", f"{request}/documents/1", "not_found", "probe-a", personal=True),
        Read(service, f"{one}/officers", f"{request}/officers", "not_found", "probe-a", personal=True),
        Read(service, controls, f"{controls}?case_id={case}", "not_found"),
        Read(service, f"{controls}/{{measure_id}}", f"{controls}/{measure}", "not_found"),
        Read(service, f"{controls}/{{measure_id}}/record", f"{controls}/{measure}/record", "not_found"),
        Read(service, "/v1/control-orders/{control_order_id}", f"/v1/control-orders/{order['id']}", "not_found"),
        Read(service, "/v1/discovered-assets", f"/v1/discovered-assets?case_id={case}", "not_found"),
    ]


def money(house: House) -> list[Read]:
    setting, service, who = house.setting, "payments", "u-maker"
    case, incoming = setting.case_id, setting.unidentified
    account, unknown = f"/v1/case-accounts/{case}", "case_account_unknown"
    fund = f"/v1/courts/{world.COURT}/fund-accounts"
    by_court = f"court={world.COURT}"
    return [
        Read(service, "/v1/case-accounts/{case_id}", account, unknown, who),
        Read(service, "/v1/case-accounts/{case_id}/entries", f"{account}/entries", unknown, who),
        Read(service, "/v1/courts/{court}/fund-accounts", fund, "not_found", who),
        Read(service, "/v1/debt-statements", f"/v1/debt-statements?case_id={case}", unknown, who),
        Read(service, "/v1/incoming-payments", "/v1/incoming-payments?status=UNIDENTIFIED", None, who),
        Read(
            service,
            "/v1/incoming-payments/{incoming_id}",
            f"/v1/incoming-payments/{incoming}",
            "incoming_payment_unknown",
            who,
        ),
        Read(service, "/v1/payouts", f"/v1/payouts?{by_court}", "not_found", who),
        Read(service, "/v1/payouts/{payout_id}", f"/v1/payouts/{setting.payout}", "payout_unknown", who),
        Read(service, "/v1/trial-balances/{day}", f"/v1/trial-balances/2026-03-02?{by_court}", "not_found", who),
    ]


def command(house: House) -> list[Read]:
    service, case = "command_center", house.setting.case_id
    [node, *_] = house.outside.seen("u-officer", service, f"/v1/process-nodes?case_id={case}")["items"]
    explanation = f"/v1/process-nodes/{node['node_id']}/explanation"
    return [
        Read(service, "/v1/alerts", f"/v1/alerts?case_id={case}", None),
        Read(service, "/v1/case-timelines/{case_id}", f"/v1/case-timelines/{case}", "not_found"),
        Read(service, "/v1/notifications", f"/v1/notifications?case_id={case}", None),
        Read(service, "/v1/process-nodes", f"/v1/process-nodes?case_id={case}", None),
        Read(service, "/v1/process-nodes/{node_id}/explanation", explanation, "not_found"),
    ]


def operations() -> list[Read]:
    return [
        Read(service, "/v1/quarantine", "/v1/quarantine", "national", "operator") for service in SERVICES_WITH_WRITES
    ]


def evidence(house: House) -> list[Read]:
    case, found, hour = house.setting.case_id, [], "/v1/evidence/roots/2026-03-02T00"
    roots = "/v1/evidence/roots?since=2026-03-02T00"
    for service in house.outside.urls:
        commits = f"/v1/evidence/commits?case_id={case}&purpose=test"
        found += [
            Read(service, "/v1/evidence/commits", commits, "national", "u-president", personal=True),
            Read(service, "/v1/evidence/roots", roots, "national", "u-president"),
            Read(service, "/v1/evidence/roots/{hour}", hour, "national", "u-president", missing=True),
        ]
    return found


def test_the_table_covers_every_read_that_the_services_document(house: House) -> None:
    documented = set()
    for service, address in house.outside.urls.items():
        paths = house.outside.client.get(f"{address}/openapi.json").json()["paths"]
        documented |= {(service, path) for path, item in paths.items() if "get" in item and path.startswith("/v1/")}
    assert documented == {(read.service, read.template) for read in every_read(house)}


def test_people_of_the_court_read_masked_names_and_reading_writes_nothing(house: House) -> None:
    outside = house.outside
    before = outside.settle()
    for read in every_read(house):
        if read.endless:
            continue
        answer = outside.get(read.who, read.service, read.path)
        assert answer.status_code == (404 if read.missing else 200), f"{read.path}: {answer.text[:300]}"
        if not read.personal:
            assert shown(personal(), answer.text) == [], read.path
    assert outside.written() == before


def test_another_court_another_agency_and_nobody_read_nothing(house: House) -> None:
    outside = house.outside
    before = outside.written()
    case = house.setting.case_id
    for read in every_read(house):
        address = outside.urls[read.service] + read.path
        outside.refused(outside.send("GET", address, token=None, key=None), 401, "token_missing", before)
        outside.refused(outside.get(read.who, read.service, read.path, ttl=-600), 401, "token_expired", before)
        outside.refused(outside.get(read.who, read.service, read.path, scopes=[]), 403, "scope_missing", before)
        agency = read.who.startswith(("probe", "reader"))
        if not read.who.startswith("probe"):
            outside.refused(outside.get("probe-a", read.service, read.path), 403, "scope_missing", before)
        if read.foreign == "national":
            continue
        changes = {} if agency else {"courts": ["京0107"], "organisation": "京0107"}
        stranger = outside.get("probe-c" if agency else read.who, read.service, read.path, **changes)
        assert case not in stranger.text.replace(read.path.partition("?")[0], ""), read.path
        if read.foreign is None:
            assert stranger.status_code == 200, f"{read.path}: {stranger.text[:300]}"
            assert stranger.json()["items"] == [], read.path
        else:
            outside.refused(stranger, 404, read.foreign, before)


def test_another_court_is_shown_no_commit_of_a_case(house: House) -> None:
    case = house.setting.case_id
    path = f"/v1/evidence/commits?case_id={case}&purpose=test"
    for service in house.outside.urls:
        own = house.outside.get("u-president", service, path).text.splitlines()
        other = house.outside.get("u-president", service, path, courts=["京0107"], organisation="京0107")
        kinds = [json.loads(line)["kind"] for line in other.text.splitlines()]
        assert "commit" not in kinds, service
        assert service == "auction" or any(json.loads(line)["kind"] == "commit" for line in own), service


def test_odd_queries_are_refused_and_named(house: House) -> None:
    outside = house.outside
    before = outside.written()
    odd = [
        ("limit=0", "request_invalid"),
        ("limit=201", "request_invalid"),
        ("limit=x", "request_invalid"),
        ("cursor=nonsense", "cursor_malformed"),
        ("after=nonsense", "consistency_token_malformed"),
    ]
    for read in every_read(house):
        if not read.is_list:
            continue
        # Quarantine is read from where it is written; there is no view that could be behind.
        for query, code in odd[:-1] if read.template == "/v1/quarantine" else odd:
            answer = outside.get(read.who, read.service, f"{read.path}{'&' if '?' in read.path else '?'}{query}")
            outside.refused(answer, 422, code, before)
    wrong = [
        ("u-maker", "payments", f"/v1/debt-statements?case_id={house.setting.case_id}&as_of=2026-02-30"),
        ("u-maker", "payments", f"/v1/trial-balances/2026-02-30?court={world.COURT}"),
        ("u-maker", "payments", "/v1/incoming-payments?status=LOST"),
        ("u-officer", "intake", "/v1/enforcement-cases?status=LOST"),
        ("u-officer", "command_center", "/v1/process-nodes?due_before=2026-02-30"),
        ("u-officer", "command_center", "/v1/alerts?level=LOUD"),
        ("probe-a", "asset_inquiry", "/v1/assistance-requests?status=PENDING&wait=-1"),
    ]
    for who, service, path in wrong:
        outside.refused(outside.get(who, service, path), 422, "request_invalid", before)
    number = outside.get("u-officer", "intake", "/v1/enforcement-cases?case_number=云0381")
    outside.refused(number, 422, "case_number_invalid", before)


def test_personal_data_is_read_with_case_and_purpose_only(house: House) -> None:
    outside, setting = house.outside, house.setting
    before = outside.written()
    for path in (f"/v1/parties/{setting.debtor_id}", f"/v1/documents/{setting.papers[0]}/content"):
        for query in ("", f"?case_id={setting.case_id}", "?purpose=x"):
            answer = outside.get("u-officer", "intake", path + query)
            problem = outside.refused(answer, 400, "purpose_missing", before)
            assert shown(personal(), str(problem)) == []
        other = outside.get("u-officer", "intake", f"{path}?case_id=case_of_nobody&purpose=x")
        assert other.status_code == 404, other.text
