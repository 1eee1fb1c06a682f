"""An agency's line to the court: it pulls, verifies what the court signed, and sends signed answers until heard."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from typing import Any

import httpx

from libs.evidence import Signer, Verifier
from libs.foundation.canonical import canonical_bytes, sha256_hex
from libs.testing.simulators.agency_books import AgencyBooks
from libs.testing.simulators.world import World

RETRY_SECONDS = 0.5
UNHEARD = frozenset({429, 500, 502, 503, 504})
NOT_SIGNED = frozenset({"content_sha256", "signature", "state", "reminders"})
"""Fields beside the signed content in the answer that shows a request."""


class AgencyLine:
    """Speaks the public API with the agency's own token and key, and nothing else."""

    def __init__(self, world: World, agency_id: str, signer: Signer, books: AgencyBooks) -> None:
        """Messages are kept in the books before they are sent, so that a repeat is the same to the byte."""
        self._world = world
        self._agency_id = agency_id
        self._signer = signer
        self._books = books
        self._client = httpx.AsyncClient(timeout=45.0)
        self._etag: str | None = None

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()

    async def register_key(self) -> None:
        """Register the public key; an agency that is not connected yet tries again."""
        jwk = self._signer.jwks()["keys"][0]
        body = {"jwk": {name: value for name, value in jwk.items() if isinstance(value, str)}}
        while True:
            response = await self._call("PUT", f"/v1/agencies/me/keys/{self._signer.kid}", json=body)
            if response.is_success:
                return
            await asyncio.sleep(RETRY_SECONDS)

    async def pull(self, wait: int) -> list[dict[str, Any]] | None:
        """Wait for the queue to change; return what is pending, or None if nothing changed."""
        headers = {"If-None-Match": self._etag} if self._etag else {}
        response = await self._call(
            "GET", "/v1/assistance-requests", params={"status": "PENDING", "wait": wait}, headers=headers
        )
        if response.status_code == httpx.codes.NOT_MODIFIED:
            return None
        response.raise_for_status()
        self._etag = response.headers.get("etag")
        return list(response.json()["items"])

    async def request(self, request_id: str) -> dict[str, Any]:
        """Fetch a request and check the court's signature over its content. Raises `SignatureInvalid`."""
        shown = await self._read(f"/v1/assistance-requests/{request_id}")
        content = {name: value for name, value in shown.items() if name not in NOT_SIGNED}
        jwks = await self._read("/.well-known/jwks.json")
        signed = Verifier(jwks).verify(shown["signature"])
        if signed != content or sha256_hex(canonical_bytes(content)) != shown["content_sha256"]:
            msg = f"{shown['request_number']}: the signed content is not what is shown"
            raise ValueError(msg)
        return shown

    async def paper(self, request_id: str, n: int) -> bytes:
        """Fetch the text of a paper."""
        shown = await self._read(f"/v1/assistance-requests/{request_id}/documents/{n}")
        return base64.b64decode(shown["content"])

    async def officers(self, request_id: str) -> list[dict[str, Any]]:
        """Fetch the officers' credentials, signed by the court."""
        shown = await self._read(f"/v1/assistance-requests/{request_id}/officers")
        Verifier(await self._read("/.well-known/jwks.json")).verify(shown["signature"])
        return list(shown["officers"])

    async def send(
        self, what: str, kind: str, request: Mapping[str, Any], body: Mapping[str, Any], *, name: str
    ) -> httpx.Response:
        """Send a signed message once it is written; the very same again until the court answers."""
        key = f"{self._agency_id}-{request['request_number']}-{name}"
        path = f"/v1/assistance-requests/{request['id']}/{what}"
        letter = self._books.letter(key)
        if letter is None:
            payload = {
                "kind": kind,
                "request_number": request["request_number"],
                "request_sha256": request["content_sha256"],
                "body": dict(body),
            }
            self._books.write(key, path, {**body, "signature": await self._signer.sign(payload)})
            letter = self._books.letter(key)
            assert letter is not None
        return await self.post(key, path, letter["body"])

    async def post(self, key: str, path: str, body: Mapping[str, Any]) -> httpx.Response:
        """Post until the court answers, with the same key."""
        while True:
            response = await self._call("POST", path, json=body, headers={"Idempotency-Key": key})
            if response.status_code not in UNHEARD:
                code = None if response.is_success else str(response.json().get("code"))
                self._books.answered(key, response.status_code, code)
                return response
            await asyncio.sleep(RETRY_SECONDS)

    async def _read(self, path: str) -> dict[str, Any]:
        while True:
            response = await self._call("GET", path)
            if response.status_code not in UNHEARD:
                response.raise_for_status()
                return dict(response.json())
            await asyncio.sleep(RETRY_SECONDS)

    async def _call(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        token = self._world.issuer.token(
            subject=f"{self._agency_id}-adapter",
            organisation=self._agency_id,
            roles=["agency"],
            scopes=["asset_inquiry.requests.read", "asset_inquiry.requests.write"],
            agency_id=self._agency_id,
        )
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"{self._agency_id}-{path}"}
        headers |= kwargs.pop("headers", {})
        while True:
            try:
                return await self._client.request(
                    method, self._world.services["asset_inquiry"] + path, headers=headers, **kwargs
                )
            except httpx.TransportError:
                # The court is down for a moment; the agency keeps its side and tries again.
                await asyncio.sleep(RETRY_SECONDS)
