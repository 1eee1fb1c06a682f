"""The journal's settings; every bound that is not here is in `libs.foundation.limits`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from libs.foundation.limits import BATCH_COMMITS_MAX, CACHED_STREAMS_MAX, WRITER_QUEUE_MAX


class JournalSettings(BaseModel):
    """Where the journal lives and how long it waits. Seconds are real seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mongo_uri: str
    database: str
    driver: Literal["motor", "pymongo_async"] = "motor"

    deadline_seconds: float = Field(default=10.0, gt=0)
    """How long a command may take before it is answered with `outcome_unknown`."""
    call_timeout_ms: int = Field(default=4000, ge=100)
    """How long one call to the database may take; below the deadline, so that an unknown outcome can be looked up."""
    attempts_max: int = Field(default=40, ge=1)
    """How often a command may lose the race for its stream."""
    queue_max: int = Field(default=WRITER_QUEUE_MAX, ge=1)
    batch_commits_max: int = Field(default=BATCH_COMMITS_MAX, ge=1)
    batches_in_flight_max: int = Field(default=2, ge=1)
    cached_streams_max: int = Field(default=CACHED_STREAMS_MAX, ge=1)

    run_projector: bool = True
    run_timers: bool = True
    run_effects: bool = True
    projector_page_max: int = Field(default=200, ge=1)
    projector_poll_seconds: float = Field(default=0.5, gt=0)
    timer_poll_seconds: float = Field(default=0.2, gt=0)
    timers_page_max: int = Field(default=200, ge=1)
    effect_poll_seconds: float = Field(default=0.5, gt=0)
    effect_lease_seconds: float = Field(default=30.0, gt=0)
    effects_in_flight_max: int = Field(default=8, ge=1)
    effect_backoff_seconds: float = Field(default=1.0, ge=0)
    effect_backoff_seconds_max: float = Field(default=60.0, ge=0)
