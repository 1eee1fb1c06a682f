"""Bearer tokens: ES256 JWTs verified against the issuer's JWKS, and the development issuer that makes them."""

from __future__ import annotations

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

from libs.evidence.keys import SigningKey, generate_key, jwks
from libs.web.caller import Caller, caller_from
from libs.web.errors import TokenExpired, TokenInvalid
from libs.web.issuer_keys import IssuerKeys

TOKEN_CHARS_MAX: Final = 8192
CACHED_TOKENS_MAX: Final = 4096
LEEWAY_SECONDS: Final = 5
DEV_ISSUER: Final = "https://issuer.zhixing.invalid/dev"
DEV_AUDIENCE: Final = "zhixing"

_REGISTRY = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)


class TokenVerifier:
    """Turns a bearer token into a `Caller`; tokens that verified are remembered until they expire."""

    def __init__(self, jwks: str, issuer: str = DEV_ISSUER, audience: str = DEV_AUDIENCE) -> None:
        """`jwks` is a path or URL; empty means that no token is believed."""
        self._issuer_keys = IssuerKeys(jwks)
        self._configured = bool(jwks)
        self._issuer = issuer
        self._audience = audience
        self._known: OrderedDict[bytes, tuple[float, int, Caller]] = OrderedDict()

    async def verify(self, token: str) -> Caller:
        """Return the caller. Raises `TokenExpired` or `TokenInvalid` (both 401)."""
        if self._configured:
            await self._issuer_keys.keep_fresh()
        digest = hashlib.sha256(token.encode(errors="replace")).digest()
        known = self._known.get(digest)
        if known is not None:
            expires, generation, caller = known
            if expires > time.time() and generation == self._issuer_keys.generation:
                self._known.move_to_end(digest)
                return caller
            del self._known[digest]
        claims = await self._verified(token)
        caller = caller_from(claims)
        self._known[digest] = (float(claims["exp"]) + LEEWAY_SECONDS, self._issuer_keys.generation, caller)
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
            key = await self._issuer_keys.key(header["kid"])
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
