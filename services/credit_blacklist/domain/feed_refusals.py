"""What the feed refuses."""

from __future__ import annotations

from libs.foundation.errors import Forbidden, Gone, NotFound, Refused, Rejected, Transient


class SessionOver(Transient):
    """The session takes no more entries; its successor will, once what is in force has been carried over."""

    code = "feed_session_over"
    title = "The feed's session has ended"


class SessionPending(Transient):
    """The view has no session that takes entries yet."""

    code = "feed_session_pending"
    title = "The feed's session is not open yet"


class RecordOutOfTurn(Rejected):
    """A record's version does not follow the one that the feed holds: an event is missing, or came out of order."""

    code = "feed_record_out_of_turn"
    title = "The record's version does not follow the one that the feed holds"
    rule = "R-CRB-33"
    remedy = "Find the event of the missing version, have it processed, then release this one from quarantine."


class ResetPending(Refused):
    """A reset of this view waits for its second officer, or is being carried out."""

    code = "feed_reset_pending"
    title = "A reset of this view is under way"
    remedy = "Decide the reset that waits, or wait until the new session is open."


class ResetUnknown(NotFound):
    """No reset with this session waits for a decision."""

    code = "feed_reset_unknown"
    title = "No such reset waits for a decision"
    remedy = "Read the sessions of the view and name the session of the reset that waits."


class NotTheSecondOfficer(Forbidden):
    """The same person ordered and would approve; two must answer for what every subscriber will be asked to believe."""

    code = "feed_needs_second_officer"
    title = "A second officer must decide"
    remedy = "Let another officer than the one who ordered it decide."


class BulkUnknown(NotFound):
    """No declaration with this id waits for a decision."""

    code = "feed_bulk_unknown"
    title = "No such declaration waits for a decision"
    remedy = "Read the sessions of the view and name a declaration that waits."


class BulkRangeImpossible(Rejected):
    """The declared range ends before it begins, or is longer than one declaration may cover."""

    code = "feed_bulk_range_impossible"
    title = "The declared range is not possible"
    remedy = "Name the first and the last sequence of the entries that will come, at most 2,000,000."


class PositionExpired(Gone):
    """The position lies before what is still served. HTTP 410; `oldest_sequence` says from where on pages are there."""

    code = "position_expired"
    title = "The position is older than what is served"
    rule = "R-CRB-33"
    remedy = "Take the newest snapshot, named in the head, and go on from its sequence."


class ViewClosed(Gone):
    """The view is not served any more. HTTP 410."""

    code = "view_closed"
    title = "The view was closed"
    rule = "R-CRB-33"
    remedy = "Ask the operator which view takes its place; until then ask at most once a day."


class CursorOfAnotherView(Refused):
    """The session belongs to another view than the caller's."""

    code = "cursor_of_another_view"
    title = "The cursor belongs to another view"
    rule = "R-CRB-33"
    remedy = "Use a cursor that this view gave out, or none."


class SessionReplaced(Gone):
    """The session was replaced, or is unknown. HTTP 410."""

    code = "session_replaced"
    title = "The session is not served any more"
    rule = "R-CRB-33"
    remedy = "Read the newest head, check how it accounts for your session, and take its snapshot."


class PageNotNamed(NotFound):
    """No head has named this page, snapshot or bucket yet."""

    code = "feed_page_not_named"
    title = "No head has named this yet"
    remedy = "Read the newest head and ask for what it names."


class HeadMissing(Transient):
    """No head of this view has been signed yet."""

    code = "feed_head_missing"
    title = "The feed has no signed head yet"


class CursorUnreadable(Rejected):
    """The cursor is not `session:sequence`."""

    code = "feed_cursor_unreadable"
    title = "The cursor cannot be read"
    remedy = "Send the `next` of the answer before, unchanged."


class ProofRangeImpossible(Rejected):
    """A proof was asked for from a later to an earlier sequence."""

    code = "feed_proof_range_impossible"
    title = "The later log cannot be the beginning of the earlier one"
    remedy = "Send the earlier sequence as `from` and the later one as `to`."
