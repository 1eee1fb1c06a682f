"""The issuer's public keys: read when first needed, again when a new name turns up, and again when they grow old."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any, Final

import orjson
from joserfc.errors import JoseError

from libs.evidence.keys import SigningKey, import_key
from libs.telemetry import get_logger
from libs.web.errors import IssuerUnavailable

REFRESH_SECONDS_MIN: Final = 5.0
"""An unknown `kid` makes us ask the issuer again, but a flood of forged ones must not become a flood of questions."""
REFRESH_SECONDS_MAX: Final = 300.0
"""A key that the issuer withdrew is forgotten after this long at the latest."""
TIMEOUT_SECONDS: Final = 5.0

_log = get_logger(__name__)


class IssuerKeys:
    """The ES256 keys of a JWKS document, from a file or a URL, by `kid`."""

    def __init__(self, location: str) -> None:
        """Name a path or an http(s) URL; nothing is read yet."""
        self._location = location
        self._published: list[Any] = []
        self._keys: dict[str, SigningKey] = {}
        self._read_at: float | None = None
        self._ever_read = False
        self._lock = asyncio.Lock()
        self.generation = 0
        """Counts the changes of the keys: what was verified under an earlier generation is verified anew."""

    async def key(self, kid: str) -> SigningKey | None:
        """Return the key of this name, or None if the issuer has none.

        Raises `IssuerUnavailable` (503) while the keys could never be read: that is our trouble, not the token's.
        """
        if kid not in self._keys:
            await self._refresh(REFRESH_SECONDS_MIN)
        if not self._ever_read:
            raise IssuerUnavailable
        return self._keys.get(kid)

    async def keep_fresh(self) -> None:
        """Ask the issuer again if the keys have grown old."""
        await self._refresh(REFRESH_SECONDS_MAX)

    def _age(self) -> float:
        return float("inf") if self._read_at is None else time.monotonic() - self._read_at

    async def _refresh(self, age_min: float) -> None:
        if self._age() <= age_min:
            return
        async with self._lock:
            if self._age() <= age_min:
                return
            try:
                published = (await self._read())["keys"]
                keys = {str(jwk["kid"]): import_key(jwk) for jwk in published if _is_ours(jwk)}
            except (OSError, ValueError, KeyError, TypeError, AttributeError, JoseError) as error:
                # The old keys stay: an issuer that is down for a minute must not lock everybody out.
                _log.warning("jwks_not_read", cause=type(error).__name__)
            else:
                self._ever_read = True
                if published != self._published:
                    self._published, self._keys = published, keys
                    self.generation += 1
            self._read_at = time.monotonic()

    async def _read(self) -> dict[str, Any]:
        if not self._location.startswith(("http://", "https://")):
            return dict(orjson.loads(await asyncio.to_thread(Path(self._location).read_bytes)))
        import httpx  # noqa: PLC0415 -- only a URL needs an HTTP client in a process that otherwise has none

        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
                response = await client.get(self._location)
                response.raise_for_status()
        except httpx.HTTPError as error:
            raise OSError(str(error)) from error
        return dict(orjson.loads(response.content))


def _is_ours(jwk: dict[str, Any]) -> bool:
    return jwk.get("kty") == "EC" and jwk.get("crv") == "P-256" and isinstance(jwk.get("kid"), str)
