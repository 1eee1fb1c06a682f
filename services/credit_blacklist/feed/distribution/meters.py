"""What operators see of the feed's distribution. Labels are views, agencies of the feed, stages and causes: few."""

from __future__ import annotations

from typing import Final

from libs.telemetry.metrics import counter, gauge

MIRROR_RECORDS: Final = counter("zhixing_feed_mirror_records", "Records of the feed published to Kafka", ("view",))
MIRROR_FAILURES: Final = counter(
    "zhixing_feed_mirror_failures", "Publishing a view broke off and began anew", ("view", "cause")
)
MIRROR_TAKEOVERS: Final = counter("zhixing_feed_mirror_takeovers", "Views taken over from another owner", ("view",))
STREAMS: Final = gauge("zhixing_feed_streams", "Open event streams of the feed", ("view",))
STREAM_EVENTS: Final = counter("zhixing_feed_stream_events", "Heads sent over event streams", ("view",))
STREAMS_CUT: Final = counter("zhixing_feed_streams_cut", "Event streams ended because nobody read them")
POSITIONS: Final = counter("zhixing_feed_positions", "Stated positions by answer", ("view", "answer"))
SNAPSHOTS_TAKEN: Final = counter(
    "zhixing_feed_snapshots_taken", "Snapshots that subscribers took, by their reason", ("view", "reason")
)
STAGE_MS: Final = gauge(
    "zhixing_feed_stage_milliseconds",
    "Business milliseconds of one stage on the way to a subscriber, of the entries in the table's window",
    ("agency", "direction", "stage", "quantile"),
)
BEHIND: Final = gauge("zhixing_feed_behind", "Entries that a subscriber has not confirmed", ("agency",))
