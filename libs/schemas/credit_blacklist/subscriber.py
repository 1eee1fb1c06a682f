"""Facts about the feed's subscribers, and what they report back for every hit (R-CRB-33)."""

from __future__ import annotations

from typing import Any, Literal

from libs.schemas.credit_blacklist.kinds import CorrectionNature, ListType, RecordStatus
from libs.schemas.envelope import Event, Instant

ReportOutcome = Literal["REFUSED", "APPLIED", "HELD", "NOT_APPLIED"]
"""What came of a hit: the act was refused, a standing measure was taken, the act is held until the court answers, or
nothing was done (the report says why)."""

NoticeEffect = Literal["NO_EFFECT", "UNDONE", "CANNOT_BE_UNDONE"]
"""What a wrong version had led to at an agency: nothing, a measure that is undone, one that cannot be undone."""


class SubscriberProfileSet(Event, name="subscriber_profile_set"):
    """An agency subscribes to a view; the newest profile holds whole.

    `keys` are the public keys, by kid, with which the agency signs its positions; `revoked` kids are never used again.
    """

    agency_id: str
    view: str
    title: str
    contact_name: str
    contact_phone: str
    sales_channels: tuple[str, ...]
    keys: dict[str, dict[str, Any]]
    revoked: tuple[str, ...] = ()


class ReportableRecordNoted(Event, name="reportable_record_noted"):
    """A version of a record went out: from now on agencies may report what they did because of it."""

    record_id: str
    record_version: int
    list_type: ListType
    status: RecordStatus
    case_id: str
    changed_at: Instant


class PunishmentReported(Event, name="punishment_reported"):
    """An agency took a measure because of a record, on the copy that it names (R-CRB-33): one report per hit."""

    report_id: str
    agency_id: str
    view: str
    record_id: str
    record_version: int
    session_id: str
    sequence: int
    measure_code: str
    measure_class: int
    legal_basis: str
    policy_version: int
    outcome: ReportOutcome
    reason: str | None = None
    started_at: Instant
    ended_at: Instant | None = None
    order_number: str | None = None
    agency_reference: str


class PunishmentEndDue(Event, name="punishment_end_due"):
    """The record behind a measure in force was removed: the agency owes the report that the measure ended."""

    report_id: str
    agency_id: str
    record_id: str
    record_version: int
    removed_at: Instant
    due_at: Instant


class PunishmentReviewDue(Event, name="punishment_review_due"):
    """The record behind a measure in force was corrected: the agency owes the answer whether the measure stands."""

    report_id: str
    agency_id: str
    record_id: str
    record_version: int
    due_at: Instant


class PunishmentReviewed(Event, name="punishment_reviewed"):
    """The agency looked at a measure again after a correction, on this version, and it stands."""

    report_id: str
    agency_id: str
    record_id: str
    record_version: int


class PunishmentEnded(Event, name="punishment_ended"):
    """The agency's measure is over."""

    report_id: str
    agency_id: str
    record_id: str
    ended_at: Instant


class PunishmentReportOverdue(Event, name="punishment_report_overdue"):
    """The day on which the agency should have reported passed without a report."""

    report_id: str
    agency_id: str
    record_id: str
    owed: Literal["END", "REVIEW"]
    due_at: Instant


class CorrectionNoticeGiven(Event, name="correction_notice_given"):
    """An agency that held a wrong version is told so (R-CRB-12): which one, what was wrong, until when to answer.

    That it held the version is known from its signed position: `held_sequence` of the view, confirmed at `held_at`.
    """

    notice_id: str
    agency_id: str
    view: str
    record_id: str
    record_version: int
    wrong_version: int
    nature: CorrectionNature
    fields: tuple[str, ...]
    held_sequence: int
    held_at: Instant
    due_at: Instant


class CorrectionNoticeAnswered(Event, name="correction_notice_answered"):
    """The agency says what the wrong version had led to, and that it is undone."""

    notice_id: str
    agency_id: str
    record_id: str
    effect: NoticeEffect


class CorrectionNoticeOverdue(Event, name="correction_notice_overdue"):
    """The agency did not answer in time."""

    notice_id: str
    agency_id: str
    record_id: str
    due_at: Instant
