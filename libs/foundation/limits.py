"""Every bound of the system in one place, so that one can see that they fit each other.

A client's body (1 MiB) is the largest thing that enters; an event is cut well below the commit, the commit well below
MongoDB's 16 MiB document, and an event below the broker's largest record.
"""

from __future__ import annotations

BODY_BYTES_MAX = 1024 * 1024
"""Largest request body; for NDJSON the largest line."""

TEXT_CHARS_MAX = 2000
"""Largest free text in a request (reasons, remarks)."""

NAME_CHARS_MAX = 100
"""Largest name of a person or firm."""

EVENT_BYTES_MAX = 768 * 1024
"""Largest canonical event data; fits a Kafka record with its headers."""

RECORD_BYTES_MAX = 1024 * 1024
"""Largest Kafka record (`max.message.bytes` of our topics)."""

ENTRIES_PER_COMMIT_MAX = 200
"""Largest number of commands that share one commit of one stream."""

COMMIT_BYTES_MAX = 8 * 1024 * 1024
"""A commit stops taking further entries above this; half of MongoDB's document limit."""

BATCH_COMMITS_MAX = 500
"""Largest number of commits in one `insert_many`."""

REQUESTS_AT_ONCE_MAX = 400
"""Requests that a process works on at once, about a second's worth; above it the caller gets 429 at the door."""

BODIES_BYTES_MAX = 32 * 1024 * 1024
"""Bodies that a process keeps at once, all requests together; what is parsed from them may be some times as large."""

CONNECTIONS_MAX = 4000
"""Connections that a process keeps; above it those go first that have asked for nothing for longest."""

LONG_POLLS_MAX = 250
"""Long polls that wait in a process at once; each looks four times a second."""

WRITER_QUEUE_MAX = 4000
"""Commands waiting in one process; above it the caller gets 429."""

CACHED_STREAMS_MAX = 5000
"""Folded streams that a process keeps."""

RELAY_PAGE_COMMITS_MAX = 200
"""Commits in one Kafka transaction of the relay."""

RELAY_PAGE_BYTES_MAX = 16 * 1024 * 1024
"""Bytes in one page of the relay: one answer of MongoDB, whose own bound it is; two of the largest commits fit."""

PAGE_ITEMS_MAX = 200
"""Largest `limit` of a list."""

LONG_POLL_SECONDS_MAX = 30
"""Longest wait of a long poll, in real seconds."""

QUARANTINE_OPEN_MAX = 1000
"""Open quarantined messages of a consumer group; above it the consumer stops and alarms."""
