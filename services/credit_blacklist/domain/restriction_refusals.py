"""What the law of consumption restriction refuses, each with its rule."""

from __future__ import annotations

from libs.foundation.errors import Forbidden, NotFound, Refused, Rejected


class RestrictionUnknown(NotFound):
    """There is no order, and no part of one, of this id; or it is another court's."""

    code = "restriction_unknown"
    title = "There is no such restriction order"
    remedy = "Check the id."


class PersonNotCovered(Refused):
    """The person is not restricted by this order now."""

    code = "person_not_covered"
    title = "The order does not restrict this person now"
    rule = "R-CRB-22"
    remedy = "Read the order; name one of the persons whose record is in force."


class PersonNotCoverable(Refused):
    """An order covers debtors of the case, and beside an entity those who lead, control or answer for it (R-CRB-22)."""

    code = "person_not_coverable"
    title = "An order cannot cover this person in this role"
    rule = "R-CRB-22"
    remedy = "Name debtors of the case; other roles only beside a debtor that is an entity."


class EntityHeadMissing(Refused):
    """An order on an entity covers its legal representative or principal, too (R-CRB-22)."""

    code = "entity_head_missing"
    title = "The order on an entity names neither its legal representative nor its principal"
    rule = "R-CRB-22"
    remedy = "Name the legal representative or the principal among the persons."


class AlreadyRestricted(Refused):
    """Another order of the case covers the person; two would have to be lifted twice."""

    code = "already_restricted"
    title = "Another order of this case covers the person already"
    rule = "R-CRB-20"
    remedy = "Work with the order that stands."


class DebtorNotWarned(Refused):
    """No enforcement notice was served on the debtor, so there is no period that passed unused (R-CRB-20)."""

    code = "debtor_not_in_default"
    title = "The debtor has had no enforcement notice yet"
    rule = "R-CRB-20"
    remedy = "Serve the enforcement notice; restrict when its period has passed without payment."


class DebtorNotListed(Refused):
    """The order says that the debtor is listed, and no listing is in force (R-CRB-20)."""

    code = "debtor_not_listed"
    title = "No listing of the debtor is in force"
    rule = "R-CRB-20"
    remedy = "Give the reason UNPAID, or restrict after the listing decision."


class DebtPerformedAlready(Refused):
    """The debt is performed: nobody is restricted for it any more (R-CRB-24)."""

    code = "restriction_after_performance"
    title = "The debt of the case is performed"
    rule = "R-CRB-24"
    remedy = "There is nothing to restrict for."


class CaseNotEnforced(Refused):
    """The case was closed in a way that ends enforcement."""

    code = "restriction_in_closed_case"
    title = "The case is not enforced any more"
    rule = "R-CRB-20"
    remedy = "Restrict in a case that is open, or closed only for the time being (终本)."


class NotAtThisStep(Refused):
    """The order is not at the step that this act belongs to."""

    code = "restriction_not_at_this_step"
    title = "The order is not at this step"
    rule = "R-CRB-20"
    remedy = "Read the order's state: drafted, signed by the president, served, published."


class SignedByItsDrafter(Forbidden):
    """Who drafted or proposed may not sign (R-GEN-09)."""

    code = "restriction_signed_by_drafter"
    title = "Who drafted it may not sign it"
    rule = "R-GEN-09"
    remedy = "Have the president sign what somebody else drafted."


class ProposalDecided(Refused):
    """The proposal or request was decided before."""

    code = "restriction_proposal_decided"
    title = "This was decided already"
    remedy = "Read the order; propose anew if there is reason to."


class ReleaseTooLong(Refused):
    """A temporary release is longer than a month, alone or with the release that it follows (R-CRB-23)."""

    code = "release_too_long"
    title = "A temporary release lasts at most one month"
    rule = "R-CRB-23"
    remedy = "Shorten it; releases of the same kind that follow each other count as one."


class ReleaseWindowInvalid(Refused):
    """The window of a release has no end after its begin, or is over already."""

    code = "release_window_invalid"
    title = "The window of the release is empty or over"
    rule = "R-CRB-23"
    remedy = "Name `from` before `until`, and an `until` that is still to come."


class ReleaseKindsInvalid(Refused):
    """The release names kinds that are not restricted, or that no urgent reason releases (R-CRB-23)."""

    code = "release_kinds_invalid"
    title = "These kinds cannot be released"
    rule = "R-CRB-23"
    remedy = "For urgent reasons name 1 (planes) or 9 (high-speed trains); for an exemption kinds of the order."


class LiftingIncomplete(Rejected):
    """A proposal to lift names a ground of another scope, or lacks what its scope needs."""

    code = "lifting_incomplete"
    title = "The ground does not belong to this kind of lifting"
    rule = "R-CRB-24"
    remedy = "FULL takes a ground of R-CRB-24; TEMPORARY an urgent reason with kinds, `from` and `until`."


class ListedDebtorStaysRestricted(Refused):
    """A listed debtor must be restricted: consent or a guarantee lets them go only when the listing ends (R-CRB-20)."""

    code = "listed_debtor_stays_restricted"
    title = "The debtor is listed and must stay restricted"
    rule = "R-CRB-20"
    remedy = "Remove the listing first."


class FormerHeadStillAnswerable(Refused):
    """The former representative is controller or directly responsible as well, and stays covered (R-CRB-23)."""

    code = "former_head_still_answerable"
    title = "The former representative still controls or answers for the entity"
    rule = "R-CRB-23"
    remedy = "Prove that the person is neither, and have the order corrected; then replace."


class SuccessorInvalid(Refused):
    """The successor does not take the office of the person replaced, or was covered by this order before."""

    code = "successor_invalid"
    title = "This person cannot take the place of the other"
    rule = "R-CRB-23"
    remedy = "Name a person who takes the same office; whom this order covered before needs an order of their own."


class ExemptionPurposeInvalid(Refused):
    """Private spending with own money is for those beside the debtor; the debtor's money is owed (R-CRB-22)."""

    code = "exemption_purpose_invalid"
    title = "This purpose is not open to this person"
    rule = "R-CRB-22"
    remedy = "A debtor asks for what life or trade needs; persons beside an entity for private spending."


class NothingToCorrect(Refused):
    """The correction changes nothing of the record."""

    code = "restriction_correction_empty"
    title = "The correction changes nothing"
    rule = "R-CRB-12"
    remedy = "Name the kinds, the role or the telephone as they should be."
