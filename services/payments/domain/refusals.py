"""What the law of the money refuses, each with its rule."""

from __future__ import annotations

from libs.foundation.errors import Forbidden, NotFound, Refused, Rejected


class CaseAccountUnknown(NotFound):
    """No case of this id has an account here."""

    code = "case_account_unknown"
    title = "The case has no account here"
    remedy = "Check the case id; an account is opened when the case is registered."


class CaseAccountNotOpen(Refused):
    """The case is known, but its account has no number yet: the court's fund account is not set (R-PAY-01)."""

    code = "case_account_not_open"
    title = "The case account is not open yet"
    rule = "R-PAY-01"
    remedy = "Set the court's fund account; the case accounts that wait are then opened at once."


class AmountBeyondLimit(Refused):
    """A sum would exceed what the ledger can hold exactly."""

    code = "amount_beyond_limit"
    title = "The sum is larger than the ledger holds"
    remedy = "Check the amounts; the money waits where it is and is not lost."


class AssessmentDayOutOfReach(Refused):
    """A debt is assessed for today or an expected day soon, never backwards and not for a far future (R-INQ-20)."""

    code = "assessment_day_out_of_reach"
    title = "The debt cannot be assessed for that day"
    rule = "R-INQ-20"
    remedy = "Name today or a day within the next 30 days; a statement for any other day can be read."


class DebtBeyondLimit(Rejected):
    """A debt that cannot be stated in fen below ten trillion yuan."""

    code = "debt_beyond_limit"
    title = "The debt is larger than can be stated"
    remedy = "Ask for an earlier `as_of`, or check the claim."


class NameAlreadyBound(Rejected):
    """An account number or case number names another case already (R-PAY-01: one case, one account).

    Never an answer that work goes on after: an account opened under such a number would get another case's money.
    """

    code = "name_already_bound"
    title = "The number belongs to another case"
    rule = "R-PAY-01"
    remedy = "Choose another account number prefix for the court."


class PrefixTaken(Refused):
    """The prefix and another court's could begin the same account number (R-PAY-01: one case, one account)."""

    code = "account_prefix_taken"
    title = "Another court's account numbers begin like this"
    rule = "R-PAY-01"
    remedy = "Agree on a prefix of your own with the custodian bank."


class PayoutUnknown(NotFound):
    """There is no payout of this id."""

    code = "payout_unknown"
    title = "There is no such payout"
    remedy = "Check the id."


class PayoutAboveAvailable(Refused):
    """More than the balance less what is held for other payouts (R-PAY-01: the balance is never negative)."""

    code = "payout_above_available"
    title = "The amount is more than is available in the case account"
    rule = "R-PAY-01"
    remedy = "Ask for at most `available_fen`; amounts of payouts under way are held."


class PayoutAboveEntitlement(Refused):
    """More than this purpose may get: applicant the claim, treasury the fee, payer the surplus (R-PAY-07)."""

    code = "payout_above_entitlement"
    title = "The amount is more than this purpose is entitled to"
    rule = "R-PAY-07"
    remedy = "Ask for at most `entitled_fen`, which counts what was paid or is under way already."


class PayeeNotApplicant(Refused):
    """Only an applicant of the case is paid; anyone else needs a collegial panel (R-PAY-07)."""

    code = "payee_not_applicant"
    title = "The payee is not an applicant of this case"
    rule = "R-PAY-07"
    remedy = "Name an applicant of the case in `payee_id`."


class PayeeMissing(Rejected):
    """A payout to an applicant names no applicant, or a refund no account."""

    code = "payee_missing"
    title = "The payout names nobody to pay"
    rule = "R-PAY-07"
    remedy = "Send `payee_id` for TO_APPLICANT, `refund_account` for REFUND_TO_PAYER, neither for ENFORCEMENT_FEE."


class PayeeAccountMissing(Refused):
    """The applicant has named no account to be paid to."""

    code = "payee_account_missing"
    title = "The payee has no account on file"
    rule = "R-PAY-07"
    remedy = "Have the applicant name an account in their own name."


class PayeeNameMismatch(Refused):
    """The account's holder is not the payee (R-PAY-07)."""

    code = "payee_name_mismatch"
    title = "The account is not in the payee's name"
    rule = "R-PAY-07"
    remedy = "Have the payee name an account whose holder is the payee."


class PayeeAccountChanged(Refused):
    """The payee's account changed after the payout was drafted: the approval starts again (R-PAY-07)."""

    code = "payee_account_changed"
    title = "The payee's account changed after the payout was drafted"
    rule = "R-PAY-07"
    remedy = "Reject this payout and draft a new one to the new account."


class SamePersonTwice(Forbidden):
    """Maker, checker and approver are three different people (R-PAY-07)."""

    code = "same_person_twice"
    title = "Maker, checker and approver must be three different people"
    rule = "R-PAY-07"
    remedy = "Have another person with the right role decide."


class RoleNotOfThisStep(Forbidden):
    """This step belongs to another role (R-PAY-07)."""

    code = "role_not_of_this_step"
    title = "This step belongs to another role"
    rule = "R-PAY-07"
    remedy = "A drafted payout is decided by a fund_checker, a checked one by a fund_approver."


class PayoutNotAwaitingDecision(Refused):
    """The payout is not at a step where anyone decides."""

    code = "payout_not_awaiting_decision"
    title = "The payout does not wait for a decision"
    rule = "R-PAY-07"
    remedy = "Read the payout's state."


class PayoutNotInDoubt(Refused):
    """Only a payout in doubt is resolved by a person."""

    code = "payout_not_in_doubt"
    title = "The payout is not in doubt"
    remedy = "Read the payout's state; the bank's own answer decides in every other case."


class IncomingPaymentUnknown(NotFound):
    """No incoming payment of this id is registered."""

    code = "incoming_payment_unknown"
    title = "There is no such incoming payment"
    remedy = "Check the id."


class AlreadyIdentified(Refused):
    """The money belongs to a case already (R-PAY-03)."""

    code = "already_identified"
    title = "The money is identified already"
    rule = "R-PAY-03"
    remedy = "Money credited to the wrong case is returned by a payout from that case."


class NoIdentificationProposed(Refused):
    """There is nothing to approve: nobody proposed a case for this money (R-PAY-03)."""

    code = "no_identification_proposed"
    title = "No case was proposed for this money"
    rule = "R-PAY-03"
    remedy = "Propose a case with evidence first."


class IdentificationNeedsSecondPerson(Forbidden):
    """Identification is confirmed by two different people (R-PAY-03)."""

    code = "identification_needs_second_person"
    title = "The person who proposed the case may not confirm it"
    rule = "R-PAY-03"
    remedy = "Have another fund officer, checker or approver confirm it."
