"""The people of a story: each acts only through the public API, with a token of their own.

They behave as careful clients do: every write has an idempotency key, and when a service is down or answers 503 the
very same request is sent again with the same key. That is why a story survives the killing of any service.
"""

from __future__ import annotations

import asyncio
import itertools
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx

PATIENCE_SECONDS = 60.0
"""How long a person repeats a request that gets no answer, in real seconds."""


class StoryStopped(Exception):
    """A step of the story did not go as the law and the script say it must."""


@dataclass
class Town:
    """Where the services of this run answer."""

    urls: dict[str, str]
    client: httpx.AsyncClient


@dataclass
class Person:
    """Somebody with a name and a token, who writes and reads through the API."""

    town: Town
    name: str
    subject: str
    token: str
    _keys: itertools.count[int] = field(default_factory=itertools.count)
    _run: str = field(default_factory=lambda: uuid.uuid4().hex[:12])

    async def post(
        self, service: str, path: str, body: dict[str, Any], *, etag: str | None = None, method: str = "POST"
    ) -> httpx.Response:
        """Write once, whatever happens on the way: the same key until there is an answer."""
        headers = {"Idempotency-Key": f"{self.subject}-{self._run}-{next(self._keys)}"}
        if etag is not None:
            headers["If-Match"] = etag
        return await self._send(method, service, path, json=body, headers=headers)

    async def get(self, service: str, path: str, **params: str) -> httpx.Response:
        """Read."""
        return await self._send("GET", service, path, params=params)

    async def expect(self, service: str, path: str, body: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Write, and stop the story unless it is accepted."""
        response = await self.post(service, path, body, **kwargs)
        return accepted(response, f"{self.name}: {path}")

    async def see(self, service: str, path: str, **params: str) -> dict[str, Any]:
        """Read, and stop the story unless it is there."""
        return accepted(await self.get(service, path, **params), f"{self.name}: {path}")

    async def change(self, service: str, shown: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Read `shown` for its ETag, then write `path` with it; read again if somebody was quicker."""
        for _ in range(20):
            seen = await self.get(service, shown)
            accepted(seen, f"{self.name}: {shown}")
            response = await self.post(service, path, body, etag=seen.headers["etag"])
            if response.status_code != httpx.codes.PRECONDITION_FAILED:
                return accepted(response, f"{self.name}: {path}")
        msg = f"{self.name}: {path} kept changing under their hands"
        raise StoryStopped(msg)

    async def wait_for(
        self, service: str, path: str, done: str, reached: Any, *, seconds: float = PATIENCE_SECONDS, **params: str
    ) -> dict[str, Any]:
        """Read until `reached(body)` is true; `done` says in words what was waited for."""
        deadline = asyncio.get_running_loop().time() + seconds
        last: dict[str, Any] = {}
        while asyncio.get_running_loop().time() < deadline:
            response = await self.get(service, path, **params)
            if response.is_success:
                last = dict(response.json())
                if reached(last):
                    return last
            await asyncio.sleep(0.15)
        msg = f"{self.name} waited {seconds:.0f} s in vain for: {done}; last seen: {str(last)[:600]}"
        raise StoryStopped(msg)

    async def _send(self, method: str, service: str, path: str, **kwargs: Any) -> httpx.Response:
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        headers = {"Authorization": f"Bearer {self.token}"} | kwargs.pop("headers", {})
        while True:
            try:
                response = await self.town.client.request(
                    method, self.town.urls[service] + path, headers=headers, **kwargs
                )
            except httpx.TransportError:
                response = None
            if response is not None and response.status_code not in {429, 503}:
                return response
            if asyncio.get_running_loop().time() > deadline:
                answer = "no answer" if response is None else f"{response.status_code} {response.text[:300]}"
                msg = f"{self.name}: {service}{path} got {answer} for {PATIENCE_SECONDS:.0f} s"
                raise StoryStopped(msg)
            await asyncio.sleep(0.3)


def accepted(response: httpx.Response, what: str) -> dict[str, Any]:
    """Return the body of a successful answer; stop the story at any other."""
    if not response.is_success:
        msg = f"{what} was answered {response.status_code}: {response.text[:800]}"
        raise StoryStopped(msg)
    return dict(response.json())
