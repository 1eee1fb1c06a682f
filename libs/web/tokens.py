"""Bearer tokens: ES256 JWTs verified against the issuer's JWKS, and the development issuer that makes them."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from libs.evidence.keys import SigningKey, generate_key, import_key, jwks
from libs.telemetry import get_logger
from libs.web.caller import Caller, caller_from
from libs.web.errors import TokenExpired, TokenInvalid

TOKEN_CHARS_MAX: Final = 8192
CACHED_TOKENS_MAX: Final = 4096
REFRESH_SECONDS_MIN: Final = 5.0
"""An unknown `kid` makes us ask the issuer again, but a flood of forged ones must not become a flood of questions."""
REFRESH_SECONDS_MAX: Final = 300.0
"""A key that the issuer withdrew is forgotten after this long at the latest."""
LEEWAY_SECONDS: Final = 5
DEV_ISSUER: Final = "https://issuer.zhixing.invalid/dev"
DEV_AUDIENCE: Final = "zhixing"

_REGISTRY = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
_log = get_logger(__name__)


class KeySource:
    """The issuer's public keys, from a file or a URL, by `kid`."""

    def __init__(self, location: str) -> None:
        """Name a path or an http(s) URL; nothing is read yet."""
        self._location = location
        self._keys: dict[str, SigningKey] = {}
        self._loaded_at = -REFRESH_SECONDS_MAX
        self._lock = asyncio.Lock()
        self.generation = 0

    async def key(self, kid: str) -> SigningKey | None:
        """Return the key of this name; asks the issuer again if it is not known or if the keys are old."""
        age = time.monotonic() - self._loaded_at
        if age > REFRESH_SECONDS_MAX or (kid not in self._keys and age > REFRESH_SECONDS_MIN):
            await self._refresh()
        return self._keys.get(kid)

    async def _refresh(self) -> None:
        async with self._lock:
            if time.monotonic() - self._loaded_at <= REFRESH_SECONDS_MIN:
                return
            try:
                document = await self._read()
                keys = {
                    str(jwk["kid"]): import_key(jwk)
                    for jwk in document["keys"]
                    if jwk.get("kty") == "EC" and jwk.get("crv") == "P-256" and jwk.get("kid")
                }
            except (OSError, ValueError, KeyError, TypeError, AttributeError, JoseError) as error:
                # The old keys stay: an issuer that is down for a minute must not lock everybody out.
                _log.warning("jwks_not_read", cause=type(error).__name__)
            else:
                if set(keys) != set(self._keys):
                    self.generation += 1
                self._keys = keys
            self._loaded_at = time.monotonic()

    async def _read(self) -> dict[str, Any]:
        if not self._location.startswith(("http://", "https://")):
            return dict(orjson.loads(await asyncio.to_thread(Path(self._location).read_bytes)))
        import httpx  # noqa: PLC0415 -- only a URL needs an HTTP client in a process that otherwise has none

        try:
            async with httpx.AsyncClient(timeout=5.0) as client:
                response = await client.get(self._location)
                response.raise_for_status()
        except httpx.HTTPError as error:
            raise OSError(str(error)) from error
        return dict(orjson.loads(response.content))


