"""What a head says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from libs.foundation.clock import instant_text
from libs.schemas.credit_blacklist import SessionEnd
from services.credit_blacklist.domain.feed_session import Bulk, ViewSessions
from services.credit_blacklist.feed.register import Checksum

TYP: Final = "zhixing-head+jws"
SET_ALGORITHM: Final = "lthash16-1024-shake256"


@dataclass(frozen=True, slots=True)
class SnapshotName:
    """A snapshot as a head names it."""

    sequence: int
    sha256: str
    bytes: int
    count: int

    def described(self) -> dict[str, Any]:
        """Return it as the head carries it."""
        return {"sequence": self.sequence, "sha256": self.sha256, "bytes": self.bytes, "count": self.count}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a head promises besides the list itself: validity and pace in seconds, keys and policy by number."""

    valid_s: int
    minimum_wait_s: int
    key_set_version: int
    policy_version: int
    policy_sha256: str


def head_payload(
    held: Checksum,
    sessions: ViewSessions,
    *,
    terms: Terms,
    snapshot: SnapshotName | None,
    oldest_sequence: int,
    now: datetime,
) -> dict[str, Any]:
    """Return the payload of a head over what is held, as section 2 of the wire page has it."""
    payload: dict[str, Any] = {
        "view": sessions.view,
        "session_id": held.point.session_id,
        "sequence": held.point.sequence,
        "log_root": held.log_root,
        "set": held.set,
        "snapshot": snapshot.described() if snapshot else None,
        "oldest_sequence": oldest_sequence,
        "issued_at": instant_text(now),
        "valid_until": instant_text(now + timedelta(seconds=terms.valid_s)),
        "minimum_wait_s": terms.minimum_wait_s,
        "key_set_version": terms.key_set_version,
        "policy": {"version": terms.policy_version, "sha256": terms.policy_sha256},
        "bulk": [_bulk(each) for each in standing_bulks(sessions.bulks, held.point.session_id)],
    }
    current = sessions.current
    if current is not None and current.previous is not None:
        payload["previous_session"] = previous_session(current.previous)
    return payload


def previous_session(end: SessionEnd) -> dict[str, Any]:
    """Return how the session before ended."""
    return {
        "id": end.session_id,
        "sequence": end.sequence,
        "log_root": end.log_root,
        "set": {"alg": SET_ALGORITHM, "count": end.count, "digest": end.set_digest},
    }


def standing_bulks(bulks: Sequence[Bulk], session_id: str) -> list[Bulk]:
    """Return the announcements of a session that two officers answer for."""
    return [each for each in bulks if each.session_id == session_id and each.second_officer is not None]


def _bulk(bulk: Bulk) -> dict[str, Any]:
    return {
        "from_sequence": bulk.from_sequence,
        "to_sequence": bulk.to_sequence,
        "reason": bulk.reason,
        "officer": bulk.officer,
        "second_officer": bulk.second_officer,
    }
