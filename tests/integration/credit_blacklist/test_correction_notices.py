"""A wrong record is corrected: whoever is known to have held it is told, and nobody else (R-CRB-12)."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from libs.evidence import Signer
from libs.evidence.keys import new_key
from libs.foundation.clock import instant_text
from tests.integration.credit_blacklist.restriction_stage import AIRLINE, Case, Stage, opened, records
from tests.integration.credit_blacklist.restriction_theatre import restriction_stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEADS, ENTRIES = "/v1/joint-punishment-feed/heads/latest", "/v1/joint-punishment-feed/entries"
KEYS = {agency: Signer(new_key(kid=f"{agency}-1")) for agency in ("airline", "agent")}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(kafka_bootstrap: str, mongo_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with restriction_stage(kafka_bootstrap, mongo_uri, tmp_path_factory.mktemp("notices")) as running:
        for agency, key in KEYS.items():
            profile = AIRLINE | {"title": agency, "keys": key.jwks()["keys"]}
            response = await running.call("PUT", running.operator(), f"/v1/subscribers/{agency}", profile)
            assert response.status_code == 201, response.text
        yield running


async def confirm(stage: Stage, agency: str) -> None:
    """Let an agency fetch the newest head and state that it holds what it names."""
    answer = await stage.call("GET", stage.agency(agency), HEADS)
    head, now = opened(answer.text), instant_text(stage.clock.now())
    said = {
        "view": head["view"],
        "session_id": head["session_id"],
        "sequence": head["sequence"],
        "set_digest": head["set"]["digest"],
        "count": head["set"]["count"],
        "log_root": head["log_root"],
        "head_sha256": hashlib.sha256(answer.text.encode()).hexdigest(),
        "fetched_at": now,
        "applied_at": now,
    }
    signed = KEYS[agency].sign_now(said, "zhixing-position+jws")
    path = "/v1/joint-punishment-feed/positions/me"
    response = await stage.call("PUT", stage.agency(agency), path, {"position": signed})
    assert response.json()["status"] == "CONFIRMED", response.text


async def named(stage: Stage, record_id: str, version: int) -> None:
    """Wait until a head names a version of a record."""

    def there(page: Any) -> bool:
        found = [opened(one["entry"]) for one in page["entries"]]
        return any((one["record_id"], one["record_version"]) == (record_id, version) for one in found)

    await stage.until(stage.agency(), ENTRIES, there)


async def corrected(stage: Stage, case: Case, order: dict[str, Any]) -> None:
    wrong = {"party_id": case.person.party_id, "nature": "INACCURATE", "kinds": [1, 9], "reason": "种类有误"}
    proposed = await stage.post(stage.staff(), f"/v1/restriction-orders/{order['id']}/corrections", wrong)
    await case.approve(f"/v1/restriction-corrections/{proposed['id']}", order["id"])


@pytest.mark.rule("R-CRB-12")
async def test_who_held_the_wrong_version_is_told_and_answers_and_who_did_not_is_not(stage: Stage) -> None:
    case = await stage.open_case()
    order = await case.published()
    record = records(order)["李**"]["record_id"]
    await named(stage, record, 1)
    await confirm(stage, "airline")
    await corrected(stage, case, order)
    path = f"/v1/correction-notices?record_id={record}"
    told = await stage.until(stage.staff(), path, lambda seen: seen["items"])
    (notice,) = told["items"]
    assert (notice["agency_id"], notice["wrong_version"], notice["record_version"]) == ("airline", 1, 2)
    assert (notice["nature"], notice["fields"], notice["answered"]) == ("INACCURATE", ["kinds"], False)
    assert (await stage.get(stage.agency("agent"), path))["items"] == []
    where = f"/v1/correction-notices/{notice['id']}/answers"
    strange = await stage.call("POST", stage.agency("agent"), where, {"effect": "NO_EFFECT"})
    assert (strange.status_code, strange.json()["code"]) == (404, "correction_notice_unknown")
    answered = await stage.post(stage.agency("airline"), where, {"effect": "NO_EFFECT"})
    assert (answered["effect"], answered["answered"]) == ("NO_EFFECT", True)


@pytest.mark.rule("R-CRB-12")
async def test_who_came_past_entry_and_correction_at_once_never_held_the_wrong_one(stage: Stage) -> None:
    case = await stage.open_case()
    order = await case.published()
    record = records(order)["李**"]["record_id"]
    await named(stage, record, 1)
    await confirm(stage, "airline")
    await corrected(stage, case, order)
    await named(stage, record, 2)
    await confirm(stage, "agent")
    told = await stage.until(stage.staff(), f"/v1/correction-notices?record_id={record}", lambda seen: seen["items"])
    assert [notice["agency_id"] for notice in told["items"]] == ["airline"]
