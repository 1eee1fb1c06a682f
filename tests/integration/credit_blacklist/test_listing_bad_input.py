"""What the routes of listings are sent in error: each is refused by name, nothing breaks, nothing is written."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from libs.foundation.ids import stream_name
from libs.schemas.intake import DocumentServed, IdentityDocument, PartyRegistered
from libs.schemas.parts import PartyRef
from tests.integration.credit_blacklist.listing_desk import ListingDesk
from tests.integration.credit_blacklist.restriction_stage import BEGAN, Case
from tests.integration.credit_blacklist.restriction_theatre import restriction_stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

FOUR, ONE = "VIOLATES_PROPERTY_REPORTING", "REFUSES_THOUGH_ABLE"
MINOR_NUMBER = "110107201001010013"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(
    kafka_bootstrap: str, mongo_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ListingDesk]:
    async with restriction_stage(kafka_bootstrap, mongo_uri, tmp_path_factory.mktemp("listing_bad")) as running:
        yield ListingDesk(running)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def case(desk: ListingDesk) -> Case:
    opened = await desk.stage.open_case()
    await desk.known(opened)
    return opened


async def case_against(desk: ListingDesk, document: IdentityDocument) -> dict[str, Any]:
    """Let intake register a case whose only debtor has this document, and return the body that lists the debtor."""
    serial = next(desk.stage.serials)
    one = Case(desk.stage, serial)
    debtor = PartyRef(party_id=f"party_young_{serial}", display_name="王*", party_type="PERSON")
    registered = PartyRegistered(
        party_id=debtor.party_id,
        party_type="PERSON",
        name="王小",
        display_name=debtor.display_name,
        documents=(document,),
    )
    served = DocumentServed(
        document_id=f"doc_{serial}",
        case_id=one.case_id,
        kind="ENFORCEMENT_NOTICE",
        party=debtor,
        method="DIRECT",
        served_at=BEGAN,
        evidence="送达回证",
        recorded_by="u-officer",
    )
    stage = desk.stage
    await stage.say(stage.intake, stream_name("party", debtor.party_id), registered, debtor.party_id)
    filed = one.registered().model_copy(update={"debtors": (debtor,)})
    await stage.say(stage.intake, stream_name("case", one.case_id), filed, one.case_id)
    await stage.say(stage.intake, stream_name("document", served.document_id), served, one.case_id)
    return desk.body(one, FOUR) | {"party_id": debtor.party_id}


async def settled(desk: ListingDesk, body: dict[str, Any]) -> tuple[int, str]:
    """Return the answer to a draft once what intake said has arrived."""
    async with asyncio.timeout(40):
        while True:
            answer = await desk.answer("/v1/listing-decisions", body)
            code = answer.json().get("code", "accepted")
            if code not in {"case_file_unknown", "person_not_here_yet", "debtor_not_warned"}:
                return answer.status_code, code
            await asyncio.sleep(0.2)


@pytest.mark.rule("R-CRB-04")
async def test_a_minor_is_refused(desk: ListingDesk) -> None:
    minor = IdentityDocument(id_type="RESIDENT_IDENTITY_CARD", id_number=MINOR_NUMBER)
    assert await settled(desk, await case_against(desk, minor)) == (409, "minor_never_listed")


@pytest.mark.rule("R-CRB-04")
async def test_who_has_a_passport_only_is_listed_once_somebody_states_that_they_are_of_age(desk: ListingDesk) -> None:
    body = await case_against(desk, IdentityDocument(id_type="PASSPORT", id_number="E12345678"))
    assert await settled(desk, body) == (409, "age_unknown")
    assert await settled(desk, body | {"birth_date": "2010-01-01"}) == (409, "minor_never_listed")
    drafted = await desk.write("/v1/listing-decisions", body | {"birth_date": "1990-05-05"})
    # What was stated once is known when the president signs.
    assert (await desk.approve(f"/v1/listing-decisions/{drafted['id']}"))["state"] == "DECIDED"


@pytest.mark.rule("R-CRB-01")
async def test_of_many_drafts_on_the_same_ground_at_the_same_time_one_is_taken(desk: ListingDesk) -> None:
    case = await desk.stage.open_case()
    await desk.known(case)
    answers = await asyncio.gather(*(desk.answer("/v1/listing-decisions", desk.body(case, FOUR)) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    codes = {answer.json().get("code") for answer in answers} - {None}
    assert codes == {"second_listing_on_same_ground"}


@pytest.mark.rule("R-CRB-10")
async def test_of_two_presidents_who_decide_at_the_same_time_one_is_heard(desk: ListingDesk) -> None:
    case = await desk.stage.open_case()
    listing_id = await desk.published(case, ONE)
    path = f"/v1/listings/{listing_id}"
    body = {"ground": "APPLICANT_REQUEST", "reason": "申请执行人申请", "document_id": "doc_1"}
    removal = await desk.write(f"{path}/removals", body, match=path)
    approvals = f"/v1/listing-removals/{removal['id']}/approvals"
    answers = await asyncio.gather(
        *(desk.answer(approvals, {"decision": "APPROVE"}, role="president", match=path) for _ in range(3))
    )
    assert min(answer.status_code for answer in answers) == 201
    assert {answer.status_code for answer in answers} <= {201, 409, 412}
    ended = await desk.read(path)
    assert (ended["version"], len(ended["archive"])) == (2, 1)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"grounds": []}, 422),
        ({"grounds": ["SOMETHING"]}, 422),
        ({"grounds": [FOUR] * 7}, 422),
        ({"grounds": FOUR}, 422),
        ({"facts": ""}, 422),
        ({"facts": "字" * 2001}, 422),
        ({"facts": "a\x00b"}, 400),
        ({"facts": "a\x01b"}, 422),
        ({"duty": None}, 422),
        ({"performance": "WHOLLY"}, 422),
        ({"performance": "PARTLY"}, 422),
        ({"performance": "PARTLY", "performed_fen": -1}, 422),
        ({"performance": "PARTLY", "performed_fen": 10**18}, 422),
        ({"performance": "PARTLY", "performed_fen": 1.5}, 422),
        ({"performance": "PARTLY", "performed_fen": "1"}, 422),
        ({"extension_years": -1}, 422),
        ({"extension_years": 10**30}, 422),
        ({"grace_months": 4}, 409),
        ({"grace_months": True}, 422),
        ({"initiated": "APPLICATION"}, 422),
        ({"initiated": "APPLICATION", "applied_on": "2024-13-01"}, 422),
        ({"initiated": "APPLICATION", "applied_on": "9999-01-01"}, 422),
        ({"initiated": "APPLICATION", "applied_on": "2024-04-11"}, 422),
        ({"acts": [{"ground": ONE, "committed_on": "2024-04-01", "description": "x"}]}, 422),
        ({"acts": [{"ground": FOUR, "committed_on": "2199-04-01", "description": "x"}]}, 422),
        ({"acts": [{}] * 51}, 422),
        ({"party_id": "../../x"}, 422),
        ({"case_id": "case_0001~"}, 404),
        ({"court_phone": "not a number"}, 422),
        ({"unknown": 1}, 422),
    ],
)
async def test_a_draft_with_an_error_in_it_is_refused(
    desk: ListingDesk, case: Case, changes: dict[str, Any], status: int
) -> None:
    answer = await desk.answer("/v1/listing-decisions", desk.body(case, FOUR) | changes)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await desk.read(f"/v1/listing-decisions?case_id={case.case_id}"))["items"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/v1/listings/lst~",
        "/v1/listings/lst~party~case~d1",
        "/v1/listings/%2e%2e",
        "/v1/listings/listing%2Fparty%2Fcase",
        "/v1/listing-decisions/lst~party~case",
        "/v1/listing-decisions/lst~party~case~d1",
        "/v1/listing-removals/lst~party~case~d1",
        "/v1/listing-corrections/x",
        "/v1/correction-requests/lst~party~case~q1",
        "/v1/publicity-batches/pub_none",
        "/v1/listing-papers/lst~party~case~d1?case_id=c&purpose=p",
    ],
)
async def test_what_does_not_exist_is_not_found(desk: ListingDesk, path: str) -> None:
    answer = await desk.stage.call("GET", desk.stage.staff(), path)
    assert answer.status_code in {404, 422}, answer.text


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("case_officer", "approvals"),
        ("president", "services"),
        ("node_supervisor", "services"),
    ],
)
async def test_a_step_of_another_role_is_forbidden(desk: ListingDesk, role: str, path: str) -> None:
    body = {"decision": "APPROVE"} if path == "approvals" else {"method": "DIRECT", "evidence": "x"}
    answer = await desk.answer(f"/v1/listing-decisions/lst~a~b~d1/{path}", body, role=role, etag='"1"')
    assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")


@pytest.mark.parametrize(("etag", "status"), [(None, 428), ("1", 400), ('"999"', 412)])
async def test_a_decision_names_what_it_saw(desk: ListingDesk, etag: str | None, status: int) -> None:
    case = await desk.stage.open_case()
    decision = await desk.draft(case, FOUR)
    path = f"/v1/listing-decisions/{decision['id']}/approvals"
    answer = await desk.answer(path, {"decision": "APPROVE"}, role="president", etag=etag)
    assert answer.status_code == status, answer.text
    assert (await desk.read(f"/v1/listing-decisions/{decision['id']}"))["number"] is None
