"""What the joint-punishment feed says about itself."""

from __future__ import annotations

from libs.schemas.envelope import Event, Fact, Instant


class SessionEnd(Fact):
    """How a session ended: what its successor's heads must account for."""

    session_id: str
    sequence: int
    log_root: str
    count: int
    set_digest: str


class FeedSessionOpened(Event, name="feed_session_opened"):
    """A view goes on in this session; all but the first have a predecessor and somebody who answers for the reset."""

    view: str
    session_id: str
    opened_at: Instant
    previous: SessionEnd | None = None
    reason: str | None = None
    officer: str | None = None
    second_officer: str | None = None


class FeedResetOrdered(Event, name="feed_reset_ordered"):
    """An officer wants a view to begin anew; a second one decides."""

    view: str
    session_id: str
    """The session that will follow."""
    reason: str
    officer: str


class FeedResetApproved(Event, name="feed_reset_approved"):
    """A second officer agreed: the present session ends, what is in force is carried over."""

    view: str
    session_id: str
    second_officer: str


class FeedResetRejected(Event, name="feed_reset_rejected"):
    """A second officer did not agree; nothing changes."""

    view: str
    session_id: str
    second_officer: str
    reason: str


class FeedBulkDeclared(Event, name="feed_bulk_declared"):
    """An officer announces that many entries will come, or go, at once; a second one decides."""

    view: str
    bulk_id: str
    session_id: str
    from_sequence: int
    to_sequence: int
    reason: str
    officer: str


class FeedBulkApproved(Event, name="feed_bulk_approved"):
    """The declaration stands: heads carry it."""

    view: str
    bulk_id: str
    second_officer: str


class FeedBulkRejected(Event, name="feed_bulk_rejected"):
    """The declaration does not stand."""

    view: str
    bulk_id: str
    second_officer: str
    reason: str


class FeedPublished(Event, name="feed_published"):
    """A signed head names this sequence: from now on subscribers may have every entry up to it."""

    view: str
    session_id: str
    sequence: int
    count: int
    set_digest: str
    log_root: str
