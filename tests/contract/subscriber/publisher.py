"""A publisher of the feed for tests, written from `docs/joint-punishment-feed.md`, that lies on demand.

It keeps one view. `answer` is the whole of it, without a network; `serving.py` puts it behind real HTTP. A test changes
what it says by `tamper` (answers) or by the arguments of `head` (signed statements). Sums and roots are computed from
the list each time, not carried along as the subscriber does.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from zhixing_feed.jws import PrivateKey, base64url, payload_of
from zhixing_feed.log_tree import EMPTY_ROOT, leaf_hash, node_hash
from zhixing_feed.lthash import LaneSums, raw_element
from zhixing_feed.names import check_digit

ROOT = "/v1/joint-punishment-feed"
PAGE = 256
BEGIN = datetime(2024, 3, 11, 8, 0, tzinfo=UTC)
Tamper = Callable[[str, "Answer"], "Answer"]


class TestClock:
    """Time as the test says."""

    __test__ = False

    def __init__(self, now: datetime = BEGIN) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment

    def pass_(self, **parts: float) -> None:
        self.moment += timedelta(**parts)


@dataclass(frozen=True)
class Key:
    """A key pair as JWKs."""

    private: dict[str, Any]

    @classmethod
    def make(cls, kid: str) -> Key:
        numbers = ec.generate_private_key(ec.SECP256R1()).private_numbers()
        point = numbers.public_numbers
        parts = {"x": point.x, "y": point.y, "d": numbers.private_value}
        return cls(
            {"kty": "EC", "crv": "P-256", "kid": kid, "alg": "ES256"}
            | {name: base64url(number.to_bytes(32, "big")) for name, number in parts.items()}
        )

    @property
    def public(self) -> dict[str, Any]:
        return {name: value for name, value in self.private.items() if name != "d"}

    def sign(self, payload: dict[str, Any] | bytes, typ: str) -> str:
        return PrivateKey(self.private).sign(payload, typ)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; `cut` bytes of the body are sent less than `Content-Length` promises."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def with_json(self, value: Any) -> Answer:
        return replace(self, body=dumps(value))


def dumps(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def root_of(leaves: list[bytes]) -> bytes:
    """The root as RFC 6962 section 2.1 defines it, from above."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(root_of(leaves[:split]), root_of(leaves[split:]))


