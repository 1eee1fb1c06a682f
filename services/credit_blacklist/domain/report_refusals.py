"""What is refused of the reports of agencies (R-CRB-32, R-CRB-33)."""

from __future__ import annotations

from libs.foundation.errors import Refused, Rejected


class ReportedRecordUnknown(Refused):
    """No record of this id went out in the agency's view, or the fact has not arrived here yet."""

    code = "reported_record_unknown"
    title = "No record of this id went out to the agency"
    rule = "R-CRB-33"
    remedy = "Copy record_id from the entry; repeat after a few seconds if the entry is new."
    retryable = True


class RecordVersionNeverSent(Refused):
    """The report names a version of the record that does not exist yet."""

    code = "record_version_never_sent"
    title = "This version of the record was never sent"
    rule = "R-CRB-33"
    remedy = "Copy record_version from the entry that the hit was on."


class ReportPositionUnknown(Refused):
    """The report rests on a copy that cannot be: another view's session, or a sequence that no head has reached."""

    code = "report_position_unknown"
    title = "The copy that the report rests on is not of this agency's view"
    rule = "R-CRB-33"
    remedy = "Send the session and sequence that the local copy had when it was asked."


class MeasureNotInView(Rejected):
    """The measure is not in the policy of the agency's view: it has no legal basis for this agency (R-CRB-32)."""

    code = "measure_not_in_view"
    title = "The measure is none of this agency's"
    rule = "R-CRB-32"
    remedy = "Name a measure of the view's policy; /v1/punishment-measures shows them."


class MeasureNotForRecord(Refused):
    """The measure has no legal basis against records of this type (R-CRB-32)."""

    code = "measure_not_for_record"
    title = "The measure does not apply to records of this type"
    rule = "R-CRB-32"
    remedy = "Undo the measure: it applies to the list types that the policy names."


class ReportTimesInvalid(Rejected):
    """The measure ended before it began, began before the record went out, or lies in the future."""

    code = "report_times_invalid"
    title = "The times of the report cannot be"
    rule = "R-CRB-33"
    remedy = "Send when the measure really began and ended; check the clock."


class ReportConflict(Refused):
    """The agency's reference names another report on this record."""

    code = "report_conflict"
    title = "This reference was used for another report on the record"
    rule = "R-CRB-33"
    remedy = "Use a new reference for a new hit; the end of a measure repeats its report with `ended_at`."
