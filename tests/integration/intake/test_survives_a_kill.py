"""Intake as a process of its own, killed between acceptance and registration: every case still gets its one number."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from devstack.processes import Processes, Program
from libs.evidence import generate_key
from libs.testing import builders
from libs.web import DevIssuer
from tests.integration.intake.house import COURT, ROLES

pytestmark = pytest.mark.asyncio

CASES = 8


class Client:
    """A careful client: it repeats with the same key until there is an answer."""

    def __init__(self, url: str, issuer: DevIssuer) -> None:
        self.url, self.issuer = url, issuer
        self.http = httpx.AsyncClient(timeout=10)

    async def send(
        self, method: str, path: str, who: str, key: str, body: Any = None, etag: str = ""
    ) -> httpx.Response:
        token = self.issuer.token(
            subject=who, organisation=COURT, roles=ROLES[who], scopes=["intake.*.*"], courts=[COURT]
        )
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key} | ({"If-Match": etag} if etag else {})
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                answer = await self.http.request(method, self.url + path, json=body, headers=headers)
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return answer
            await asyncio.sleep(0.1)
        raise AssertionError(f"no answer to {method} {path}")

    async def accepted(self, seed: int) -> str:
        """File and accept an application; return its case's id."""
        path = "/v1/enforcement-applications"
        filed = await self.send("POST", path, "portal", f"file-{seed}", builders.application(seed))
        path += f"/{filed.json()['id']}"
        conditions = dict.fromkeys(
            ("document_effective", "applicant_entitled", "content_clear", "has_jurisdiction"), True
        )
        body = {"decision": "ACCEPT", "conditions": conditions}
        etag = (await self.send("GET", path, "u-clerk", "-")).headers["etag"]
        answer = await self.send("POST", f"{path}/decisions", "u-clerk", f"accept-{seed}", body, etag)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["case_id"])

    async def number_of(self, case_id: str) -> str:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            answer = await self.send("GET", f"/v1/enforcement-cases/{case_id}", "u-duty", "-")
            if answer.is_success:
                return str(answer.json()["case_number"])
            await asyncio.sleep(0.1)
        raise AssertionError(f"{case_id} was never registered")


async def killed_twice(intake: Program) -> None:
    for _ in range(2):
        await asyncio.sleep(0.4)
        intake.kill()
        await asyncio.to_thread(intake.start)


@pytest.mark.rule("R-INT-01")
async def test_kills_between_acceptance_and_registration_leave_no_gap_and_no_repeat(
    tmp_path: Path, mongo_uri: str, kafka_bootstrap: str, unique: str
) -> None:
    issuer = DevIssuer(tmp_path / "issuer.json")
    generate_key(tmp_path / "intake.json", kid="intake-1")
    shared = {
        "KAFKA_BOOTSTRAP": kafka_bootstrap,
        "MONGO_URI": mongo_uri,
        "TOPIC_PREFIX": f"{unique}.",
        "JWKS": str(issuer.write_jwks(tmp_path / "jwks.json")),
    }
    own = {"INTAKE_SIGNING_KEY": str(tmp_path / "intake.json"), "INTAKE_MONGO_DATABASE": f"{unique}_intake"}
    with Processes(tmp_path, shared) as processes:
        intake = processes.service("intake", own)
        await asyncio.to_thread(processes.start_all)
        client = Client(intake.url, issuer)
        put = await client.send("PUT", f"/v1/courts/{COURT}/roster", "operator", "roster", builders.roster())
        assert put.status_code == 200, put.text
        fault = asyncio.create_task(killed_twice(intake))
        cases = await asyncio.gather(*(client.accepted(seed) for seed in range(100, 100 + CASES)))
        await fault
        numbers = await asyncio.gather(*(client.number_of(case_id) for case_id in cases))
        await client.http.aclose()
    year = numbers[0][1:5]
    assert sorted(numbers) == sorted(f"({year}){COURT}执{serial}号" for serial in range(1, CASES + 1))
