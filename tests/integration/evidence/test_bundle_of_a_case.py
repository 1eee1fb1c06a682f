"""The bundle of a case over running services: whole, fenced, silent about other cases, and true to the database."""

import json
import subprocess
import sys
from typing import Any

import httpx
import orjson
import pytest

from tests.integration.evidence.conftest import CASE, OTHER_CASE, Pair
from tests.unit.journal.tally import COURT, OTHER_COURT

pytestmark = pytest.mark.asyncio
OWN = f"case/{CASE}"


async def a_case(pair: Pair) -> None:
    """A case over both services and four hours, beside another one."""
    first, second = pair.first, pair.second
    await first.note("filing/f1", {"application_id": "app_1", "text": "received"})
    await first.note("wording/app_1", {"text": "the claim in the applicant's own words"})
    await first.note("filing/f1", {"application_id": "app_1", "case_id": CASE})
    receipt = first.signer.sign_now({"case_id": CASE}, "receipt+jws")
    await first.note(OWN, {"case_id": CASE, "application_id": "app_1", "receipt": receipt}, key=CASE)
    await first.note(f"case/{OTHER_CASE}", {"case_id": OTHER_CASE}, key=OTHER_CASE)
    await second.note("fund/main", {"text": "opened"})
    assert await first.an_hour_passes()
    assert await second.an_hour_passes()
    for number, case_id in enumerate((OTHER_CASE, CASE, OTHER_CASE, CASE, OTHER_CASE)):
        await second.note("fund/main", {"case_id": case_id, "line": number})
        await first.note(OWN, {"line": number}, key=CASE)
    assert await first.an_hour_passes()
    assert await second.an_hour_passes()
    await second.note("fund/main", {"case_id": OTHER_CASE, "line": 9})
    await first.note(f"case/{OTHER_CASE}", {"line": 1}, key=OTHER_CASE)
    assert await first.an_hour_passes()
    assert await second.an_hour_passes()
    await first.note(OWN, {"text": "too young for a root"}, key=CASE)


def bodies(path: Any, service: str) -> list[dict[str, Any]]:
    lines = [orjson.loads(raw) for raw in path.read_bytes().splitlines()]
    return [line["line"] for line in lines if line["kind"] == "line" and line["service"] == service]


async def test_the_bundle_of_two_services_is_whole(pair: Pair) -> None:
    await a_case(pair)
    report = await pair.verified()
    assert report.findings == []
    first, second = report.services["first"], report.services["second"]
    assert (first.streams, first.commits, first.roots, first.open_commits) == (3, 10, 3, 1)
    assert (first.signatures, second.shared_streams, second.entries) == (1, 1, 2)
    assert second.roots >= 2


async def test_an_application_and_its_wording_belong_to_the_case_that_they_became(pair: Pair) -> None:
    await a_case(pair)
    commits = [line["commit"] for line in bodies(await pair.bundle(), "first") if line["kind"] == "commit"]
    assert {commit["stream"] for commit in commits} == {OWN, "filing/f1", "wording/app_1"}


async def test_of_a_shared_stream_only_the_cases_own_entries_are_shown_and_proved(pair: Pair) -> None:
    await a_case(pair)
    path = await pair.bundle()
    assert OTHER_CASE not in path.read_text()
    excerpts = [line for line in bodies(path, "second") if "header" in line or "commit" in line]
    shown = [
        each["entry"]["events"][0]["data"]["text"]["line"]
        for line in excerpts
        for each in (line.get("shown") or line.get("commit", {}).get("entries", []) or [])
        for each in [each if "entry" in each else {"entry": each}]
    ]
    assert shown == [1, 3]


async def test_a_case_of_another_court_is_an_empty_part(pair: Pair) -> None:
    await a_case(pair)
    path = await pair.bundle(courts=(OTHER_COURT,))
    assert [line["kind"] for line in bodies(path, "first")] == ["part", "end"]
    assert CASE not in path.read_text().replace(f'"case_id":"{CASE}"', "")


async def test_an_operator_of_every_court_sees_the_case(pair: Pair) -> None:
    await a_case(pair)
    assert len(bodies(await pair.bundle(courts=("*",)), "first")) == 12


async def test_a_commit_that_was_altered_in_the_database_contradicts_the_root(pair: Pair) -> None:
    await a_case(pair)
    commits = pair.first.database["commits"]
    commits.update_one({"_id": f"{OWN}@0000000002"}, {"$set": {"entries.0.events.0.data.text.line": 77}})
    kinds = {(finding.kind, finding.place) for finding in (await pair.verified()).findings}
    assert ("altered", f"{OWN}@2") in kinds


async def test_an_end_that_was_cut_off_in_the_database_is_named(pair: Pair) -> None:
    await a_case(pair)
    pair.first.database["commits"].delete_many({"stream": OWN, "version": {"$gte": 5}})
    findings = (await pair.verified()).findings
    assert ("first", "truncated", f"{OWN}@4") in {(each.service, each.kind, each.place) for each in findings}


async def test_a_stream_that_was_deleted_in_the_database_is_named(pair: Pair) -> None:
    await a_case(pair)
    pair.first.database["commits"].delete_many({"stream": OWN})
    kinds = {(finding.kind, finding.place) for finding in (await pair.verified()).findings}
    assert ("removed", OWN) in kinds


