"""What operators see of a journal. Labels are service and code names only, never ids."""

from __future__ import annotations

from typing import Final

from libs.telemetry.metrics import counter, gauge, histogram

_SERVICE = ("service",)
_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500)
_LATENESS = (0.1, 0.5, 1, 5, 30, 60, 300, 1800, 3600, 86400)

COMMANDS: Final = counter("zhixing_journal_commands", "Commands answered, by code", ("service", "code"))
COMMITS: Final = counter("zhixing_journal_commits", "Commits landed", _SERVICE)
LOST: Final = counter("zhixing_journal_commits_lost", "Commits that met a duplicate and were decided again", _SERVICE)
UNKNOWN: Final = counter("zhixing_journal_commits_unknown", "Commits whose outcome had to be looked up", _SERVICE)
OVERLOADED: Final = counter("zhixing_journal_overloaded", "Commands turned away because the queue was full", _SERVICE)
BATCH_COMMITS: Final = histogram("zhixing_journal_batch_commits", "Commits in one insert", _SERVICE, _SIZES)
INSERT_SECONDS: Final = histogram("zhixing_journal_insert_seconds", "Real time of one insert", _SERVICE)

UNPROJECTED: Final = gauge("zhixing_journal_unprojected", "Commits seen waiting for the projector", _SERVICE)
PROJECTION_FAILURES: Final = counter(
    "zhixing_journal_projection_failures", "Streams that could not be projected", _SERVICE
)

TIMERS_FIRED: Final = counter("zhixing_journal_timers_fired", "Timers fired", _SERVICE)
TIMER_FAILURES: Final = counter("zhixing_journal_timer_failures", "Timers whose command failed", _SERVICE)
TIMER_LATENESS_SECONDS: Final = histogram(
    "zhixing_journal_timer_lateness_seconds", "Business seconds between due and fired", _SERVICE, _LATENESS
)

EFFECT_CALLS: Final = counter("zhixing_journal_effect_calls", "Calls to partners", ("service", "effect", "result"))
EFFECTS_IN_DOUBT: Final = counter("zhixing_journal_effects_in_doubt", "Effects given to a human", ("service", "effect"))
