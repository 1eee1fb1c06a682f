"""What a subscriber says about itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from zhixing_feed.alarms import Alarm, AlarmCode
from zhixing_feed.answers import Freshness
from zhixing_feed.policy import Policy
from zhixing_feed.store import Store


@dataclass(frozen=True, slots=True)
class State:
    """Where the copy stands, how fresh it is, and what is wrong.

    `ready` is what a readiness probe answers: the copy is FRESH and nothing stopped. `standing` are the alarms since
    the last round that went well, `alarms` the last ones ever.
    """

    view: str
    session_id: str
    sequence: int
    count: int
    set_digest: str
    log_root: str | None
    freshness: Freshness
    issued_at: datetime | None
    valid_until: datetime | None
    fetched_at: datetime | None
    applied_at: datetime | None
    snapshot_reason: str | None
    key_set_version: int
    policy_version: int
    support_code: str | None
    standing: tuple[AlarmCode, ...]
    alarms: tuple[Alarm, ...]
    ready: bool


@dataclass(frozen=True, slots=True)
class Position:
    """What the copy holds, as the subscriber computed it."""

    view: str
    session_id: str
    sequence: int
    set_digest: str
    count: int
    log_root: str
    head_sha256: str
    fetched_at: datetime
    applied_at: datetime
    snapshot_reason: str | None


def state_of(store: Store, freshness: Freshness, policy: Policy | None, standing: Iterable[AlarmCode]) -> State:
    """Return what a subscriber says about its copy; without one the texts are empty and the figures zero."""
    state, stop, keys = store.state, store.journal.stop(), store.journal.key_set()
    return State(
        view=state.view if state else "",
        session_id=state.session_id if state else "",
        sequence=state.sequence if state else 0,
        count=state.sums.whole.count if state else 0,
        set_digest=state.sums.whole.digest() if state else "",
        log_root=state.log_root if state else None,
        freshness=freshness,
        issued_at=state.issued_at if state else None,
        valid_until=state.valid_until if state else None,
        fetched_at=state.fetched_at if state else None,
        applied_at=state.applied_at if state else None,
        snapshot_reason=state.snapshot_reason if state else None,
        key_set_version=keys[0] if keys else 0,
        policy_version=policy.version if policy else 0,
        support_code=stop.support_code if stop else None,
        standing=tuple(standing),
        alarms=tuple(store.journal.alarms()),
        ready=freshness == "FRESH" and stop is None,
    )
