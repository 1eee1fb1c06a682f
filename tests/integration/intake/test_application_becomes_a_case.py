import asyncio

import httpx
import pytest

from libs.evidence import Verifier
from libs.testing import builders
from tests.integration.intake.house import House

pytestmark = pytest.mark.asyncio

APPLICATIONS = "/v1/enforcement-applications"


@pytest.mark.rule("R-INT-09", "R-INT-10", "R-INT-01")
async def test_a_lacking_application_is_cured_accepted_numbered_and_receipted(house: House) -> None:
    filed = await house.post(APPLICATIONS, "portal", builders.application(1, papers=["APPLICATION"]))
    assert filed.status_code == 201, filed.text
    assert filed.json()["state"] == "DEFECTS_NOTIFIED"
    assert [one["code"] for one in filed.json()["defects"]] == [
        "BASIS_COPY_MISSING",
        "APPLICANT_IDENTITY_MISSING",
        "EFFECTIVENESS_PROOF_MISSING",
    ]
    path = f"{APPLICATIONS}/{filed.json()['id']}"

    early = await house.decide(filed.json()["id"])
    assert (early.status_code, early.json()["code"]) == (409, "defects_open")

    papers = [builders.paper(kind) for kind in ("BASIS_COPY", "APPLICANT_IDENTITY", "EFFECTIVENESS_PROOF")]
    cured = await house.post(f"{path}/supplements", "portal", {"papers": papers})
    assert (cured.status_code, cured.json()["state"], cured.json()["defects"]) == (201, "RECEIVED", [])

    accepted = await house.decide(filed.json()["id"])
    assert (accepted.status_code, accepted.json()["state"]) == (201, "ACCEPTED")
    case = await house.until(f"/v1/enforcement-cases/{accepted.json()['case_id']}", bool)
    assert case["case_number"] == "(2026)云0381执1号"
    assert case["status"] == "FILED"
    assert case["green_channel"] is True
    assert (case["acting_officer"]["officer_id"], case["acting_leader"]["officer_id"]) == ("u-duty", "u-duty-lead")

    jwks = (await house.client.get(f"{house.url}/.well-known/jwks.json")).json()
    receipt = Verifier(jwks).verify(case["filing_receipt"])
    assert (receipt["case_number"], receipt["application_id"]) == (case["case_number"], filed.json()["id"])


@pytest.mark.rule("R-INT-01")
async def test_many_acceptances_at_once_get_numbers_without_gap(house: House) -> None:
    bodies = [builders.application(seed) for seed in range(10, 30)]
    filed = await asyncio.gather(*(house.post(APPLICATIONS, "portal", body) for body in bodies))
    accepted = await asyncio.gather(*(house.decide(one.json()["id"]) for one in filed))
    assert {one.status_code for one in accepted} == {201}
    cases = await asyncio.gather(
        *(house.until(f"/v1/enforcement-cases/{one.json()['case_id']}", bool) for one in accepted)
    )
    assert sorted(case["case_number"] for case in cases) == sorted(f"(2026)云0381执{n}号" for n in range(1, 21))


async def test_the_same_application_twice_is_answered_with_the_first(house: House) -> None:
    body = builders.application(2)
    first = await house.post(APPLICATIONS, "portal", body)
    other_portal = await house.post(APPLICATIONS, "portal", body, organisation="another portal")
    assert (first.status_code, other_portal.status_code) == (201, 200)
    assert other_portal.json()["duplicate_of"] == first.json()["id"] == other_portal.json()["id"]

    accepted = await house.decide(first.json()["id"])
    third = await house.post(APPLICATIONS, "portal", body)
    assert (third.status_code, third.json()["duplicate_of"]) == (200, accepted.json()["case_id"])


@pytest.mark.rule("R-INT-09")
async def test_acceptance_names_the_failing_condition_numbers_and_a_refused_one_may_come_again(house: House) -> None:
    body = builders.application(3, basis={"last_day_of_performance": "2026-03-20"})
    filed = (await house.post(APPLICATIONS, "portal", body)).json()
    unmet = await house.decide(filed["id"], has_jurisdiction=False)
    assert (unmet.status_code, unmet.json()["code"]) == (409, "acceptance_conditions_unmet")
    assert unmet.json()["failed_conditions"] == [4, 5]

    refused = await house.decide(filed["id"], "REFUSE", has_jurisdiction=False)
    assert (refused.status_code, refused.json()["state"]) == (201, "REFUSED")
    assert refused.json()["failed_conditions"] == [4, 5]
    assert refused.json()["may_reapply_after"] == "2026-03-20"

    again = await house.post(APPLICATIONS, "portal", body)
    assert (again.status_code, again.json()["attempt"]) == (201, 2)
    assert again.json()["id"] != filed["id"]


async def test_a_repeat_with_the_same_key_gets_the_same_answer_and_another_body_none(house: House) -> None:
    body = builders.application(4)
    first = await house.post(APPLICATIONS, "portal", body, key="k-1")
    repeat = await house.post(APPLICATIONS, "portal", body, key="k-1")
    assert (repeat.status_code, repeat.json()) == (201, first.json())
    assert repeat.headers["idempotency-replayed"] == "true"
    other = await house.post(APPLICATIONS, "portal", body | {"claim_fen": 1}, key="k-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    stranger = await house.post(APPLICATIONS, "portal", builders.application(5), key="k-1", organisation="other")
    assert stranger.status_code == httpx.codes.CREATED


async def test_a_duplicate_sent_again_while_it_is_being_answered_is_a_duplicate_too(house: House) -> None:
    body = builders.application(6)
    first = (await house.post(APPLICATIONS, "portal", body)).json()
    repeats = await asyncio.gather(*(house.post(APPLICATIONS, "portal", body, key="k-2") for _ in range(8)))
    assert {(one.status_code, one.json().get("duplicate_of")) for one in repeats} == {(200, first["id"])}
