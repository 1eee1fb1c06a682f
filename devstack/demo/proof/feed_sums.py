"""The list that a view's entries add up to, its set digest and its log root: computed from the feed's page alone."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from devstack.demo.proof.hashes import tree_hash

LANES = struct.Struct("<1024H")
LANE_VALUES = 1 << 16
ENDED = "REMOVED"


def payload_of(jws: str) -> dict[str, Any]:
    """Return what a compact JWS says; whether it may be believed is another question."""
    return dict(json.loads(payload_bytes(jws)))


def payload_bytes(jws: str) -> bytes:
    """Return the exact bytes that were signed as payload."""
    return _decoded(jws.split(".")[1])


def header_of(jws: str) -> dict[str, Any]:
    """Return the protected header of a compact JWS."""
    return dict(json.loads(_decoded(jws.partition(".")[0])))


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def element(view: str, record_id: str, version: int, entry: bytes) -> bytes:
    """Return what an entry in force adds to the set: 1,024 lanes of 16 bits."""
    x = b"\0".join((view.encode(), record_id.encode(), str(version).encode(), hashlib.sha256(entry).digest()))
    return hashlib.shake_256(b"zhixing-feed/lthash/v1\0" + x).digest(LANES.size)


def digest_of(elements: Iterable[bytes]) -> str:
    """Return the set digest of these elements."""
    lanes = [0] * 1024
    count = 0
    for one in elements:
        lanes = [(lane + more) % LANE_VALUES for lane, more in zip(lanes, LANES.unpack(one), strict=True)]
        count += 1
    return hashlib.sha256(b"zhixing-feed/set/v1\0" + struct.pack(">Q", count) + LANES.pack(*lanes)).hexdigest()


def log_root_of(entries: Sequence[bytes]) -> str:
    """Return the RFC 6962 root over the entries' bytes in their order."""
    return tree_hash(entries).hex()


@dataclass
class List:
    """A view's list while entries are applied one after the other; nothing is taken from any head."""

    view: str
    held: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    log: list[bytes] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    _summed: tuple[int, str, str] | None = None

    def apply(self, jws: str) -> None:
        """Apply the next entry; one whose version is not the record's next is noted as a fault."""
        entry, said = payload_bytes(jws), payload_of(jws)
        record, version = str(said["record_id"]), int(said["record_version"])
        if version <= self.versions.get(record, 0):
            self.faults.append(f"{self.view}: {record} version {version} follows {self.versions[record]}")
        if said["view"] != self.view:
            self.faults.append(f"{self.view}: an entry of {said['view']} stands in it")
        self.versions[record] = version
        self.log.append(entry)
        self._summed = None
        if said["status"] == ENDED:
            self.held.pop(record, None)
        else:
            self.held[record] = (version, entry)

    @property
    def count(self) -> int:
        """How many entries are in force."""
        return len(self.held)

    def digest(self) -> str:
        """Return the set digest of what is in force now."""
        return digest_of(element(self.view, record, version, entry) for record, (version, entry) in self.held.items())

    def log_root(self) -> str:
        """Return the root of everything that was applied."""
        return log_root_of(self.log)

    def sums(self) -> tuple[int, str, str]:
        """Return count, set digest and log root; many heads may say the same, and it is computed once."""
        if self._summed is None:
            self._summed = self.count, self.digest(), self.log_root()
        return self._summed
