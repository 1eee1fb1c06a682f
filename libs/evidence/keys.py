"""Signing keys: JWK files, named by `kid`; which algorithm a key signs with is data in the key itself."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

SigningKey = ECKey | OKPKey

ALGORITHMS: Final[Mapping[str, tuple[str, str]]] = {
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "Ed25519": ("OKP", "Ed25519"),
}
"""Algorithms we sign and verify with, and the key type and curve each needs. `none` and HMAC are not among them."""


def new_key(alg: str = "ES256", kid: str | None = None) -> SigningKey:
    """Return a fresh private key; without a `kid` it is named by its RFC 7638 thumbprint."""
    kind, curve = ALGORITHMS[alg]
    key: SigningKey = (
        ECKey.generate_key(curve, {"alg": alg, "use": "sig"})
        if kind == "EC"
        else OKPKey.generate_key(curve, {"alg": alg, "use": "sig"})  # type: ignore[arg-type]
    )
    return import_key({**key.as_dict(private=True), "kid": kid or key.thumbprint()})


def import_key(jwk: Mapping[str, Any]) -> SigningKey:
    """Return the key of a JWK, public or private. Raises `ValueError` for what is none, and for types we do not use."""
    try:
        match jwk.get("kty"):
            case "EC":
                return ECKey.import_key(dict(jwk))
            case "OKP":
                return OKPKey.import_key(dict(jwk))
    except JoseError as error:
        msg = f"this is no key: {error}"
        raise ValueError(msg) from error
    msg = f"a key of type {jwk.get('kty')!r} is not used here"
    raise ValueError(msg)


def algorithm_of(key: SigningKey) -> str:
    """Return the algorithm a key signs with: what it says itself, else what its curve means."""
    if key.alg:
        return str(key.alg)
    curve = key.get("crv")
    return next(alg for alg, (_, known) in ALGORITHMS.items() if known == curve)


def generate_key(path: Path | str, alg: str = "ES256", kid: str | None = None) -> SigningKey:
    """Write a fresh private key to `path`, readable by its owner only, and return it. An existing file is kept."""
    target = Path(path)
    if target.exists():
        return load_key(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    key = new_key(alg, kid)
    draft = target.with_name(f"{target.name}.{secrets.token_hex(6)}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(orjson.dumps(key.as_dict(private=True), option=orjson.OPT_INDENT_2))
    try:
        os.link(draft, target)
    except FileExistsError:
        # Two processes asked at once: the first key stays, or the second would not verify what the first signed.
        return load_key(target)
    finally:
        draft.unlink()
    return key


def load_key(source: Path | str | Mapping[str, Any]) -> SigningKey:
    """Return the key of a JWK file or mapping. Raises `OSError` or `ValueError`."""
    return import_key(source if isinstance(source, Mapping) else orjson.loads(Path(source).read_bytes()))


def jwks(keys: Iterable[SigningKey]) -> dict[str, Any]:
    """Return the JWKS document of the public halves, as `/.well-known/jwks.json` serves it."""
    return {"keys": [{**key.as_dict(private=False), "kid": key.kid, "alg": algorithm_of(key)} for key in keys]}
