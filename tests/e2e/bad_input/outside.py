"""The tester outside: sends requests, counts every commit in every database, and says what must not have happened."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from pymongo import MongoClient

from devstack.demo import wages_world as world
from devstack.demo.roles import AGENCY, scopes_of
from tests.e2e.bad_input.letters import Tokens

QUIET_SECONDS = 0.5
HIGHER_COURT = "云03"
"""The court above that of the story: it reviews what the story's court refused."""
AGENCY_SCOPES = ("asset_inquiry.requests.read", "asset_inquiry.requests.write")


@dataclass
class Outside:
    """Knows addresses, a token maker and the databases; nothing of how the house works."""

    urls: Mapping[str, str]
    partners: Mapping[str, str]
    tokens: Tokens
    client: httpx.Client
    mongo: MongoClient[dict[str, Any]]
    keys: itertools.count[int] = field(default_factory=itertools.count)

    def claims(self, who: str, **changes: Any) -> dict[str, Any]:
        """Return the claims of a member of staff, the portal, the operator, the custodian bank, or an agency."""
        known: dict[str, dict[str, Any]] = {
            "portal": {"organisation": "portal", "roles": ["filing_portal"]},
            "operator": {"roles": ["operator"]},
            "bank": {
                "organisation": "custodian",
                "roles": ["custodian_bank"],
                "scopes": ["payments.bank_statements.write"],
            },
            "reviewer": {"roles": ["reviewing_judge"], "organisation": HIGHER_COURT, "courts": [HIGHER_COURT]},
        }
        found: dict[str, Any] = {"organisation": world.COURT, "courts": [world.COURT]}
        if who in world.STAFF:
            found |= {"roles": list(world.STAFF[who][1])}
        elif who in known:
            found |= known[who]
        else:
            scopes = AGENCY if who.startswith("reader") else AGENCY_SCOPES
            found |= {"organisation": who, "agency_id": who, "roles": ["agency"], "scopes": scopes, "courts": []}
        found |= {"scopes": scopes_of(found["roles"])} if "scopes" not in found else {}
        return self.tokens.claims(who, **(found | changes))

    def token(self, who: str, **changes: Any) -> str:
        """Return a token that the services believe."""
        return self.tokens.sign(self.claims(who, **changes))

    def send(
        self,
        method: str,
        url: str,
        *,
        token: str | None,
        body: Any = ...,
        content: bytes | None = None,
        key: str | None = "",
        etag: str | None = None,
        **headers: str,
    ) -> httpx.Response:
        """Send one request as it is. `key=None` leaves the key out, `body=...` the body."""
        sent = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if key is not None:
            sent["Idempotency-Key"] = key or f"outside-{next(self.keys)}"
        if etag is not None:
            sent["If-Match"] = etag
        if content is None and body is not ...:
            content = json.dumps(body).encode()
        return self.client.request(method, url, content=content, headers=sent)

    def get(self, who: str, service: str, path: str, **changes: Any) -> httpx.Response:
        """Read as somebody."""
        return self.send("GET", self.urls[service] + path, token=self.token(who, **changes), key=None)

    def seen(self, who: str, service: str, path: str) -> dict[str, Any]:
        """Read what must be there."""
        answer = self.get(who, service, path)
        assert answer.is_success, f"{path}: {answer.text[:500]}"
        return dict(answer.json())

    def etag(self, who: str, service: str, path: str) -> str:
        """Return the ETag of what must be there."""
        answer = self.get(who, service, path)
        assert answer.is_success, f"{path}: {answer.text[:500]}"
        return answer.headers["etag"]

    def write(
        self, who: str, service: str, path: str, body: Any, *, method: str = "POST", etag: str | None = None
    ) -> dict[str, Any]:
        """Write what must be accepted."""
        answer = self.send(method, self.urls[service] + path, token=self.token(who), body=body, etag=etag)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:600]}"
        return dict(answer.json())

    def written(self) -> dict[str, int]:
        """Count the commits in every database, but for the hourly roots over them, which time alone brings."""
        said = {"stream": {"$not": {"$regex": "^root/"}}}
        return {name: self.mongo[name]["commits"].count_documents(said) for name in self.urls}

    def settle(self, seconds: float = 60) -> dict[str, int]:
        """Wait until everything that was written has arrived everywhere and nothing new is written; the counts."""
        open_work = {"$or": [{"published": False}, {"projected": False}]}
        until, last, since = time.monotonic() + seconds, self.written(), time.monotonic()
        while time.monotonic() < until:
            time.sleep(0.1)
            now = self.written()
            if now != last or any(self.mongo[name]["commits"].find_one(open_work) for name in self.urls):
                last, since = now, time.monotonic()
            elif time.monotonic() - since > QUIET_SECONDS:
                return now
        msg = f"the house does not come to rest: {last}"
        raise AssertionError(msg)

    def refused(self, answer: httpx.Response, status: int, code: str, before: dict[str, int]) -> dict[str, Any]:
        """Return the problem that was answered; nothing may have been written since `before`."""
        told = f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:400]}"
        assert answer.status_code == status, told
        assert answer.headers["content-type"].startswith("application/problem+json"), told
        problem: dict[str, Any] = answer.json()
        assert problem["code"] == code, told
        assert {"type", "title", "status", "detail", "retryable"} <= problem.keys(), told
        assert problem["status"] == status
        assert self.written() == before, f"a refused request wrote something: {told}"
        return problem