class TokenVerifier:
    """Turns a bearer token into a `Caller`; tokens that verified are remembered until they expire."""

    def __init__(self, jwks: str, issuer: str = DEV_ISSUER, audience: str = DEV_AUDIENCE) -> None:
        """`jwks` is a path or URL; empty means that no token is believed."""
        self._source = KeySource(jwks)
        self._configured = bool(jwks)
        self._issuer = issuer
        self._audience = audience
        self._known: OrderedDict[bytes, tuple[float, int, Caller]] = OrderedDict()

    async def verify(self, token: str) -> Caller:
        """Return the caller. Raises `TokenExpired` or `TokenInvalid` (both 401)."""
        digest = hashlib.sha256(token.encode(errors="replace")).digest()
        known = self._known.get(digest)
        if known is not None:
            expires, generation, caller = known
            if expires > time.time() and generation == self._source.generation:
                self._known.move_to_end(digest)
                return caller
            del self._known[digest]
        claims = await self._verified(token)
        caller = caller_from(claims)
        self._known[digest] = (float(claims["exp"]) + LEEWAY_SECONDS, self._source.generation, caller)
        while len(self._known) > CACHED_TOKENS_MAX:
            self._known.popitem(last=False)
        return caller

    async def _verified(self, token: str) -> Mapping[str, Any]:
        if not self._configured or len(token) > TOKEN_CHARS_MAX or not token.isascii():
            raise TokenInvalid
        try:
            header = jws.extract_compact(token.encode()).headers()
            # The algorithm is ours, not the token's: `none` and an HMAC made with our public key end here.
            if header.get("alg") != "ES256" or not isinstance(header.get("kid"), str):
                raise TokenInvalid("Only ES256 tokens with a `kid` are read.")
            key = await self._source.key(header["kid"])
            if not isinstance(key, ECKey):
                raise TokenInvalid("The token's key is not the issuer's.")
            claims = orjson.loads(jws.deserialize_compact(token, key, registry=_REGISTRY).payload)
        except (JoseError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise TokenInvalid("The token is malformed or forged.") from error
        if not isinstance(claims, dict):
            raise TokenInvalid
        self._check_claims(claims)
        return claims

    def _check_claims(self, claims: Mapping[str, Any]) -> None:
        audience = claims.get("aud")
        if claims.get("iss") != self._issuer:
            raise TokenInvalid("The token is from another issuer.")
        if self._audience not in (audience if isinstance(audience, list) else [audience]):
            raise TokenInvalid("The token is for another audience.")
        now = time.time()
        expires, not_before = _seconds(claims.get("exp")), _seconds(claims.get("nbf", 0))
        if expires + LEEWAY_SECONDS <= now:
            raise TokenExpired
        if not_before - LEEWAY_SECONDS > now:
            raise TokenInvalid("The token is not valid yet.")


class DevIssuer:
    """The development issuer: its key is a file, its tokens are as real as any. Production takes an OIDC issuer."""

    def __init__(self, key: Path | str | SigningKey, *, issuer: str = DEV_ISSUER, audience: str = DEV_AUDIENCE) -> None:
        """Take a key, or the path of one; a file that does not exist yet is made."""
        self._key = generate_key(key) if isinstance(key, Path | str) else key
        self._issuer = issuer
        self._audience = audience

    def token(  # noqa: PLR0913 -- a token has this many claims, all given by name
        self,
        *,
        subject: str,
        organisation: str,
        roles: Iterable[str] = (),
        scopes: Iterable[str] = (),
        courts: Iterable[str] = (),
        agency_id: str | None = None,
        client_id: str | None = None,
        name: str | None = None,
        ttl_seconds: int = 3600,
        **more: Any,
    ) -> str:
        """Return a signed token that is valid from now for `ttl_seconds` of real time (negative: expired already)."""
        now = int(time.time())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": subject,
            "org": organisation,
            "client_id": client_id or subject,
            "roles": sorted(roles),
            "scope": " ".join(sorted(scopes)),
            "courts": sorted(courts),
            "agency_id": agency_id,
            "name": name,
            "iat": now,
            "exp": now + ttl_seconds,
            "jti": secrets.token_hex(8),
            **more,
        }
        header = {"alg": "ES256", "typ": "at+jwt", "kid": str(self._key.kid)}
        present = {claim: value for claim, value in claims.items() if value is not None}
        return jws.serialize_compact(header, orjson.dumps(present), self._key, registry=_REGISTRY)

    def jwks(self) -> dict[str, Any]:
        """Return the public keys for `WebSettings.jwks`."""
        return jwks([self._key])

    def write_jwks(self, path: Path) -> Path:
        """Write the JWKS document so that a reader never sees half of it, and return its path."""
        draft = path.with_suffix(".draft")
        draft.write_bytes(orjson.dumps(self.jwks()))
        return draft.replace(path)


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenInvalid("The token's times are not numbers.")
    return value
