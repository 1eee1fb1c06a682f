"""What this room says no to, one noun per rule."""

from __future__ import annotations

from libs.foundation.errors import Forbidden, Refused

# --- what must be there before anybody is asked ----------------------------------------------------------------------


class CopyPending(Refused):
    """Our copy of a case, party, paper or roster has not arrived yet. The same request succeeds a moment later."""

    code = "copy_pending"
    title = "A fact of another service has not arrived here yet"
    remedy = "Repeat the request in a moment; if it stays, check the id."
    retryable = True


class CaseClosed(Refused):
    """Nobody may be asked about a closed case."""

    code = "case_closed"
    title = "The case is closed"
    rule = "R-GEN-06"
    remedy = "Ask within an open case; a resumed case has a number of its own."


class SubjectNotDebtor(Refused):
    """A person who is not an obligor of the case may not be asked about (NQ Art 7)."""

    code = "subject_not_debtor"
    title = "The subject is not a debtor of this case"
    rule = "R-GEN-06"
    remedy = "Name a debtor of the case, or have the person added by ruling first."


class NotOfficerOfCase(Forbidden):
    """Only who acts in a case may ask agencies about its debtors. HTTP 403."""

    code = "not_officer_of_case"
    title = "The caller does not act in this case"
    rule = "R-GEN-06"
    remedy = "The case officer, team leader or, before assignment, the officers on duty act in the case."


class PapersMissing(Refused):
    """A request must carry the papers of its kind, with exactly the hashes that were approved."""

    code = "papers_missing"
    title = "The papers that this request needs are not all there"
    rule = "R-INQ-04"
    remedy = "Draft the papers named in `missing`, have them approved, and name them in document_ids."


class PaperNotSealed(Refused):
    """Only a paper with the court's seal leaves the house (NQ Art 4)."""

    code = "paper_not_sealed"
    title = "A paper has no seal yet"
    rule = "R-INQ-04"
    remedy = "Wait for the approval of the paper."
    retryable = True


class OfficersNotFiled(Refused):
    """Two distinct officers whose both credentials are filed with the agencies stand in every request (双人双证)."""

    code = "officers_not_filed"
    title = "Two distinct officers with filed credentials are needed"
    rule = "R-INQ-05"
    remedy = "Name two different officers of the court's roster, each with both permits."


class SamePersonApproved(Refused):
    """Who asks for a control may not be who approved it."""

    code = "approver_is_requester"
    title = "The approver may not be the one who asks"
    rule = "R-INQ-05"
    remedy = "Have another person of the right level approve."


class NoCapableAgency(Refused):
    """No connected agency can be asked about one of the asset classes."""

    code = "no_capable_agency"
    title = "No connected agency holds this asset class"
    rule = "R-INQ-02"
    remedy = "Leave the class out, or connect an agency that holds it."


class InquiryTooWide(Refused):
    """One inquiry asks a bounded number of agencies about a bounded number of people."""

    code = "inquiry_too_wide"
    title = "The inquiry would lead to too many requests"
    remedy = "Ask in several inquiries: by subject, or by asset class."


# --- replies ---------------------------------------------------------------------------------------------------------


class ReplyIncomplete(Refused):
    """A FINAL reply answers every item of the request."""

    code = "reply_incomplete"
    title = "The final reply leaves out an item"
    remedy = "Answer every sequence of the request, or send the reply as PARTIAL."


class ReplyInconsistent(Refused):
    """An item's answer contradicts itself or the request: sums, states, references."""

    code = "reply_inconsistent"
    title = "The answer to an item contradicts itself or the request"
    remedy = "Read `detail`: for FUNDS requested = controlled + uncovered; a booked control has reference and time."


class ControlNotBooked(Refused):
    """A control counts only when it is booked or registered: with the agency's reference and the time of effect."""

    code = "control_not_booked"
    title = "The control has no reference and time of booking"
    remedy = "Answer IN_PROGRESS with detail ACCEPTED or LOCKED until the control is registered, then CONTROLLED."