async def test_entries_that_were_deleted_in_other_streams_are_named(pair: Pair) -> None:
    await a_case(pair)
    pair.first.database["commits"].delete_many({"stream": "filing/f1"})
    pair.second.database["commits"].delete_one({"_id": "fund/main@0000000003"})
    kinds = {(finding.service, finding.kind, finding.place) for finding in (await pair.verified()).findings}
    assert ("first", "removed", "filing/f1") in kinds
    assert ("second", "removed", "fund/main@3") in kinds


async def test_who_deletes_the_heads_as_well_breaks_every_proof(pair: Pair) -> None:
    await a_case(pair)
    for collection in ("stream_heads", "stream_heads_past"):
        pair.first.database[collection].delete_many({"_id": {"$regex": f"^{OWN}"}})
    pair.first.database["commits"].delete_many({"stream": OWN})
    kinds = {finding.kind for finding in (await pair.verified()).findings}
    assert "root_contradicted" in kinds


async def test_the_command_line_collects_and_verifies(pair: Pair) -> None:
    await a_case(pair)
    token, keys, bundle = (pair.folder / name for name in ("token", "keys.json", "bundle"))
    token.write_text(pair.token())
    keys.write_text(json.dumps({name: house.signer.jwks() for name, house in pair.houses.items()}))
    services = [f"{name}={house.url}" for name, house in pair.houses.items()]
    command = ["collect", "--case", CASE, "--services", *services, "--token-file", str(token), "-o", str(bundle)]
    assert await run(*command) == (0, "")
    assert (await run("verify", str(bundle), "--jwks", str(keys), "--expect", "first,second"))[0] == 0
    raw = bundle.read_bytes().splitlines(keepends=True)
    bundle.write_bytes(b"".join(raw[:-3] + raw[-2:]))
    code, _ = await run("verify", str(bundle), "--jwks", str(keys))
    assert code == 1


async def run(*arguments: str) -> tuple[int, str]:
    import asyncio  # noqa: PLC0415 -- the only place that starts a process

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "libs.evidence", *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    _, errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, errors.decode()


# --- the routes -------------------------------------------------------------------------------------------------------


async def test_a_reading_needs_a_purpose_and_the_scope(pair: Pair) -> None:
    async with pair.client("first") as client:
        answer = await client.get("/v1/evidence/commits", params={"case_id": CASE})
        assert (answer.status_code, answer.json()["code"]) == (400, "purpose_missing")
    async with pair.client("first", scopes=("second.evidence.read",)) as client:
        for path in ("/v1/evidence/commits", "/v1/evidence/roots/2026-03-02T01", "/v1/evidence/roots"):
            assert (await client.get(path)).status_code == 403
    async with httpx.AsyncClient(base_url=pair.first.url) as client:
        assert (await client.get("/v1/evidence/roots/2026-03-02T01")).status_code == 401


async def test_a_root_is_told_with_the_proof_of_a_head(pair: Pair) -> None:
    await a_case(pair)
    async with pair.client("first") as client:
        answer = await client.get("/v1/evidence/roots/2026-03-02T01", params={"stream": OWN})
        assert answer.status_code == 200
        assert [proof["stream"] for proof in answer.json()["proofs"]] == [OWN]
        plain = await client.get("/v1/evidence/roots/2026-03-02T01")
        assert plain.json() == {"root": answer.json()["root"], "proofs": []}


@pytest.mark.parametrize(
    ("hour", "status", "code"),
    [
        ("2026-03-01T01", 404, "no_root_of_this_hour"),
        ("2026-03-02T05", 409, "root_hour_not_over"),
        ("2030-01-01T00", 409, "root_hour_not_over"),
        ("2026-13-02T01", 422, "request_invalid"),
        ("2026-03-02T25", 422, "request_invalid"),
        ("2026-03-02", 422, "request_invalid"),
        ("x", 422, "request_invalid"),
    ],
)
async def test_hours_without_a_root(pair: Pair, hour: str, status: int, code: str) -> None:
    await a_case(pair)
    async with pair.client("first") as client:
        answer = await client.get(f"/v1/evidence/roots/{hour}")
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_stream_of_another_court_does_not_exist_under_a_root(pair: Pair) -> None:
    await a_case(pair)
    async with pair.client("first", courts=(OTHER_COURT,)) as client:
        answer = await client.get("/v1/evidence/roots/2026-03-02T01", params={"stream": OWN})
        assert answer.status_code == 404


async def test_all_roots_from_an_hour_on_come_as_lines(pair: Pair) -> None:
    await a_case(pair)
    async with pair.client("first") as client:
        answer = await client.get("/v1/evidence/roots", params={"since": "2026-03-02T02"})
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [(line["number"], line["hour"]) for line in lines] == [(2, "2026-03-02T02"), (3, "2026-03-02T03")]


@pytest.mark.parametrize(
    "asked",
    [
        {"bundle": "not an id"},
        {"services": "first,Second!"},
        {"services": ","},
        {"case_id": "x" * 81},
        {"purpose": " "},
    ],
)
async def test_bad_questions_are_refused(pair: Pair, asked: dict[str, str]) -> None:
    async with pair.client("first") as client:
        answer = await client.get("/v1/evidence/commits", params={"case_id": CASE, "purpose": "p"} | asked)
        assert answer.status_code in (400, 422)
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_case_that_nobody_knows_is_an_empty_signed_part(pair: Pair) -> None:
    async with pair.client("second") as client:
        answer = await client.get("/v1/evidence/commits", params={"case_id": "case_nobody", "purpose": "p"})
    assert [json.loads(line)["kind"] for line in answer.text.splitlines()] == ["part", "end"]
    assert COURT not in answer.text
