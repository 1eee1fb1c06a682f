"""What the doors of restriction, subscribers and reports refuse, and that nothing is left behind by it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from tests.integration.credit_blacklist.restriction_stage import AIRLINE, NUMBERS, Stage, records
from tests.integration.credit_blacklist.restriction_theatre import restriction_stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

OTHER_COURT = "京0105"
CARD = {"type": "RESIDENT_IDENTITY_CARD", "number": NUMBERS[1]}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(kafka_bootstrap: str, mongo_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with restriction_stage(kafka_bootstrap, mongo_uri, tmp_path_factory.mktemp("restriction")) as running:
        yield running


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kinds": []}, "kinds"),
        ({"kinds": [0]}, "kinds.0"),
        ({"kinds": [10]}, "kinds.0"),
        ({"kinds": [-1]}, "kinds.0"),
        ({"kinds": ["1"]}, "kinds.0"),
        ({"kinds": [1] * 10}, "kinds"),
        ({"grace_months": -1}, "grace_months"),
        ({"grace_months": 4}, "grace_months"),
        ({"reason": "RICH"}, "reason"),
        ({"initiated": "APPLICATION"}, "body"),
        ({"persons": []}, "persons"),
        ({"persons": [{"role": "DEBTOR", "party_id": "p"}] * 31}, "persons"),
        ({"persons": [{"role": "DEBTOR", "party_id": "p", "name": "李四"}]}, "persons.0"),
        ({"persons": [{"role": "DEBTOR", "name": "李四"}]}, "persons.0"),
        ({"case_id": "case/../1"}, "case_id"),
        ({"surprise": True}, "surprise"),
    ],
)
async def test_an_order_that_cannot_be_is_refused_at_the_door(
    stage: Stage, changed: dict[str, Any], field: str
) -> None:
    case = await ready_case(stage)
    response = await stage.call("POST", stage.staff(), "/v1/restriction-orders", case.body() | changed)
    assert (response.status_code, response.json()["code"]) == (422, "request_invalid")
    assert response.json()["errors"][0]["field"] == field


async def test_a_party_whose_identity_is_not_here_is_named_as_such_and_may_come(stage: Stage) -> None:
    case = await ready_case(stage)
    body = case.body({"role": "DEBTOR", "party_id": "party_nobody"})
    response = await stage.call("POST", stage.staff(), "/v1/restriction-orders", body)
    assert (response.status_code, response.json()["code"]) == (409, "person_not_here_yet")
    assert response.json()["retryable"]


async def ready_case(stage: Stage) -> Any:
    """Return a case whose facts have arrived; one is enough for all refusals."""
    if stage.ready is None:
        case = await stage.open_case()
        await case.draft()
        stage.ready = await stage.open_case()
        await stage.ready.draft(*stage.ready.entity())
    return stage.ready


async def test_a_false_identity_number_is_named_by_its_own_code(stage: Stage) -> None:
    case = await ready_case(stage)
    person = {
        "role": "LEGAL_REPRESENTATIVE",
        "name": "王法人",
        "party_type": "PERSON",
        "identity_documents": [CARD | {"number": "110107198001010020"}],
    }
    response = await stage.call("POST", stage.staff(), "/v1/restriction-orders", case.body(case.entity()[0], person))
    assert response.status_code == 422
    assert "identity_number_invalid" in response.text


async def test_one_document_never_belongs_to_two_names(stage: Stage) -> None:
    case = await ready_case(stage)
    person = {
        "role": "LEGAL_REPRESENTATIVE",
        "name": "冯别名",
        "party_type": "PERSON",
        "identity_documents": [CARD],
    }
    response = await stage.call("POST", stage.staff(), "/v1/restriction-orders", case.body(case.entity()[0], person))
    assert (response.status_code, response.json()["code"]) == (409, "person_named_otherwise")


async def test_the_same_request_twice_makes_one_order_and_another_body_under_its_key_none(stage: Stage) -> None:
    case = await stage.open_case()
    await case.draft(*case.entity())
    body, key = case.body(), f"twice-{case.case_id}"
    first, second = [await stage.call("POST", stage.staff(), "/v1/restriction-orders", body, key=key) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 201), second.text
    assert first.json()["id"] == second.json()["id"]
    assert second.headers["Idempotency-Replayed"] == "true"
    other = await stage.call("POST", stage.staff(), "/v1/restriction-orders", body | {"kinds": [1]}, key=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    again = await stage.call("POST", stage.staff(), "/v1/restriction-orders", body)
    assert (again.status_code, again.json()["code"]) == (409, "already_restricted")


async def test_another_court_sees_no_order_and_signs_none(stage: Stage) -> None:
    case = await stage.open_case()
    order = await case.draft()
    path = f"/v1/restriction-orders/{order['id']}"
    stranger, president = stage.staff(court=OTHER_COURT), stage.staff("president", court=OTHER_COURT)
    drafted = await stage.call("POST", stranger, "/v1/restriction-orders", case.body())
    assert (drafted.status_code, drafted.json()["code"]) == (404, "case_file_unknown")
    for method, token, where, body in (
        ("GET", stranger, path, None),
        ("POST", president, f"{path}/approvals", {"decision": "APPROVE"}),
        ("POST", stranger, f"{path}/services", {"method": "DIRECT", "evidence": "x"}),
    ):
        response = await stage.call(method, token, where, body, If_Match='"1"')
        assert (response.status_code, response.json()["code"]) == (404, "restriction_unknown")
    seen = await stage.get(stranger, f"/v1/restriction-orders?case_id={case.case_id}")
    assert seen["items"] == []


async def test_only_the_president_signs_and_only_what_was_read(stage: Stage) -> None:
    case = await stage.open_case()
    order = await case.draft()
    path, body = f"/v1/restriction-orders/{order['id']}/approvals", {"decision": "APPROVE"}
    for token, headers, status in (
        (stage.staff(), {"If_Match": '"1"'}, 403),
        (stage.agency(), {"If_Match": '"1"'}, 403),
        (stage.staff("president"), {}, 428),
        (stage.staff("president"), {"If_Match": '"7"'}, 412),
    ):
        response = await stage.call("POST", token, path, body, **headers)
        assert response.status_code == status, response.text
    signed = await case.approve(f"/v1/restriction-orders/{order['id']}", order["id"])
    assert signed["order_number"].endswith("之一"), "what was refused used up no number"


async def test_a_payment_that_came_first_leaves_nothing_to_sign_or_serve(stage: Stage) -> None:
    case = await stage.open_case()
    order = await case.draft()
    await stage.pay(case)
    path = f"/v1/restriction-orders/{order['id']}"
    await stage.until(stage.staff(), path, lambda seen: seen["state"] == "CANCELLED")
    late = await stage.call("POST", stage.staff(), f"{path}/services", {"method": "DIRECT", "evidence": "x"})
    assert (late.status_code, late.json()["code"]) == (409, "restriction_not_at_this_step")
    anew = await stage.call("POST", stage.staff(), "/v1/restriction-orders", case.body())
    assert (anew.status_code, anew.json()["code"]) == (409, "restriction_after_performance")


@pytest.mark.rule("R-CRB-23")
@pytest.mark.parametrize(
    ("starts", "lasts", "code"),
    [(0, 40, "release_too_long"), (5, -1, "release_window_invalid"), (-9, 5, "release_window_invalid")],
    ids=["forty days", "ends before it begins", "over"],
)
async def test_a_release_that_cannot_be_is_refused(stage: Stage, starts: int, lasts: int, code: str) -> None:
    case = await stage.open_case()
    order = await case.published()
    begins = stage.clock.now() + timedelta(days=starts)
    body = {
        "scope": "TEMPORARY",
        "ground": "FUNERAL",
        "kinds": [1],
        "from": begins.isoformat(),
        "until": (begins + timedelta(days=lasts)).isoformat(),
        "evidence": "证明",
    }
    path = f"/v1/restriction-orders/{order['id']}"
    response = await stage.call("POST", stage.staff(), f"{path}/liftings", body)
    assert (response.status_code, response.json()["code"]) == (409, code)
    said = await stage.get(stage.staff(), f"{path}/wordings?case_id={case.case_id}&purpose=audit")
    assert "证明" not in [one["text"] for one in said["items"]], "a refused proposal leaves no text behind"


@pytest.mark.parametrize("part", ["lifting_1", "x" * 400, "lifting_" + "0" * 20 + "_order_" + "0" * 20])
async def test_a_decision_on_what_was_never_proposed_finds_nothing(stage: Stage, part: str) -> None:
    for where in (f"restriction-liftings/{part}/approvals", f"restriction-corrections/{part}/approvals"):
        body = {"decision": "APPROVE"}
        response = await stage.call("POST", stage.staff("president"), f"/v1/{where}", body, If_Match='"1"')
        assert (response.status_code, response.json()["code"]) == (404, "restriction_unknown")


async def test_profiles_are_the_operators_and_an_agency_sees_only_its_own(stage: Stage) -> None:
    for token in (stage.staff(), stage.agency()):
        assert (await stage.call("PUT", token, "/v1/subscribers/airline", AIRLINE)).status_code == 403
    for changed, status in (({"view": "court"}, 409), ({"view": "sea"}, 404), ({"keys": [{"kty": "oct"}]}, 422)):
        refused = await stage.call("PUT", stage.operator(), "/v1/subscribers/airline", AIRLINE | changed)
        assert refused.status_code == status, refused.text
    created = await stage.call("PUT", stage.operator(), "/v1/subscribers/airline", AIRLINE)
    again = await stage.call("PUT", stage.operator(), "/v1/subscribers/airline", AIRLINE)
    assert (created.status_code, again.status_code) == (201, 200)
    assert (await stage.get(stage.agency(), "/v1/subscribers/airline"))["view"] == "air"
    assert (await stage.call("GET", stage.agency("bank"), "/v1/subscribers/airline")).status_code == 404
    shown = await stage.get(stage.agency(), "/v1/punishment-measures")
    assert [item["measure_code"] for item in shown["items"]] == ["7.1"]
    strange = await stage.call("GET", stage.agency("bank"), "/v1/punishment-measures")
    assert (strange.status_code, strange.json()["code"]) == (403, "not_a_subscriber")


async def test_reports_on_what_was_never_sent_are_refused(stage: Stage) -> None:
    await stage.call("PUT", stage.operator(), "/v1/subscribers/airline", AIRLINE)
    case = await stage.open_case()
    record = records(await case.published())["李**"]
    body = {
        "record_id": record["record_id"],
        "record_version": 1,
        "session_id": "00000000-0000-4000-8000-000000000000",
        "sequence": 1,
        "measure_code": "7.1.AIR",
        "outcome": "REFUSED",
        "started_at": stage.clock.now().isoformat(),
        "agency_reference": f"t-{case.case_id}",
    }
    for token, changed, status, code in (
        (stage.agency("bank"), {}, 403, "not_a_subscriber"),
        (stage.staff(), {}, 403, "role_missing"),
        (stage.agency(), {"measure_code": "5.3"}, 422, "measure_not_in_view"),
        (stage.agency(), {"sequence": 0}, 422, "request_invalid"),
        (stage.agency(), {"sequence": 2**63}, 422, "request_invalid"),
        (stage.agency(), {"outcome": "NOT_APPLIED"}, 422, "request_invalid"),
        (stage.agency(), {}, 409, "report_position_unknown"),
    ):
        response = await stage.call("POST", token, "/v1/punishment-reports", body | changed)
        assert (response.status_code, response.json()["code"]) == (status, code), response.text
    assert (await stage.get(stage.staff(court=OTHER_COURT), "/v1/punishment-reports"))["items"] == []


@pytest.mark.rule("R-CRB-20")
async def test_a_listing_without_an_order_shows_the_duty_until_the_order_is_published(stage: Stage) -> None:
    case = await stage.open_case()
    await case.draft(*case.entity())
    await list_debtor(stage, case)
    path = f"/v1/restriction-duties?case_id={case.case_id}"
    shown = await stage.until(stage.staff(), path, lambda seen: seen["items"])
    assert shown["items"][0]["rule"] == "R-CRB-20@2015-07-22"
    await case.published(reason="LISTED")
    await stage.until(stage.staff(), path, lambda seen: not seen["items"])


async def list_debtor(stage: Stage, case: Any) -> None:
    """Have the debtor listed and the listing published."""
    body = {
        "case_id": case.case_id,
        "party_id": case.person.party_id,
        "grounds": ["OBSTRUCTS"],
        "acts": [{"ground": "OBSTRUCTS", "committed_on": "2024-04-01", "description": "伪造证据"}],
        "facts": "伪造证据妨碍执行",
        "duty": "支付100000元",
        "performance": "NONE",
        "initiated": "EX_OFFICIO",
    }
    drafted = await stage.post(stage.staff(), "/v1/listing-decisions", body)
    president, where = stage.staff("president"), f"/v1/listing-decisions/{drafted['id']}"
    seen = await stage.call("GET", president, where)
    await stage.post(president, f"{where}/approvals", {"decision": "APPROVE"}, If_Match=seen.headers["ETag"])
    await stage.post(stage.staff(), f"{where}/services", {"method": "DIRECT", "evidence": "送达回证"})
