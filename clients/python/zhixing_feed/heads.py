"""The head: the one small signed statement that names everything else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from zhixing_feed import fields
from zhixing_feed.alarms import AlarmCode, FeedFault
from zhixing_feed.jws import KeyRing, NotVerified, Signed, payload_of, unverified_claims

HEAD_TYPE = "zhixing-head+jws"


@dataclass(frozen=True, slots=True)
class SnapshotNamed:
    """The snapshot that a head names."""

    sequence: int
    sha256: str
    bytes: int
    count: int


@dataclass(frozen=True, slots=True)
class PreviousSession:
    """Where the session ended that a reset replaced."""

    id: str
    sequence: int
    log_root: str
    count: int
    digest: str


@dataclass(frozen=True, slots=True)
class Bulk:
    """A range of sequences that two officers stand for: much comes or goes at once, with a reason."""

    from_sequence: int
    to_sequence: int
    reason: str

    def covers(self, sequence: int) -> bool:
        """Whether an entry is in the range."""
        return self.from_sequence <= sequence <= self.to_sequence


@dataclass(frozen=True, slots=True)
class Head:
    """A head that verified."""

    signed: Signed
    view: str
    session_id: str
    sequence: int
    log_root: str
    count: int
    digest: str
    snapshot: SnapshotNamed | None
    oldest_sequence: int
    issued_at: datetime
    valid_until: datetime
    minimum_wait_s: int
    key_set_version: int
    policy_version: int
    policy_sha256: str
    previous_session: PreviousSession | None
    bulk: tuple[Bulk, ...]

    @property
    def sha256(self) -> str:
        """SHA-256 of the head's JWS."""
        return self.signed.text_sha256

    def says_the_same(self, other: Head) -> bool:
        """Whether two heads of one sequence name the same list and the same history."""
        return (self.count, self.digest, self.log_root) == (other.count, other.digest, other.log_root)

    def covered(self, sequence: int) -> bool:
        """Whether a bulk statement with a reason stands for the entry of a sequence."""
        return any(each.covers(sequence) for each in self.bulk)

    def covers_between(self, after: int, until: int) -> bool:
        """Whether a bulk statement stands for something in `(after, until]`."""
        return any(each.from_sequence <= until and each.to_sequence > after for each in self.bulk)


def read_head(text: str, keys: KeyRing) -> Head:
    """Return a head that one of the head keys signed. Raises `FeedFault`."""
    try:
        signed = keys.verified(text.strip(), HEAD_TYPE)
    except NotVerified as error:
        raise FeedFault(AlarmCode.HEAD_SIGNATURE, str(error)) from error
    try:
        return _head(signed)
    except ValueError as error:
        raise FeedFault(AlarmCode.HEAD_MALFORMED, str(error)) from error


def stored_head(text: str) -> Head:
    """Return a head from the own copy, which verified when it was stored."""
    return _head(Signed(text, payload_of(text), unverified_claims(text), ""))


def _head(signed: Signed) -> Head:
    claims = signed.claims
    count, digest = fields.set_of(claims)
    policy = fields.mapping(claims, "policy")
    head = Head(
        signed=signed,
        view=fields.text(claims, "view"),
        session_id=fields.text(claims, "session_id"),
        sequence=fields.whole(claims, "sequence"),
        log_root=fields.digest(claims, "log_root"),
        count=count,
        digest=digest,
        snapshot=_snapshot(fields.mapping(claims, "snapshot")) if claims.get("snapshot") is not None else None,
        oldest_sequence=fields.whole(claims, "oldest_sequence"),
        issued_at=fields.moment(claims, "issued_at"),
        valid_until=fields.moment(claims, "valid_until"),
        minimum_wait_s=fields.whole(claims, "minimum_wait_s"),
        key_set_version=fields.whole(claims, "key_set_version", least=1),
        policy_version=fields.whole(policy, "version", least=1),
        policy_sha256=fields.digest(policy, "sha256"),
        previous_session=_previous(claims),
        bulk=tuple(_bulk(each) for each in fields.objects(claims, "bulk")),
    )
    if head.valid_until <= head.issued_at:
        raise fields.FieldWrong("valid_until is not after issued_at")
    if head.snapshot and head.snapshot.sequence > head.sequence:
        raise fields.FieldWrong("the snapshot is ahead of the head")
    return head


def _snapshot(claims: dict[str, object]) -> SnapshotNamed:
    return SnapshotNamed(
        sequence=fields.whole(claims, "sequence"),
        sha256=fields.digest(claims, "sha256"),
        bytes=fields.whole(claims, "bytes", least=1),
        count=fields.whole(claims, "count"),
    )


def _previous(claims: dict[str, object]) -> PreviousSession | None:
    if claims.get("previous_session") is None:
        return None
    former = fields.mapping(claims, "previous_session")
    count, digest = fields.set_of(former)
    return PreviousSession(
        id=fields.text(former, "id"),
        sequence=fields.whole(former, "sequence"),
        log_root=fields.digest(former, "log_root"),
        count=count,
        digest=digest,
    )


def _bulk(claims: dict[str, object]) -> Bulk:
    # Without a reason and two different officers it is no statement: much may then neither come nor go.
    officer, second = fields.text(claims, "officer"), fields.text(claims, "second_officer")
    if officer == second:
        raise fields.FieldWrong("a bulk statement needs two officers")
    return Bulk(
        from_sequence=fields.whole(claims, "from_sequence"),
        to_sequence=fields.whole(claims, "to_sequence"),
        reason=fields.text(claims, "reason"),
    )