class ReplyConflict(Refused):
    """The reply_id was used before with other content."""

    code = "reply_conflict"
    title = "This reply_id was used for another reply"
    remedy = "Use a new reply_id; to correct an earlier reply name it in `corrects`."


class AlreadyAnswered(Refused):
    """The request has its final answer; only a corrected reply that names it may change it."""

    code = "already_answered"
    title = "The request is answered finally"
    remedy = "Send a corrected reply: a new reply_id with `corrects` naming the final reply."


class RequestClosed(Refused):
    """The request was returned or withdrawn; it is not answered any more."""

    code = "request_closed"
    title = "The request is no longer open"
    remedy = "Answer the request that replaced it."


# --- controls --------------------------------------------------------------------------------------------------------


class OverAttachment(Refused):
    """What is frozen may not exceed what is owed (超标的); for money the tolerance is zero."""

    code = "over_attachment"
    title = "The freezes of this case would exceed what is owed"
    rule = "R-INQ-20"
    remedy = "Lower the amounts to what `free_fen` leaves, or release another freeze first."


class DeductionAboveFrozen(Refused):
    """A deduction takes at most what is frozen there and not already deducted or being deducted."""

    code = "deduction_above_frozen"
    title = "The deduction exceeds what is frozen"
    rule = "R-INQ-04"
    remedy = "Ask for at most `frozen_fen`."


class OriginalNotFound(Refused):
    """Renewal, release and deduction name a freeze of this case in force, by its request number and sequence."""

    code = "original_not_found"
    title = "The original freeze does not exist, or is not in force"
    rule = "R-INQ-11"
    remedy = "Name request number and sequence of an effective freeze of this case."


class MeasureUnsupported(Refused):
    """The law knows no such measure on this class of asset, or the agency does not carry it out."""

    code = "measure_unsupported"
    title = "The agency cannot carry out this measure"
    rule = "R-INQ-03"
    remedy = "Choose an agency that lists the measure code, or serve the papers on the spot."


class AssetUnknown(Refused):
    """No agency reported this asset for a debtor of this case."""

    code = "asset_unknown"
    title = "The asset was not reported in this case"
    rule = "R-GEN-06"
    remedy = "Name an asset of /v1/discovered-assets of this case, with its agency."


class AssetExempt(Refused):
    """The law exempts the asset from attachment."""

    code = "asset_exempt"
    title = "The asset may not be attached"
    rule = "R-INQ-21"
    remedy = "Choose another asset."


class AmountMissing(Refused):
    """A freeze or deduction states a definite amount (PRES Art 15)."""

    code = "amount_missing"
    title = "A freeze or deduction names a definite amount"
    rule = "R-INQ-20"
    remedy = "Name an amount of at least one fen."


class TermTooLong(Refused):
    """A freeze of deposits lasts at most one year, of movables two, of immovables and rights three."""

    code = "term_too_long"
    title = "The term is longer than the law allows, or ends before it begins"
    rule = "R-INQ-10"
    remedy = "End the term on `latest` at the latest: the day before the corresponding day."


class DeductionOpen(Refused):
    """One freeze carries one deduction at a time, and none while its release is on the way."""

    code = "deduction_open"
    title = "A deduction or release on this freeze is still open"
    remedy = "Wait for the answer and for the money, then ask again."


class CaseAccountMissing(Refused):
    """A deduction names the case's own account (一案一账号)."""

    code = "case_account_missing"
    title = "The deduction names no case account"
    rule = "R-PAY-01"
    remedy = "Wait until the case account is opened."


class DebtNotAssessed(Refused):
    """Without an assessed debt nothing may be frozen: there is no limit to keep to."""

    code = "debt_not_assessed"
    title = "The debt of this case has not been assessed"
    rule = "R-INQ-20"
    remedy = "Wait for the debt statement of payments."
    retryable = True
