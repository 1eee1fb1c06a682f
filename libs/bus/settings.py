"""What a process must know of the broker, and the bounds of relay and consumer. All durations are real time."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from libs.foundation import limits
from libs.journal.backoff import backoff_seconds


class BusSettings(BaseModel):
    """Settings of relay and consumer; only `bootstrap` has no default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bootstrap: str
    topic_prefix: str = ""
    """Put before topics, groups and transactional ids, so that tests and demos share one broker and never meet."""

    replication_factor: int = -1
    """Of topics that are created; -1 is the broker's default."""

    lease_seconds: float = Field(6.0, gt=0)
    """Life of a bucket's lease; renewed at a third of it. A dead owner's bucket stands still at most this long."""

    poll_seconds_min: float = Field(0.05, gt=0)
    poll_seconds_max: float = Field(1.0, gt=0)
    """The relay looks for commits of other processes at intervals growing from min to max while nothing comes."""

    page_seconds_min: float = Field(0.04, ge=0)
    """A bucket is looked at no sooner than this after the last time, unless a full page was found."""

    publish_seconds_max: float = Field(20.0, gt=0)
    """Longest a Kafka transaction may take; then it is aborted and tried again with a new producer."""

    commit_seconds_min: float = Field(0.5, ge=0)
    """Offsets are committed no more often than this; what a dead owner had not committed is repeated and absorbed."""

    batch_records_max: int = Field(200, ge=1)
    """Messages of one partition that are handled together."""

    handler_seconds_max: float = Field(60.0, gt=0)
    """Longest a handler may take to answer; then it counts as a transient failure. The journal bounds its commands."""

    bug_tries_max: int = Field(3, ge=1)
    """Tries of a message whose handler fails unexpectedly; then it goes to quarantine."""

    backoff_seconds_first: float = Field(0.1, gt=0)
    backoff_seconds_max: float = Field(15.0, gt=0)

    drain_seconds: float = Field(20.0, gt=0)
    """Longest wait for the batch in flight on revoke and on stop."""

    session_timeout_ms: int = Field(15_000, ge=1000)
    heartbeat_ms: int = Field(2000, ge=100)
    group_instance_id: str | None = None
    """Static membership (the pod's name): a rolling restart then moves no partition."""

    request_poll_seconds: float = Field(1.0, gt=0)
    """How often a partition's owner looks for release and discard requests."""

    quarantine_open_max: int = Field(limits.QUARANTINE_OPEN_MAX, ge=1)
    """Open quarantined messages of a group; at this number the consumer stops and alarms."""

    def topic(self, name: str) -> str:
        """Return a topic's name on the broker."""
        return f"{self.topic_prefix}{name}"

    def group(self, consumer: str) -> str:
        """Return the group id of a consumer."""
        return f"{self.topic_prefix}{consumer}"

    def transactional_id(self, service: str, part: str | int) -> str:
        """Return the transactional id of a bucket: the same for every process, so that Kafka fences."""
        return f"{self.topic_prefix}{service}-relay-{part}"

    def backoff(self, attempt: int) -> float:
        """Return how long to wait after failure number `attempt`, counted from 0."""
        return backoff_seconds(attempt, first=self.backoff_seconds_first, longest=self.backoff_seconds_max)
