"""Compact JWS with the algorithms that keys of a key set may name: verify first, read afterwards."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

_CURVES: Final[Mapping[str, tuple[str, ec.EllipticCurve, hashes.HashAlgorithm, int]]] = {
    "P-256": ("ES256", ec.SECP256R1(), hashes.SHA256(), 32),
    "P-384": ("ES384", ec.SECP384R1(), hashes.SHA384(), 48),
}


class NotVerified(ValueError):
    """A JWS that is malformed, of another type, by a key that is not among those asked for, or altered."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A JWS that verified: its text, its exact payload bytes, and what they say."""

    text: str
    payload: bytes
    claims: dict[str, Any]
    kid: str

    @property
    def sha256(self) -> bytes:
        """SHA-256 of the payload bytes; what the set digest counts."""
        return hashlib.sha256(self.payload).digest()

    @property
    def text_sha256(self) -> str:
        """SHA-256 of the JWS's text in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class PublicKey:
    """The public half of a JWK: EC P-256 and P-384, Ed25519."""

    def __init__(self, jwk: Mapping[str, Any]) -> None:
        """Raises `ValueError` for a key of another kind or without a point on its curve."""
        self.kid = str(jwk.get("kid") or thumbprint(jwk))
        self._key: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
        if jwk.get("kty") == "EC" and jwk.get("crv") in _CURVES:
            self.alg, curve, self._hash, self._size = _CURVES[jwk["crv"]]
            x, y = (int.from_bytes(unbase64(str(jwk[part])), "big") for part in ("x", "y"))
            self._key = ec.EllipticCurvePublicNumbers(x, y, curve).public_key()
        elif jwk.get("kty") == "OKP" and jwk.get("crv") == "Ed25519":
            self.alg = "Ed25519"
            self._key = ed25519.Ed25519PublicKey.from_public_bytes(unbase64(str(jwk["x"])))
        else:
            raise ValueError(f"a key of kind {jwk.get('kty')!r} {jwk.get('crv')!r} is not used here")

    def verifies(self, signature: bytes, signed: bytes) -> bool:
        """Whether the signature is this key's over these bytes."""
        try:
            if isinstance(self._key, ed25519.Ed25519PublicKey):
                self._key.verify(signature, signed)
                return True
            if len(signature) != 2 * self._size:
                return False
            r, s = (int.from_bytes(part, "big") for part in (signature[: self._size], signature[self._size :]))
            self._key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(self._hash))
            return True
        except InvalidSignature:
            return False


class PrivateKey:
    """A private JWK (EC P-256 or P-384) that signs positions; a publisher in a test signs everything with it."""

    def __init__(self, jwk: Mapping[str, Any]) -> None:
        """Raises `ValueError` for a key of another kind."""
        if jwk.get("kty") != "EC" or jwk.get("crv") not in _CURVES:
            raise ValueError("positions are signed with an EC key")
        self.alg, curve, self._hash, self._size = _CURVES[jwk["crv"]]
        self._key = ec.derive_private_key(int.from_bytes(unbase64(str(jwk["d"])), "big"), curve)
        self.kid = str(jwk.get("kid") or thumbprint(jwk))

    def sign(self, payload: Mapping[str, Any] | bytes, typ: str) -> str:
        """Return the compact JWS of a payload."""
        body = payload if isinstance(payload, bytes) else as_json(payload)
        signing = f"{base64url(as_json({'alg': self.alg, 'kid': self.kid, 'typ': typ}))}.{base64url(body)}"
        r, s = decode_dss_signature(self._key.sign(signing.encode(), ec.ECDSA(self._hash)))
        return f"{signing}.{base64url(r.to_bytes(self._size, 'big') + s.to_bytes(self._size, 'big'))}"


class KeyRing:
    """Public keys by `kid`. Keys of kinds that are not used here are passed over, so that a set may name newer ones."""

    def __init__(self, keys: Iterable[Mapping[str, Any]]) -> None:
        """Take JWKs."""
        self._keys: dict[str, PublicKey] = {}
        for jwk in keys:
            try:
                key = PublicKey(jwk)
            except (KeyError, ValueError):
                continue
            self._keys[key.kid] = key

    def __len__(self) -> int:
        return len(self._keys)

    def verified(self, text: str, typ: str) -> Signed:
        """Return the JWS if a key of this ring signed it as `typ`. Raises `NotVerified`."""
        header, payload, signature, signing = _parts(text)
        if header.get("typ") != typ:
            raise NotVerified(f"a {typ} was expected, not a {header.get('typ')}")
        if "crit" in header:
            raise NotVerified("its header asks for what is not known here")
        key = self._keys.get(str(header.get("kid")))
        if key is None:
            raise NotVerified(f"key {header.get('kid')!r} may not sign a {typ}")
        if header.get("alg") != key.alg and (header.get("alg"), key.alg) != ("EdDSA", "Ed25519"):
            raise NotVerified("its algorithm is not that of its key")
        if not key.verifies(signature, signing):
            raise NotVerified("its signature does not fit")
        return Signed(text, payload, _claims(payload), key.kid)


def unverified_claims(text: str) -> dict[str, Any]:
    """Return what a JWS says without believing it: a head says which key set it needs before it can be verified."""
    return _claims(_parts(text)[1])


def payload_of(text: str) -> bytes:
    """Return the payload bytes of a JWS that was verified when it was stored."""
    return unbase64(text.split(".", 2)[1])


def as_json(value: Any) -> bytes:
    """Return compact UTF-8 JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """Return the RFC 7638 name of a key that has no `kid`."""
    members = {name: jwk[name] for name in ("crv", "kty", "x", "y") if name in jwk}
    return base64url(hashlib.sha256(json.dumps(members, sort_keys=True, separators=(",", ":")).encode()).digest())


def base64url(raw: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unbase64(text: str) -> bytes:
    """Return the bytes of base64url without padding; only its one canonical spelling. Raises `ValueError`."""
    try:
        raw = base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    if base64url(raw) != text:
        raise ValueError("not the canonical base64url")
    return raw


def without_floats(text: bytes | str) -> Any:
    """Return parsed JSON; a number with a fraction is refused, because its text has no one meaning. `ValueError`."""
    return json.loads(text, parse_float=_refuse, parse_constant=_refuse)


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} has no place in a signed payload")


def _parts(text: str) -> tuple[dict[str, Any], bytes, bytes, bytes]:
    try:
        head, body, tail = text.split(".")
        header, payload, signature = without_floats(unbase64(head)), unbase64(body), unbase64(tail)
    except (ValueError, RecursionError) as error:
        raise NotVerified("it is no compact JWS") from error
    if not isinstance(header, dict):
        raise NotVerified("its header is no object")
    return header, payload, signature, f"{head}.{body}".encode()


def _claims(payload: bytes) -> dict[str, Any]:
    try:
        claims = without_floats(payload)
    except (ValueError, RecursionError) as error:
        raise NotVerified("its payload is no JSON") from error
    if not isinstance(claims, dict):
        raise NotVerified("its payload is no object")
    return claims
