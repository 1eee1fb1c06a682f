"""Hash chains and signatures, computed a second time from RFC 6962, RFC 8785, RFC 7515 and nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

HEADER = ("_id", "stream", "version", "court", "key", "at", "seq", "count", "prev_hash", "entries_root")
NOTHING_BEFORE = "0" * 64
ES256_PART_BYTES = 32


def canonical(value: Any) -> bytes:
    """Return RFC 8785 bytes of a value without floats: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash of RFC 6962."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + tree_hash(leaves[:split]) + tree_hash(leaves[split:])).digest()


def chain_faults(commits: Iterable[dict[str, Any]]) -> list[str]:
    """Return what is wrong with the chains of a service's commits; an empty list means that all are whole."""
    faults: list[str] = []
    heads: dict[str, dict[str, Any]] = {}
    for commit in sorted(commits, key=lambda one: (one["stream"], one["version"])):
        before = heads.get(commit["stream"])
        name = commit["_id"]
        if commit["version"] != (before["version"] + 1 if before else 1):
            faults.append(f"{name}: a version is missing before it")
        if commit["prev_hash"] != (before["hash"] if before else NOTHING_BEFORE):
            faults.append(f"{name}: not chained to the commit before it")
        root = tree_hash([hashlib.sha256(canonical(entry)).digest() for entry in commit["entries"]]).hex()
        if root != commit["entries_root"]:
            faults.append(f"{name}: its entries are not those that were hashed")
        if hashlib.sha256(canonical({field: commit[field] for field in HEADER})).hexdigest() != commit["hash"]:
            faults.append(f"{name}: its header is not the one that was hashed")
        numbers = [event["seq"] for entry in commit["entries"] for event in entry["events"]]
        first = (before["seq"] if before else 0) + 1
        if numbers != list(range(first, first + len(numbers))):
            faults.append(f"{name}: a gap in seq")
        heads[commit["stream"]] = commit
    return faults


def signature_holds(token: str, keys: Iterable[dict[str, Any]]) -> bool:
    """Return whether a compact ES256 JWS was made by one of these public keys (the one that its `kid` names)."""
    try:
        head, body, mark = token.split(".")
        header = json.loads(_decoded(head))
        raw = _decoded(mark)
        jwk = next(key for key in keys if key.get("kid") == header["kid"])
        numbers = ec.EllipticCurvePublicNumbers(_number(jwk["x"]), _number(jwk["y"]), ec.SECP256R1())
        first, second = raw[:ES256_PART_BYTES], raw[ES256_PART_BYTES:]
        proof = encode_dss_signature(int.from_bytes(first, "big"), int.from_bytes(second, "big"))
        numbers.public_key().verify(proof, f"{head}.{body}".encode(), ec.ECDSA(SHA256()))
    except (ValueError, KeyError, StopIteration, InvalidSignature):
        return False
    return True


def detached(token: str) -> str:
    """Return a compact JWS without its payload."""
    head, _, mark = token.split(".")
    return f"{head}..{mark}"


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _number(text: str) -> int:
    return int.from_bytes(_decoded(text), "big")
