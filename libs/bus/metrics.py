"""What operators see of the bus. Labels have few values: a service, a group, a topic, a cause."""

from __future__ import annotations

from typing import Final

from libs.telemetry.metrics import counter, gauge, histogram

RELAY_RECORDS: Final = counter("zhixing_relay_records", "Events published, repeats included", ("service",))
RELAY_SECONDS: Final = histogram("zhixing_relay_transaction_seconds", "One page from read to marked", ("service",))
RELAY_FAILURES: Final = counter("zhixing_relay_failures", "Publishing broke off and began anew", ("service", "cause"))
RELAY_TAKEOVERS: Final = counter("zhixing_relay_takeovers", "Buckets taken over from another owner", ("service",))
RELAY_BACKLOG: Final = gauge(
    "zhixing_relay_backlog", "Unpublished commits seen by the last look, at most a page", ("service", "bucket")
)
RELAY_HELD: Final = gauge(
    "zhixing_relay_held_streams", "Streams not published because of a fault", ("service", "bucket", "cause")
)

CONSUMED: Final = counter("zhixing_bus_messages", "Messages of the bus by outcome", ("group", "topic", "outcome"))
CONSUMER_LAG: Final = gauge("zhixing_bus_lag", "Records behind the end of a partition", ("group", "topic", "partition"))
CONSUMER_RETRIES: Final = counter("zhixing_bus_retries", "Tries that failed and are repeated", ("group", "cause"))
QUARANTINED: Final = counter("zhixing_bus_quarantined", "Messages put into quarantine", ("group", "cause"))
QUARANTINE_OPEN: Final = gauge(
    "zhixing_bus_quarantine_open", "Messages that wait in quarantine, counted up to the limit", ("group",)
)
CONSUMER_HALTED: Final = gauge("zhixing_bus_halted", "1 while a group stands still at its quarantine limit", ("group",))
EVENT_AGE: Final = gauge(
    "zhixing_bus_event_age_seconds",
    "Business seconds from acceptance of an event to the end of its handling",
    ("consumer",),
)
