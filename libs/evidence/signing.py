"""Compact JWS over canonical bytes: requests to agencies, their answers, receipts.

`alg` is data of the key; keys rotate by `kid`: a verifier keeps the old public keys as long as old papers must verify.
Signing is arithmetic of a tenth of a millisecond and more, so it runs in a thread and never holds up the event loop.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError

from libs.evidence.keys import ALGORITHMS, SigningKey, algorithm_of, import_key, jwks, load_key
from libs.foundation.canonical import canonical_bytes
from libs.foundation.errors import Refused

_REGISTRY = jws.JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)


class SignatureInvalid(Refused):
    """The signature does not verify: altered, forged, or made with a key that is not the author's."""

    code = "signature_invalid"
    title = "The signature does not verify"
    remedy = "Sign the exact bytes with the key registered under the `kid` of the header."


class Signer:
    """Signs with one key at a time; `rotate` brings the next one while the old public half stays in the JWKS."""

    def __init__(
        self,
        key: Path | str | Mapping[str, Any] | SigningKey,
        kid: str | None = None,
        *,
        retired: Mapping[str, Any] | None = None,
    ) -> None:
        """Take a JWK file, a JWK mapping or a key; `kid` overrides the name in the key.

        `retired` is a JWKS of public keys that signed before this process began; they stay in `jwks`.
        """
        self._key = _named(key, kid)
        former = [import_key(jwk) for jwk in (retired or {}).get("keys", [])]
        self._retired = {str(each.kid or each.thumbprint()): each for each in former}

    @property
    def kid(self) -> str:
        """The name of the key that signs now."""
        return str(self._key.kid)

    def rotate(self, key: Path | str | Mapping[str, Any] | SigningKey, kid: str | None = None) -> None:
        """Sign with another key from now on; what the former one signed still verifies."""
        self._retired[self.kid] = self._key
        self._key = _named(key, kid)

    async def sign(self, payload: Mapping[str, Any], typ: str = "JOSE") -> str:
        """Return the compact JWS of the canonical bytes of `payload`, signed off the event loop.

        Raises `ValueError` for a payload that has no canonical form (floats, keys that are not ASCII).
        """
        return await asyncio.to_thread(self.sign_now, payload, typ)

    def sign_now(self, payload: Mapping[str, Any], typ: str = "JOSE") -> str:
        """Sign in the calling thread: for commands and tests. `iat` in the header is real time."""
        header = {"alg": algorithm_of(self._key), "typ": typ, "kid": self.kid, "iat": int(time.time())}
        return jws.serialize_compact(header, canonical_bytes(dict(payload)), self._key, registry=_REGISTRY)

    def jwks(self) -> dict[str, Any]:
        """Return the public keys, the present one first, then those that signed before."""
        former = {kid: key for kid, key in self._retired.items() if kid != self.kid}
        return jwks([self._key, *former.values()])


class Verifier:
    """Verifies against the public keys of a JWKS document; an unknown `kid` and a strange `alg` are refused."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Take a JWKS document (`{"keys": […]}`). Keys of types that we do not use are ignored."""
        self._keys: dict[str, SigningKey] = {}
        for jwk in document.get("keys", []):
            if jwk.get("kty") in ("EC", "OKP"):
                key = import_key(jwk)
                self._keys[str(key.kid or key.thumbprint())] = key

    def verify(self, token: str) -> dict[str, Any]:
        """Return the payload of a compact JWS. Raises `SignatureInvalid` for anything that does not verify."""
        return self.opened(token)[1]

    def opened(self, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return `(header, payload)` of a compact JWS that verifies. Raises `SignatureInvalid`."""
        try:
            header = jws.extract_compact(token.encode()).headers()
            key = self._keys.get(str(header.get("kid")))
            if key is None:
                raise SignatureInvalid("The key named by `kid` is not registered.", field="kid")
            if header.get("alg") != algorithm_of(key):
                raise SignatureInvalid("The algorithm is not that of the key.", field="alg")
            opened = jws.deserialize_compact(token, key, registry=_REGISTRY)
            payload = orjson.loads(opened.payload)
        except (JoseError, ValueError, TypeError, AttributeError) as error:
            raise SignatureInvalid("The signature does not verify.") from error
        if not isinstance(payload, dict):
            raise SignatureInvalid("The payload is not a JSON object.")
        return dict(header), payload

    async def verify_async(self, token: str) -> dict[str, Any]:
        """Verify off the event loop."""
        return await asyncio.to_thread(self.verify, token)


def _named(key: Path | str | Mapping[str, Any] | SigningKey, kid: str | None) -> SigningKey:
    loaded = load_key(key) if isinstance(key, Path | str | Mapping) else key
    name = kid or loaded.kid or loaded.thumbprint()
    return import_key({**loaded.as_dict(private=True), "kid": name})
