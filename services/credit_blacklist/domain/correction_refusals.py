"""What the law of corrections refuses, each with its rule."""

from __future__ import annotations

from libs.foundation.errors import Forbidden, Refused, Rejected


class CorrectionChangesNothing(Refused):
    """What the correction says stands in the entry already, or it says nothing (R-CRB-12)."""

    code = "correction_changes_nothing"
    title = "The correction changes nothing"
    rule = "R-CRB-12"
    remedy = "Name at least one field with another content; a WRONGLY_LISTED entry is revoked and names none."


class CorrectionAlreadyProposed(Refused):
    """One correction at a time waits for the president."""

    code = "correction_already_proposed"
    title = "A correction of this listing waits for its decision already"
    rule = "R-CRB-12"
    remedy = "Have the open proposal decided first."


class DayInTheFuture(Rejected):
    """An event that is recorded has happened."""

    code = "day_in_the_future"
    title = "The day lies in the future"
    remedy = "Check the day."


class RequestNotOpen(Refused):
    """The request is not where this step needs it (R-CRB-12)."""

    code = "correction_request_not_open"
    title = "The request is not open for this step"
    rule = "R-CRB-12"
    remedy = "Read it: received, decided, the refusal served, reviewed, in this order."


class RemedyMissing(Rejected):
    """A justified request leads to a correction or a removal that fits its claim (R-CRB-12)."""

    code = "correction_remedy_missing"
    title = "The finding names no remedy that fits the claim"
    rule = "R-CRB-12"
    remedy = "NOT_TO_BE_LISTED needs nature WRONGLY_LISTED, INACCURATE its fields, SHOULD_BE_REMOVED a removal ground."


class ReviewTooLate(Refused):
    """The review is asked for within ten days of service (R-CRB-12)."""

    code = "review_too_late"
    title = "The ten days for the review are over"
    rule = "R-CRB-12"
    remedy = "The refusal is final; a new request may rest on new facts."


class NotTheReviewingCourt(Forbidden):
    """The review belongs to the next higher court (R-CRB-12)."""

    code = "not_the_reviewing_court"
    title = "The token is not of the next higher court"
    rule = "R-CRB-12"
    remedy = "Use a token of the next higher court."
