"""Key sets: numbered, each signed by a root of the one before: who slept through rotations walks the chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from zhixing_feed import fields
from zhixing_feed.alarms import AlarmCode, FeedFault
from zhixing_feed.jws import KeyRing, NotVerified, unverified_claims

KEY_SET_TYPE = "zhixing-key-set+jws"


@dataclass(frozen=True, slots=True)
class KeySet:
    """One key set that verified: who may sign the next set, heads, and entries."""

    version: int
    text: str
    roots: KeyRing
    heads: KeyRing
    entries: KeyRing


def read_key_set(text: str, version: int, roots: KeyRing) -> KeySet:
    """Return key set `version` if a root of its predecessor (or the given one) signed it. Raises `FeedFault`."""
    try:
        claims = roots.verified(text.strip(), KEY_SET_TYPE).claims
        fields.exactly(claims, "version", version)
        made = _made(claims, text.strip())
    except (NotVerified, fields.FieldWrong) as error:
        raise FeedFault(AlarmCode.KEY_CHAIN_BROKEN, f"key set {version}: {error}", version=version) from error
    if not (len(made.roots) and len(made.heads) and len(made.entries)):
        raise FeedFault(AlarmCode.KEY_CHAIN_BROKEN, f"key set {version} lacks a kind of key", version=version)
    return made


def trusted_key_set(text: str, version: int) -> KeySet:
    """Return a key set from the own copy, which verified when it was stored."""
    claims = unverified_claims(text)
    if claims.get("version") != version:
        raise FeedFault(AlarmCode.COPY_DAMAGED, f"the stored key set {version} is another one")
    return _made(claims, text)


def root_ring(root_keys: Iterable[Mapping[str, Any]]) -> KeyRing:
    """Return the roots that were given by hand. Raises `ValueError` if none is usable."""
    ring = KeyRing(root_keys)
    if not len(ring):
        raise ValueError("a subscriber needs a root key that it was given by hand")
    return ring


def _made(claims: dict[str, Any], text: str) -> KeySet:
    rings = (KeyRing(fields.objects(claims, name)) for name in ("roots", "head_keys", "entry_keys"))
    return KeySet(claims["version"], text, *rings)
