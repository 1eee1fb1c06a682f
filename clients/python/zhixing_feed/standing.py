"""What a subscriber says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from zhixing_feed.alarms import Alarm, AlarmCode
from zhixing_feed.answers import Freshness


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
