"""A subscriber written from docs/joint-punishment-feed.md alone: httpx, hashlib, ES256, no line of the product."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

BASE = "/v1/joint-punishment-feed"


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def opened(jws: str, typ: str, keys: list[dict[str, Any]]) -> tuple[bytes, dict[str, Any]]:
    """Return the payload's bytes and what they say, once the signature verifies under one of the keys (section 1)."""
    head, body, signature = jws.split(".")
    header = json.loads(unb64(head))
    assert (header["alg"], header["typ"]) == ("ES256", typ), header
    (jwk,) = [key for key in keys if key["kid"] == header["kid"]]
    x, y = (int.from_bytes(unb64(jwk[name]), "big") for name in ("x", "y"))
    raw = unb64(signature)
    pair = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
    key.verify(pair, f"{head}.{body}".encode(), ECDSA(hashes.SHA256()))
    return unb64(body), json.loads(unb64(body))


class PlainSet:
    """Section 6, lane by lane."""

    def __init__(self) -> None:
        self.lanes = [0] * 1024
        self.count = 0

    def change(self, x: bytes, sign: int) -> None:
        raw = hashlib.shake_256(b"zhixing-feed/lthash/v1\x00" + x).digest(2048)
        for lane in range(1024):
            value = raw[2 * lane] | raw[2 * lane + 1] << 8
            self.lanes[lane] = (self.lanes[lane] + sign * value) % 65536
        self.count += sign

    def digest(self) -> str:
        state = b"".join(lane.to_bytes(2, "little") for lane in self.lanes)
        return hashlib.sha256(b"zhixing-feed/set/v1\x00" + self.count.to_bytes(8, "big") + state).hexdigest()

    def described(self) -> dict[str, Any]:
        return {"alg": "lthash16-1024-shake256", "count": self.count, "digest": self.digest()}


@dataclass
class PlainLog:
    """Section 7: the roots of the full subtrees, left to right, and how many leaves there are."""

    peaks: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, raw: bytes) -> None:
        node = hashlib.sha256(b"\x00" + raw).digest()
        size = self.size
        while size % 2:
            node, size = hashlib.sha256(b"\x01" + self.peaks.pop() + node).digest(), size // 2
        self.peaks.append(node)
        self.size += 1

    def root(self) -> str:
        if not self.peaks:
            return hashlib.sha256(b"").hexdigest()
        node = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            node = hashlib.sha256(b"\x01" + peak + node).digest()
        return node.hex()


@dataclass
class PlainSubscriber:
    """One view, held in memory."""

    client: httpx.AsyncClient
    token: str
    root_keys: list[dict[str, Any]]
    set: PlainSet = field(default_factory=PlainSet)
    log: PlainLog = field(default_factory=PlainLog)
    held: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    """Version, status and the SHA-256 of the entry bytes, by record."""
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)
    sequence: int = 0
    last_page_sha256: str = "0" * 64

    async def get(self, path: str, **params: Any) -> httpx.Response:
        response = await self.client.get(BASE + path, params=params, headers={"Authorization": f"Bearer {self.token}"})
        assert response.status_code == 200, f"{path}: {response.status_code} {response.text[:300]}"
        return response

    async def read_head(self) -> dict[str, Any]:
        jws = (await self.get("/heads/latest")).text
        said = json.loads(unb64(jws.split(".")[1]))
        self.keys = {"roots": self.root_keys}
        for number in range(1, said["key_set_version"] + 1):
            text = (await self.get(f"/key-sets/{number}")).text
            _raw, self.keys = opened(text, "zhixing-key-set+jws", self.keys["roots"])
        _raw, head = opened(jws, "zhixing-head+jws", self.keys["head_keys"])
        return head

    def take(self, view: str, jws: str) -> bytes:
        """Take one entry in (sections 3 and 6)."""
        raw, entry = opened(jws, "zhixing-entry+jws", self.keys["entry_keys"])
        assert entry["view"] == view
        record_id, version = entry["record_id"], entry["record_version"]
        before = self.held.get(record_id)
        if before is not None:
            assert version > before[0], f"{record_id}: {version} after {before[0]}"
            if before[1] != "REMOVED":
                self.set.change(self.x(view, record_id, before[0], before[2]), -1)
        digest = hashlib.sha256(raw).digest()
        if entry["status"] != "REMOVED":
            self.set.change(self.x(view, record_id, version, digest), +1)
        self.held[record_id] = (version, entry["status"], digest)
        self.entries[record_id] = entry
        return raw

    @staticmethod
    def x(view: str, record_id: str, version: int, digest: bytes) -> bytes:
        return view.encode() + b"\0" + record_id.encode() + b"\0" + str(version).encode() + b"\0" + digest

    async def follow(self, head: dict[str, Any]) -> None:
        """Read pages up to a head and check each before it is believed (section 4)."""
        while self.sequence < head["sequence"]:
            number = self.sequence // 256
            width = min(256, head["sequence"] - 256 * number)
            name = f"{number}" if width == 256 else f"{number}.p/{width}"
            response = await self.get(f"/pages/{head['session_id']}/{name}")
            page = response.json()
            assert (page["first_sequence"], page["last_sequence"]) == (256 * number + 1, 256 * number + width)
            assert len(page["entries"]) == width
            if self.sequence % 256 == 0 and self.sequence == self.log.size and number and self.last_page_sha256:
                assert page["previous_page_sha256"] == self.last_page_sha256
            for jws in page["entries"][self.sequence - 256 * number :]:
                self.log.add(self.take(head["view"], jws))
                self.sequence += 1
            assert page["set"] == self.set.described()
            assert page["log_root"] == self.log.root()
            if width == 256:
                self.last_page_sha256 = hashlib.sha256(response.content).hexdigest()
        assert head["set"] == self.set.described()
        assert head["log_root"] == self.log.root()

    async def load_snapshot(self, head: dict[str, Any]) -> None:
        """Begin from the snapshot that a head names; nothing counts before the trailer verifies (section 5)."""
        named = head["snapshot"]
        body = (await self.get(f"/snapshots/{named['sequence']}")).content
        assert len(body) == named["bytes"]
        assert hashlib.sha256(body).hexdigest() == named["sha256"]
        *lines, last = body.splitlines(keepends=True)
        header, trailer = json.loads(lines[0]), json.loads(last)
        assert (header["kind"], trailer["kind"]) == ("header", "trailer")
        assert hashlib.sha256(b"".join(lines)).hexdigest() == trailer["sha256"]
        assert header["count"] == trailer["count"] == named["count"] == len(lines) - 1
        records = []
        for line in lines[1:]:
            value = json.loads(line)
            self.take(header["view"], value["entry"])
            records.append(json.loads(unb64(value["entry"].split(".")[1]))["record_id"])
        assert records == sorted(set(records))
        assert trailer["set"] == self.set.described()
        assert trailer["in_force"] == self.set.count
        self.log = PlainLog([bytes.fromhex(peak) for peak in header["frontier"]], header["sequence"])
        assert trailer["log_root"] == self.log.root()
        self.sequence, self.last_page_sha256 = header["sequence"], ""

    def listed(self) -> list[str]:
        """Return the records in force."""
        return sorted(record_id for record_id, held in self.held.items() if held[1] != "REMOVED")