def consistency(first: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """The proof of RFC 6962 section 2.1.2."""
    if first == len(leaves):
        return [] if whole else [root_of(leaves)]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if first <= split:
        return [*consistency(first, leaves[:split], whole=whole), root_of(leaves[split:])]
    return [*consistency(first - split, leaves[split:], whole=False), root_of(leaves[:split])]


@dataclass
class Session:
    """One session: its entries in order, and how the one before ended."""

    id: str
    entries: list[str] = field(default_factory=list)
    previous: dict[str, Any] | None = None


class Publisher:
    """One view of the feed; honest until it is told otherwise."""

    def __init__(self, clock: TestClock, view: str = "air") -> None:
        self.clock = clock
        self.view = view
        self.roots = [Key.make("root-1")]
        self.head_key = Key.make("head-1")
        self.entry_key = Key.make("court-1")
        self.key_sets: list[str] = []
        self.session = Session(_new_id())
        self.oldest = 1
        self.bulk: list[dict[str, Any]] = []
        self.snapshot_at: int | None = None
        self.snapshots: dict[int, bytes] = {}
        self.gone: dict[str, tuple[int, str]] = {}
        self.tamper: list[Tamper] = []
        self.requests: list[str] = []
        self.positions: list[dict[str, Any]] = []
        self.reports: list[dict[str, Any]] = []
        self.online: dict[str, Any] | None = None
        self.policy = policy(view)
        self.versions: dict[str, int] = {}
        self._pages: dict[tuple[str, int, int], bytes] = {}
        self.add_key_set()

    @property
    def root_jwk(self) -> dict[str, Any]:
        return self.first_root.public

    @property
    def first_root(self) -> Key:
        return self.roots[0]

    # -- what it publishes --------------------------------------------------------------------------------------------

    def add_key_set(self, signer: Key | None = None) -> None:
        version = len(self.key_sets) + 1
        payload = {
            "version": version,
            "roots": [self.roots[-1].public],
            "head_keys": [self.head_key.public],
            "entry_keys": [self.entry_key.public],
            "issued_at": text(self.clock.now()),
        }
        self.key_sets.append((signer or self.roots[max(0, len(self.roots) - 2)]).sign(payload, "zhixing-key-set+jws"))

    def rotate(self) -> None:
        """Another root and another head key from now on."""
        number = len(self.roots) + 1
        self.roots.append(Key.make(f"root-{number}"))
        self.head_key = Key.make(f"head-{number}")
        self.add_key_set()

    def put(self, record_id: str, key: Key | None = None, **changes: Any) -> int:
        """Publish the next version of a record; return its sequence."""
        version = changes.pop("version", self.versions.get(record_id, 0) + 1)
        payload = entry(self.view, record_id, version, self.clock.now(), **changes)
        return self.append((key or self.entry_key).sign(payload, "zhixing-entry+jws"), record_id, version)

    def append(self, jws: str, record_id: str, version: int) -> int:
        self.session.entries.append(jws)
        self.versions[record_id] = version
        return len(self.session.entries)

    def remove(self, record_id: str, **changes: Any) -> int:
        removal = {
            "ground": "PERFORMED",
            "decided_at": text(self.clock.now()),
            "effective_at": text(self.clock.now()),
        }
        return self.put(record_id, status="REMOVED", change="REMOVED", removal=removal, **changes)

    def reset(self, entries: Iterable[str] | None = None, *, linked: bool = True) -> None:
        """Begin another session with these entries, by default with the last one of every record.

        Removals go along: who slept through one must learn it from the new session.
        """
        former = self.session
        kept = list(entries) if entries is not None else [jws for _, jws in self.last_entries(self.sequence).values()]
        previous = {
            "id": former.id,
            "sequence": len(former.entries),
            "log_root": self.log_root(self.sequence),
            "set": self.set_at(self.sequence),
        }
        self.session = Session(_new_id(), kept, previous if linked else None)
        self.snapshot_at, self.oldest = None, 1
        self.snapshots = {}

    def take_snapshot(self) -> int:
        self.snapshot_at = self.sequence
        self.snapshots[self.sequence] = self.snapshot_body(self.sequence)
        return self.sequence

    # -- sums ---------------------------------------------------------------------------------------------------------

    @property
    def sequence(self) -> int:
        return len(self.session.entries)

    def last_entries(self, sequence: int) -> dict[str, tuple[int, str]]:
        return dict(_last_entries(tuple(self.session.entries[:sequence])))

    def in_force(self, sequence: int) -> dict[str, tuple[int, str]]:
        rows = self.last_entries(sequence).items()
        return {record_id: row for record_id, row in rows if claims(row[1])["status"] != "REMOVED"}

    def sums(self, sequence: int, bucket: int | None = None) -> LaneSums:
        rows = self.in_force(sequence).items()
        wanted = (jws for record_id, (_, jws) in rows if bucket in {None, bucket_of(record_id)})
        return _sums(self.view, tuple(sorted(wanted)))

    def set_at(self, sequence: int) -> dict[str, Any]:
        sums = self.sums(sequence)
        return {"alg": "lthash16-1024-shake256", "count": sums.count, "digest": sums.digest()}

    def leaves(self, sequence: int) -> list[bytes]:
        return [leaf_hash(payload_of(jws)) for jws in self.session.entries[:sequence]]

    def log_root(self, sequence: int) -> str:
        return _root(tuple(self.session.entries[:sequence]))

    # -- signed and stored things -------------------------------------------------------------------------------------

    def head(self, sequence: int | None = None, **changes: Any) -> str:
        at = self.sequence if sequence is None else sequence
        now = self.clock.now()
        payload: dict[str, Any] = {
            "view": self.view,
            "session_id": self.session.id,
            "sequence": at,
            "log_root": self.log_root(at),
            "set": self.set_at(at),
            "snapshot": self.snapshot_named(),
            "oldest_sequence": self.oldest,
            "issued_at": text(now),
            "valid_until": text(now + timedelta(minutes=15)),
            "minimum_wait_s": 0,
            "key_set_version": len(self.key_sets),
            "policy": {"version": self.policy["version"], "sha256": hashlib.sha256(dumps(self.policy)).hexdigest()},
            "bulk": self.bulk,
        }
        if self.session.previous is not None:
            payload["previous_session"] = self.session.previous
        key = changes.pop("key", self.head_key)
        return str(key.sign(payload | changes, "zhixing-head+jws"))

    def snapshot_named(self) -> dict[str, Any] | None:
        body = self.snapshots.get(self.snapshot_at or 0)
        if body is None:
            return None
        count = json.loads(body.splitlines()[0])["count"]
        sha256 = hashlib.sha256(body).hexdigest()
        return {"sequence": self.snapshot_at, "sha256": sha256, "bytes": len(body), "count": count}

    def page(self, number: int, entries: int) -> bytes:
        key = (self.session.id, number, entries)
        if key not in self._pages:
            first, last = number * PAGE + 1, number * PAGE + entries
            before = hashlib.sha256(self.page(number - 1, PAGE)).hexdigest() if number else "0" * 64
            self._pages[key] = dumps(
                {
                    "view": self.view,
                    "session_id": self.session.id,
                    "page": number,
                    "first_sequence": first,
                    "last_sequence": last,
                    "previous_page_sha256": before,
                    "set": self.set_at(last),
                    "log_root": self.log_root(last),
                    "entries": self.session.entries[first - 1 : last],
                }
            )
        return self._pages[key]

    def snapshot_body(self, sequence: int, only: Iterable[str] | None = None) -> bytes:
        rows = sorted(self.last_entries(sequence).items())
        rows = [row for row in rows if only is None or row[0] in set(only)]
        in_force = sum(claims(jws)["status"] != "REMOVED" for _, (_, jws) in rows)
        counts = {"count": len(rows), "in_force": in_force}
        place = {"session_id": self.session.id, "sequence": sequence}
        frontier = [root.hex() for root in frontier_of(self.leaves(sequence))]
        header = {"kind": "header", "view": self.view, **place, **counts, "frontier": frontier}
        lines = [dumps(header | {"issued_at": text(self.clock.now())})]
        lines += [dumps({"kind": "entry", "sequence": number, "entry": jws}) for _, (number, jws) in rows]
        body = b"".join(line + b"\n" for line in lines)
        trailer = {"kind": "trailer", **place, **counts, "sha256": hashlib.sha256(body).hexdigest()}
        trailer |= {"set": self.set_at(sequence), "log_root": self.log_root(sequence)}
        return body + dumps(trailer) + b"\n"

    # -- HTTP ---------------------------------------------------------------------------------------------------------

    def answer(self, method: str, path: str, query: dict[str, str], body: bytes) -> Answer:
        """Answer one request; then every tamperer may change the answer."""
        self.requests.append(f"{method} {path}")
        if path in self.gone:
            status, code = self.gone[path]
            found = problem(status, code)
        else:
            found = self._routed(method, path, query, body)
        for change in self.tamper:
            found = change(path, found)
        return found

    def _routed(self, method: str, path: str, query: dict[str, str], body: bytes) -> Answer:
        if method != "GET":
            return self._written(path, json.loads(body))
        match path.removeprefix(f"{ROOT}/").split("/"):
            case ("heads", "latest"):
                return jose(self.head())
            case ("key-sets", number) if int(number) <= len(self.key_sets):
                return jose(self.key_sets[int(number) - 1])
            case ("policies", _):
                return jose(self.head_key.sign(dumps(self.policy), "zhixing-policy+jws"))
            case ("pages", session, *rest) if session == self.session.id:
                return self._page_answer(rest[0], rest[1] if len(rest) > 1 else str(PAGE))
            case ("pages", _, *_):
                return problem(410, "session_replaced")
            case ("snapshots", number) if int(number) in self.snapshots:
                return Answer(200, self.snapshots[int(number)], {"Content-Type": "application/x-ndjson"})
            case ("checksums", number):
                return self._checksums(int(number))
            case ("buckets", _, number, bucket):
                return self._bucket(int(number), int(bucket))
            case ("consistency-proofs",):
                first, second = int(query["from"]), int(query["to"])
                hashes = [each.hex() for each in consistency(first, self.leaves(second))] if first else []
                return ok({"session_id": self.session.id, "from": first, "to": second, "hashes": hashes})
        return problem(404, "not_found")

    def _written(self, path: str, said: dict[str, Any]) -> Answer:
        if path.endswith("/positions/me"):
            return self._position(said["position"])
        if path == "/v1/restriction-checks" and self.online is not None:
            return ok(self.online)
        if path == "/v1/punishment-reports":
            self.reports.append(said)
            return Answer(201, dumps(said))
        return problem(404, "not_found")

    def _page_answer(self, number: str, entries: str) -> Answer:
        page, count = int(number.removesuffix(".p")), int(entries)
        if page * PAGE + count > self.sequence:
            return problem(404, "page_unknown")
        return Answer(200, self.page(page, count))

    def _checksums(self, sequence: int) -> Answer:
        found = {"view": self.view, "session_id": self.session.id, "sequence": sequence, "set": self.set_at(sequence)}
        buckets = [self.sums(sequence, number).digest() for number in range(256)]
        return ok(found | {"log_root": self.log_root(sequence), "buckets": buckets})

    def _bucket(self, sequence: int, bucket: int) -> Answer:
        rows = sorted(self.in_force(sequence).items())
        wanted = (row for record_id, row in rows if bucket_of(record_id) == bucket)
        return ok({"entries": [{"sequence": number, "entry": jws} for number, jws in wanted]})

    def _position(self, jws: str) -> Answer:
        said = claims(jws)
        self.positions.append(said)
        held, root = self.set_at(said["sequence"]), self.log_root(said["sequence"])
        same = (held["digest"], held["count"], root) == (said["set_digest"], said["count"], said["log_root"])
        return ok({"status": "CONFIRMED" if same else "DIFFERS", "set": held, "log_root": root})


# Tests ask for the same sums again and again; what they are computed from is the key, so nothing is remembered wrongly.


@lru_cache(maxsize=512)
def _last_entries(entries: tuple[str, ...]) -> dict[str, tuple[int, str]]:
    return {_claims(jws)["record_id"]: (number, jws) for number, jws in enumerate(entries, start=1)}


@lru_cache(maxsize=2048)
def _sums(view: str, entries: tuple[str, ...]) -> LaneSums:
    sums = LaneSums()
    for jws in entries:
        said = _claims(jws)
        sha256 = hashlib.sha256(payload_of(jws)).digest()
        sums.add(raw_element(view, said["record_id"], said["record_version"], sha256))
    return sums


@lru_cache(maxsize=512)
def _root(entries: tuple[str, ...]) -> str:
    return root_of([leaf_hash(payload_of(jws)) for jws in entries]).hex()


@lru_cache(maxsize=8192)
def _claims(jws: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(payload_of(jws))
    return found


def bucket_of(record_id: str) -> int:
    return hashlib.sha256(record_id.encode()).digest()[0]


def claims(jws: str) -> dict[str, Any]:
    return dict(_claims(jws))


def frontier_of(leaves: list[bytes]) -> list[bytes]:
    roots, at = [], 0
    for level in reversed(range(len(leaves).bit_length())):
        if len(leaves) >> level & 1:
            roots.append(root_of(leaves[at : at + (1 << level)]))
            at += 1 << level
    return roots


def entry(own_view: str, record_id: str, version: int, now: datetime, **changes: Any) -> dict[str, Any]:
    """An entry of a restriction that keeps 张三 out of aeroplanes, unless it is said otherwise."""
    name, number = changes.pop("name", "张三"), changes.pop("number", number_of(record_id))
    documents = [{"type": changes.pop("document_type", "RESIDENT_IDENTITY_CARD"), "number": number}]
    list_type = changes.get("list_type", "RESTRICTION")
    found = {
        "view": own_view,
        "record_id": record_id,
        "list_type": list_type,
        "record_version": version,
        "status": "LISTED" if list_type == "LISTING" else "RESTRICTED",
        "change": "ADDED" if version == 1 else "UPDATED",
        "subject": {"name": name, "party_type": "PERSON", "identity_documents": documents},
        "role": "DEBTOR",
        "court": {"code": "110107", "name": "北京市石景山区人民法院", "telephone": "010-12345678"},
        "case_number": "（2024）京0107执1号",
        "order_number": "（2024）京0107执1号之一",
        "decided_on": "2024-03-12",
        "changed_at": text(now),
        "effective_from": text(BEGIN - timedelta(days=1)),
        "kinds": [1, 2],
        "suspensions": [],
        "salt": secrets.token_hex(16),
    }
    return found | changes


def number_of(record_id: str) -> str:
    """A document number of its own for every record."""
    digits = f"11010119900101{int(hashlib.sha256(record_id.encode()).hexdigest(), 16) % 1000:03d}"
    return digits + check_digit(digits)


def policy(view: str) -> dict[str, Any]:
    measures = [
        ("7.1.AIR", ["RESTRICTION"], [1], True),
        ("6.4", ["LISTING", "RESTRICTION"], [], False),
        ("9.9", ["LISTING"], [], True),
    ]
    return {
        "view": view,
        "version": 1,
        "measures": [
            {
                "measure_code": code,
                "title": code,
                "list_types": types,
                "kinds": kinds,
                "reversible": reversible,
                "legal_basis": "" if code == "9.9" else "法释〔2015〕17号第三条",
                "class": int(code[0]),
            }
            for code, types, kinds, reversible in measures
        ],
        "fresh_until": "valid_until",
        "ageing_h": 24,
        "stale_h": 72,
        "clock_skew_s": 300,
    }


def ok(value: Any) -> Answer:
    return Answer(200, dumps(value), {"Content-Type": "application/json"})


def jose(jws: str) -> Answer:
    return Answer(200, jws.encode(), {"Content-Type": "application/jose"})


def problem(status: int, code: str, **more: Any) -> Answer:
    headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
    return Answer(status, dumps({"code": code, "status": status, **more}), headers)


def _new_id() -> str:
    raw = secrets.token_hex(16)
    return f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-a{raw[17:20]}-{raw[20:]}"
