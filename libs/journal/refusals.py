"""What the journal itself refuses or cannot do."""

from __future__ import annotations

from libs.foundation.errors import Rejected, Transient


class CannotAsk(Exception):
    """Raised by `EffectPort.ask`: this partner cannot be asked what became of a reference."""


class StoreUnavailable(Transient):
    """The database did not answer, or not in a way that proves anything."""

    code = "database_unavailable"
    title = "The database does not answer"


class JournalStopped(Transient):
    """The process is going down and takes no more commands; nothing was written."""

    code = "shutting_down"
    title = "The service is shutting down"


class StreamContended(Transient):
    """Other writers of the same stream won too often; nothing was written."""

    code = "stream_contended"
    title = "Too many writers change the same thing at once"


class NotDueYet(Transient):
    """A timer was asked to fire before its business time; nothing was written."""

    code = "timer_not_due"
    title = "The timer is not due yet"


class RecordTooLarge(Rejected):
    """An event, or all events of one command, is larger than the journal keeps."""

    code = "record_too_large"
    title = "What would be recorded is too large"
    remedy = "Send less in one request: shorter texts or fewer items."


class NotRecordable(Rejected):
    """An event holds something that has no canonical form (a float, a key with a NUL, half a surrogate pair)."""

    code = "not_recordable"
    title = "What would be recorded has no canonical form"
    remedy = "Send plain text, whole numbers below 2**53 and names without control characters."


class CursorMalformed(Rejected):
    """The cursor was not made by this list in this order."""

    code = "cursor_malformed"
    title = "The cursor does not belong to this list"
    remedy = "Start again without a cursor."


class ConsistencyTokenMalformed(Rejected):
    """The token was not given out by a write."""

    code = "consistency_token_malformed"
    title = "The consistency token is not one of ours"
    remedy = "Send the X-Consistency-Token of the write, unchanged."


class JournalBroken(AssertionError):
    """A stored stream has a gap or does not follow its own numbers: never healed silently."""
