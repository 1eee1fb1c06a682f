"""Key sets of the joint-punishment feed: the next one, signed with the root key on a machine that has no network."""

from base64 import urlsafe_b64decode
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from libs.evidence import SignatureInvalid, Signer, Verifier, jwks
from libs.evidence.keys import SigningKey
from libs.foundation.clock import instant_text

KEY_SET_TYPE = "zhixing-key-set+jws"

Jwk = Mapping[str, Any]


class KeySetRefused(Exception):
    """The next set would not be one that a subscriber can walk to."""


def public_half(key: SigningKey) -> dict[str, Any]:
    """Return the public JWK of a key."""
    return dict(jwks([key])["keys"][0])


def newest(folder: Path) -> tuple[int, dict[str, Any]]:
    """Return the number and payload of the newest set, `(0, {})` if there is none.

    Raises `KeySetRefused` where a set does not verify under a root of the one before: nothing is built on it.
    """
    number, said = 0, dict[str, Any]()
    while (path := folder / f"{number + 1}.jws").exists():
        number += 1
        text = path.read_text().strip()
        try:
            # The first set carries the root that signed it; whoever reads it was given that root by hand.
            roots = said["roots"] if said else _unverified(text)["roots"]
            said = Verifier({"keys": roots}).verify(text)
        except (SignatureInvalid, KeyError, IndexError, TypeError, ValueError) as error:
            msg = f"{path.name} does not verify under a root of the set before it"
            raise KeySetRefused(msg) from error
    return number, said


def sign_next(
    folder: Path,
    root: SigningKey,
    *,
    at: datetime,
    heads: Iterable[SigningKey] = (),
    entries: Iterable[SigningKey] = (),
    roots: Iterable[SigningKey] = (),
) -> Path:
    """Write set N+1 and return its file.

    `heads` and `roots`, where any are given, take the place of those before; `entries` are added, for entries that a
    retired key signed are served on. Only public halves are written. Raises `KeySetRefused` if `root` is no root of
    set N, or nothing would sign heads, entries or the set after this one.
    """
    number, before = newest(folder)
    if before and root.kid not in {jwk["kid"] for jwk in before["roots"]}:
        msg = f"the key {root.kid} is no root of set {number}"
        raise KeySetRefused(msg)
    payload = {
        "version": number + 1,
        "roots": _halves(roots) or before.get("roots") or [public_half(root)],
        "head_keys": _halves(heads) or before.get("head_keys", []),
        "entry_keys": _united(before.get("entry_keys", []), _halves(entries)),
        "issued_at": instant_text(at),
    }
    if missing := [name for name in ("head_keys", "entry_keys") if not payload[name]]:
        msg = f"the set would have no {' and no '.join(missing)}"
        raise KeySetRefused(msg)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{number + 1}.jws"
    draft = path.with_suffix(".draft")
    draft.write_text(Signer(root).sign_now(payload, KEY_SET_TYPE))
    draft.replace(path)
    return path


def _halves(keys: Iterable[SigningKey]) -> list[dict[str, Any]]:
    return [public_half(key) for key in keys]


def _united(former: Iterable[Jwk], new: Iterable[Jwk]) -> list[dict[str, Any]]:
    return list({str(jwk["kid"]): dict(jwk) for jwk in (*former, *new)}.values())


def _unverified(text: str) -> dict[str, Any]:
    part = text.split(".")[1]
    return dict(orjson.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))))
