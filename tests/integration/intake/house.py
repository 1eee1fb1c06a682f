"""Intake as its users meet it: a running service, people with tokens, and a clock that stands still until moved."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from libs.foundation.clock import SHANGHAI, ClockPoint, write_schedule
from libs.testing import builders
from libs.web import DevIssuer

COURT = "云0381"
MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
ROLES = {
    "portal": ["filing_portal"],
    "u-clerk": ["filing_clerk"],
    "u-duty": ["duty_officer", "case_officer"],
    "u-duty-lead": ["duty_leader", "team_leader"],
    "u-officer": ["case_officer"],
    "u-leader": ["team_leader"],
    "u-head": ["bureau_head"],
    "u-president": ["president"],
    "operator": ["operator"],
}


@dataclass
class House:
    """The running service, and people who talk to it."""

    url: str
    issuer: DevIssuer
    client: httpx.AsyncClient
    schedule: Path
    prefix: str
    mongo_uri: str
    kafka_bootstrap: str
    points: list[ClockPoint] = field(default_factory=list)
    _keys: itertools.count[int] = field(default_factory=itertools.count)

    def token(self, subject: str, **changes: Any) -> str:
        claims: dict[str, Any] = {
            "subject": subject,
            "organisation": COURT,
            "roles": ROLES.get(subject, []),
            "scopes": ["intake.*.*"],
            "courts": [COURT],
        }
        return self.issuer.token(**(claims | changes))

    async def send(
        self,
        method: str,
        path: str,
        subject: str,
        body: Any = None,
        *,
        key: str | None = None,
        etag: int | str | None = None,
        **claims: Any,
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token(subject, **claims)}"}
        if method != "GET":
            headers["Idempotency-Key"] = key or f"{subject}-{next(self._keys)}"
        if etag is not None:
            headers["If-Match"] = f'"{etag}"' if isinstance(etag, int) else etag
        return await self.client.request(method, self.url + path, json=body, headers=headers)

    async def post(self, path: str, subject: str, body: Any, **kwargs: Any) -> httpx.Response:
        return await self.send("POST", path, subject, body, **kwargs)

    async def get(self, path: str, subject: str = "u-duty", **kwargs: Any) -> httpx.Response:
        return await self.send("GET", path, subject, **kwargs)

    async def until(self, path: str, reached: Callable[[Any], bool], subject: str = "u-duty") -> Any:
        deadline = time.monotonic() + 20
        response = await self.get(path, subject)
        while time.monotonic() < deadline:
            if response.is_success and reached(response.json()):
                return response.json()
            await asyncio.sleep(0.05)
            response = await self.get(path, subject)
        raise AssertionError(f"{path}: {response.status_code} {response.text[:500]}")

    def move_clock(self, business: datetime) -> None:
        self.points.append(ClockPoint(datetime.now(UTC), business, 0))
        write_schedule(self.schedule, self.points)

    async def decide(self, application_id: str, decision: str = "ACCEPT", **conditions: bool) -> httpx.Response:
        path = f"/v1/enforcement-applications/{application_id}"
        seen = await self.get(path, "u-clerk")
        found = dict.fromkeys(("document_effective", "applicant_entitled", "content_clear", "has_jurisdiction"), True)
        body = {"decision": decision, "conditions": found | conditions}
        return await self.post(f"{path}/decisions", "u-clerk", body, etag=seen.headers["etag"])

    async def registered_case(self, seed: int, **changes: Any) -> dict[str, Any]:
        filed = await self.post("/v1/enforcement-applications", "portal", builders.application(seed, **changes))
        assert filed.status_code == 201, filed.text
        accepted = await self.decide(filed.json()["id"])
        assert accepted.status_code == 201, accepted.text
        case: dict[str, Any] = await self.until(f"/v1/enforcement-cases/{accepted.json()['case_id']}", bool)
        return case
