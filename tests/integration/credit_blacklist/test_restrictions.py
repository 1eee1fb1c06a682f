"""Restriction over real HTTP, Kafka and MongoDB: ordered, published, released, lifted by payment, reported on."""

from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
import pytest_asyncio

from tests.integration.credit_blacklist.restriction_stage import AIRLINE, Stage, opened, records
from tests.integration.credit_blacklist.restriction_theatre import restriction_stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(kafka_bootstrap: str, mongo_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with restriction_stage(kafka_bootstrap, mongo_uri, tmp_path_factory.mktemp("restriction")) as running:
        yield running


@pytest.mark.rule("R-CRB-22")
@pytest.mark.rule("R-CRB-24")
async def test_an_entity_and_its_people_are_restricted_and_the_payment_frees_them_all(stage: Stage) -> None:
    case = await stage.open_case()
    order = await case.published(*case.entity())
    assert order["order_number"] == f"(2024)京0107执{case.serial}号之一"
    assert {name: record["status"] for name, record in records(order).items()} == {
        "甲公司": "RESTRICTED",
        "王**": "RESTRICTED",
        "赵**": "RESTRICTED",
    }
    paper = await stage.get(
        stage.staff(), f"/v1/restriction-papers/{order['id']}?case_id={case.case_id}&purpose=service"
    )
    for told in ("限制消费令", "王法人", "实际控制人", "G字头动车组", "拘留、罚款", order["order_number"]):
        assert told in paper["text"]
    assert (paper["sha256"], paper["seal"]) == (sha256(paper["text"].encode()).hexdigest(), order["paper"]["seal"])
    await stage.pay(case)
    path = f"/v1/restriction-orders/{order['id']}"
    lifted = await stage.until(stage.staff(), path, lambda seen: seen["state"] == "LIFTED")
    assert {record["removal"]["ground"] for record in records(lifted).values()} == {"PERFORMED"}


@pytest.mark.rule("R-CRB-23")
async def test_a_release_needs_the_president_and_opens_a_window(stage: Stage) -> None:
    case = await stage.open_case()
    order = await case.published()
    path = f"/v1/restriction-orders/{order['id']}"
    starts = stage.clock.now() + timedelta(days=1)
    body = {
        "scope": "TEMPORARY",
        "ground": "FUNERAL",
        "kinds": [1, 9],
        "from": starts.isoformat(),
        "until": (starts + timedelta(days=5)).isoformat(),
        "evidence": "亲属死亡证明",
    }
    proposed = await stage.post(stage.staff(), f"{path}/liftings", body)
    assert records(await stage.get(stage.staff(), path))["李**"]["suspensions"] == []
    released = await case.approve(f"/v1/restriction-liftings/{proposed['id']}", order["id"])
    record = records(released)["李**"]
    assert (record["version"], record["status"], record["suspensions"][0]["kinds"]) == (2, "RESTRICTED", [1, 9])
    ended = await stage.post(stage.staff(), f"/v1/restriction-releases/{proposed['id']}/endings", {"reason": "已返回"})
    assert records(ended)["李**"]["suspensions"] == []
    said = await stage.get(stage.staff(), f"{path}/wordings?case_id={case.case_id}&purpose=audit")
    texts = {one["part_id"]: one["text"] for one in said["items"] if one["part_id"] != "paper"}
    assert texts == {order["id"]: "送达回证", proposed["id"]: "已返回"}
    assert "亲属死亡证明" in [one["text"] for one in said["items"]]


@pytest.mark.rule("R-CRB-23")
async def test_a_new_representative_takes_the_place_of_the_former(stage: Stage) -> None:
    case = await stage.open_case()
    order = await case.published(*case.entity())
    former = next(one for one in order["persons"] if "LEGAL_REPRESENTATIVE" in one["roles"])
    successor = {
        "name": "孙新任",
        "party_type": "PERSON",
        "identity_documents": [{"type": "PASSPORT", "number": f"G{case.serial:08d}"}],
    }
    body = {"party_id": former["party_id"], "successor": successor, "evidence": "工商变更登记"}
    proposed = await stage.post(stage.staff(), f"/v1/restriction-orders/{order['id']}/replacements", body)
    changed = records(await case.approve(f"/v1/restriction-liftings/{proposed['id']}", order["id"]))
    assert (changed["王**"]["status"], changed["王**"]["removal"]["ground"]) == ("REMOVED", "DEBTOR_REPLACED")
    assert (changed["孙**"]["status"], changed["孙**"]["version"]) == ("RESTRICTED", 1)


@pytest.mark.rule("R-CRB-22")
async def test_an_exemption_and_a_correction_are_decided_by_the_president(stage: Stage) -> None:
    case = await stage.open_case()
    order = await case.published()
    path = f"/v1/restriction-orders/{order['id']}"
    until = stage.clock.now() + timedelta(days=3)
    body = {
        "party_id": case.person.party_id,
        "kinds": [5],
        "purpose": "NEEDED_FOR_BUSINESS",
        "from": stage.clock.now().isoformat(),
        "until": until.isoformat(),
        "reason": "运输经营需要",
    }
    asked = await stage.post(stage.staff(), f"{path}/exemption-requests", body)
    decision = {"decision": "GRANT", "reason": "确属经营必需"}
    exempt = await case.approve(
        f"/v1/restriction-exemption-requests/{asked['id']}", order["id"], decision, step="decisions"
    )
    assert records(exempt)["李**"]["suspensions"][0]["kinds"] == [5]
    wrong = {"party_id": case.person.party_id, "nature": "WRONGLY_LISTED", "reason": "同名他人"}
    proposed = await stage.post(stage.staff(), f"{path}/corrections", wrong)
    assert proposed["due"]["rule"] == "R-CRB-12@2017-05-01"
    corrected = await case.approve(f"/v1/restriction-corrections/{proposed['id']}", order["id"])
    assert (corrected["state"], records(corrected)["李**"]["correction"]["nature"]) == ("LIFTED", "WRONGLY_LISTED")


@pytest.mark.rule("R-CRB-33")
async def test_an_airline_reports_a_refusal_and_owes_the_end_when_the_debt_is_paid(stage: Stage) -> None:
    connected = await stage.call("PUT", stage.operator(), "/v1/subscribers/airline", AIRLINE)
    assert connected.status_code in {200, 201}, connected.text
    case = await stage.open_case()
    order = await case.published()
    record = records(order)["李**"]
    path = f"/v1/punishment-reports?record_id={record['record_id']}"
    session, sequence = await entry_of(stage, record["record_id"])
    body = {
        "record_id": record["record_id"],
        "record_version": 1,
        "session_id": session,
        "sequence": sequence,
        "measure_code": "7.1.AIR",
        "outcome": "REFUSED",
        "started_at": stage.clock.now().isoformat(),
        "agency_reference": "ticket-1",
    }
    reported = await stage.post(stage.agency(), "/v1/punishment-reports", body)
    assert (reported["owed"], reported["measure_class"]) == (None, 7)
    ahead = await stage.call("POST", stage.agency(), "/v1/punishment-reports", body | {"sequence": 10**6})
    assert (ahead.status_code, ahead.json()["code"]) == (409, "report_position_unknown")
    await stage.pay(case)
    await stage.until(stage.agency(), path, lambda seen: seen["items"] and seen["items"][0]["owed"] == "END")
    ended = await stage.post(
        stage.agency(), "/v1/punishment-reports", body | {"ended_at": stage.clock.now().isoformat()}
    )
    assert (ended["owed"], ended["ended_at"] is not None) == (None, True)


async def entry_of(stage: Stage, record_id: str) -> tuple[str, int]:
    """Return session and sequence of the entry of a record in the airline's view."""

    def there(page: Any) -> bool:
        return any(opened(one["entry"])["record_id"] == record_id for one in page["entries"])

    page = await stage.until(stage.agency(), "/v1/joint-punishment-feed/entries", there)
    for one in page["entries"]:
        if opened(one["entry"])["record_id"] == record_id:
            return opened(page["head"])["session_id"], one["sequence"]
    raise AssertionError(record_id)


@pytest.mark.rule("R-CRB-12")
async def test_a_refused_request_goes_to_the_higher_court_and_comes_back_as_a_correction(stage: Stage) -> None:
    case = await stage.open_case()
    order = await case.published()
    body = {"party_id": case.person.party_id, "claim": "NOT_TO_BE_RESTRICTED", "reason": "同名他人"}
    clerk, judge = stage.staff("filing_clerk"), stage.staff("reviewing_judge", court="京01")
    asked = await stage.post(clerk, f"/v1/restriction-orders/{order['id']}/correction-requests", body)
    path = f"/v1/restriction-correction-requests/{asked['id']}"
    for token, step, sent in (
        (stage.staff(), "decisions", {"finding": "REJECTED", "reason": "身份核对一致"}),
        (clerk, "services", {"served_on": stage.clock.now().date().isoformat(), "evidence": "送达回证"}),
        (clerk, "reviews", {"reason": "证件号码系他人"}),
        (judge, "review-decisions", {"finding": "JUSTIFIED", "reason": "查明非同一人"}),
    ):
        seen = await stage.call("GET", token if token == judge else stage.staff(), path)
        strange = stage.staff("reviewing_judge", court="京02")
        assert (await stage.call("GET", strange, path)).status_code == 404
        await stage.post(token, f"{path}/{step}", sent, If_Match=seen.headers["ETag"])
    answered = await stage.get(judge, path)
    assert (answered["state"], answered["review_finding"]) == ("REVIEWED", "JUSTIFIED")
    (correction,) = (await stage.get(stage.staff(), f"/v1/restriction-orders/{order['id']}"))["corrections"]
    done = await case.approve(f"/v1/restriction-corrections/{correction['id']}", order["id"])
    assert records(done)["李**"]["removal"]["ground"] == "WRONGLY_LISTED"
