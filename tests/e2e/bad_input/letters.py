"""Tokens and signed messages as the outside world makes them, right and wrong: nothing of the product signs here."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey

ISSUER = "https://issuer.zhixing.invalid/dev"
AUDIENCE = "zhixing"

_REGISTRY = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)


def new_key(kid: str) -> ECKey:
    """Return a fresh private key."""
    return ECKey.import_key({**ECKey.generate_key("P-256").as_dict(private=True), "kid": kid, "alg": "ES256"})


def public_jwk(key: ECKey) -> dict[str, str]:
    """Return the public half as it is registered."""
    return {name: str(value) for name, value in key.as_dict(private=False).items() if isinstance(value, str)}


def signed(
    payload: dict[str, Any], key: ECKey, *, iat: float | None = None, kid: str | None = None, typ: str = "JOSE"
) -> str:
    """Return a compact JWS; `iat` and `kid` can be those of somebody who cheats."""
    header = {"alg": "ES256", "typ": typ, "kid": kid or str(key.kid), "iat": int(iat or time.time())}
    return jws.serialize_compact(header, json.dumps(payload).encode(), key, registry=_REGISTRY)


def unsigned(payload: dict[str, Any], header: dict[str, Any]) -> str:
    """Return what looks like a compact JWS and was signed by nobody (`alg` none)."""
    return (
        ".".join(
            base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, payload)
        )
        + "."
    )


def altered(token: str) -> str:
    """Return the token with another signature of the right length."""
    head, body, mark = token.split(".")
    return f"{head}.{body}.{mark[::-1]}"


@dataclass(frozen=True)
class Tokens:
    """Makes tokens with the issuer's key, or with any other."""

    key: ECKey

    @classmethod
    def of_issuer(cls, jwk: dict[str, Any]) -> Tokens:
        """Sign with the key that the services believe."""
        return cls(ECKey.import_key(jwk))

    def claims(
        self,
        subject: str,
        organisation: str,
        *,
        roles: Iterable[str] = (),
        scopes: Iterable[str] = (),
        courts: Iterable[str] = (),
        agency_id: str | None = None,
        ttl: int = 3600,
        **more: Any,
    ) -> dict[str, Any]:
        """Return the claims of somebody."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "org": organisation,
            "client_id": subject,
            "roles": list(roles),
            "scope": " ".join(scopes),
            "courts": list(courts),
            "agency_id": agency_id,
            "iat": now,
            "exp": now + ttl,
        } | more
        return {name: value for name, value in claims.items() if value is not None}

    def sign(self, claims: dict[str, Any], *, kid: str | None = None) -> str:
        """Return the token of these claims."""
        header = {"alg": "ES256", "typ": "at+jwt", "kid": kid or str(self.key.kid)}
        return jws.serialize_compact(header, json.dumps(claims).encode(), self.key, registry=_REGISTRY)
