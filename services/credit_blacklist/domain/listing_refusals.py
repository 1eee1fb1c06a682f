"""What the law of listing refuses, each with its rule."""

from __future__ import annotations

from libs.foundation.errors import Forbidden, Refused, Rejected


class NotADebtorOfTheCase(Refused):
    """Only a debtor is listed; a firm's representative, principal, controller or responsible one never (R-CRB-05)."""

    code = "not_a_debtor_of_the_case"
    title = "The person is not a debtor of this case"
    rule = "R-CRB-05"
    remedy = "List the debtor; persons behind a firm fall under its consumption restriction order."


class MinorNeverListed(Refused):
    """Who is under eighteen on the day of the decision is never listed (R-CRB-04)."""

    code = "minor_never_listed"
    title = "A minor is never listed"
    rule = "R-CRB-04"
    remedy = "Nothing can be changed about it; on the 18th birthday the person is of age."


class AgeUnknown(Refused):
    """A person without a resident identity number may be a minor: somebody states the birth date first (R-CRB-04)."""

    code = "age_unknown"
    title = "The person's age is not known"
    rule = "R-CRB-04"
    remedy = "State `birth_date` from the passport or another document."


class ListingBarred(Refused):
    """Something speaks against listing: guarantee, rank, no ability, the applicant's wish, 校园贷 (R-CRB-03, -05)."""

    code = "listing_barred"
    title = "The debtor may not be listed on this ground now"
    rule = "R-CRB-03"
    remedy = "Read `bars`; end a bar that has fallen away, or choose a ground that it does not bar."


class SeizedAssetsSuffice(Refused):
    """What is seized covers the debt, so the debtor is not listed for refusing though able (R-CRB-03)."""

    code = "seized_assets_suffice"
    title = "The seized assets suffice for the debt"
    rule = "R-CRB-03"
    remedy = "Dispose of the assets; the bar falls when they do not suffice."


class DebtorNotWarned(Refused):
    """The warning stands in the enforcement notice, and that has not been served (R-CRB-06)."""

    code = "debtor_not_warned"
    title = "The debtor has not been warned"
    rule = "R-CRB-06"
    remedy = "Serve the enforcement notice, which carries the warning, first."


class DebtIsSatisfied(Refused):
    """Who has performed is not listed and what is wholly performed is removed (R-CRB-08, R-CRB-10)."""

    code = "debt_is_satisfied"
    title = "The debt of the case is satisfied"
    rule = "R-CRB-10"
    remedy = "List nobody; a listing in force is removed."


class CaseIsOver(Refused):
    """The case was closed in a way that ends enforcement: there is no duty any more to list somebody for (R-CRB-10)."""

    code = "listing_in_closed_case"
    title = "The case is not enforced any more"
    rule = "R-CRB-10"
    remedy = "List in a case that is open, or closed only for the time being (终本)."


class PerformanceInconsistent(Rejected):
    """全部未履行 with a performed amount, 部分未履行 without one, or an amount that is all of the debt (R-CRB-08)."""

    code = "performance_inconsistent"
    title = "Performance and performed amount contradict each other"
    rule = "R-CRB-08"
    remedy = "NONE has no performed amount, PARTLY one below the principal; what is wholly performed is removed."


class GroundMissing(Rejected):
    """A decision names a ground, unless it only lengthens the term of a listing in force (R-CRB-01)."""

    code = "listing_ground_missing"
    title = "The decision names no ground"
    rule = "R-CRB-01"
    remedy = "Name at least one of the six grounds."


class SecondListingOnSameGround(Refused):
    """The debtor stands on the list for this ground already, or a decision for it is under way (R-CRB-01)."""

    code = "second_listing_on_same_ground"
    title = "The debtor is listed, or being listed, on this ground already"
    rule = "R-CRB-01"
    remedy = "Name further grounds only; they are added to the listing in force."


class ExtensionOutOfRange(Refused):
    """A term is extended by one to three years, all extensions of a listing taken together (R-CRB-02)."""

    code = "extension_out_of_range"
    title = "The extension is not between one and three years"
    rule = "R-CRB-02"
    remedy = "Extend by 1 to 3 years in total."


class ExtensionWithoutTerm(Refused):
    """Ground 1 has no term, so there is nothing to extend (R-CRB-02)."""

    code = "extension_without_term"
    title = "A listing without a term cannot be extended"
    rule = "R-CRB-02"
    remedy = "Leave the extension out: the listing stays until a ground for removal occurs."


class ExtensionUnfounded(Refused):
    """An extension needs serious violence or threats, or several dishonest acts (R-CRB-02)."""

    code = "extension_unfounded"
    title = "Nothing in the decision carries an extension"
    rule = "R-CRB-02"
    remedy = "Name the reason: SERIOUS_VIOLENCE with ground 2, or SEVERAL_ACTS with several grounds or acts."


class GraceOutOfRange(Refused):
    """A grace period lasts one to three months (R-CRB-07)."""

    code = "grace_out_of_range"
    title = "The grace period is not between one and three months"
    rule = "R-CRB-07"
    remedy = "Give 1 to 3 months, or none."


class ApplicationDayMissing(Rejected):
    """The fifteen days run from the application, so its day is named, and it lies in the past (R-CRB-06)."""

    code = "application_day_missing"
    title = "The day of the application is missing or lies in the future"
    rule = "R-CRB-06"
    remedy = "Send `applied_on` for a decision on application, and only then."


class RelistingTooSoon(Refused):
    """After deletion at the applicant's request the applicant's own request waits six months (R-CRB-11)."""

    code = "relisting_too_soon"
    title = "The applicant asked for the deletion less than six months ago"
    rule = "R-CRB-11"
    remedy = "Ask again after `until`; the court itself may act on a new ground."


class RelistingWithoutNewAct(Refused):
    """After a deletion listing again needs a new ground: an act after the deletion (R-CRB-11)."""

    code = "relisting_without_new_act"
    title = "The ground was listed before and nothing new is named"
    rule = "R-CRB-11"
    remedy = "Name the act in `acts`, committed on or after the day of the deletion."


class DecisionNotOpen(Refused):
    """The decision is not where this step needs it."""

    code = "listing_decision_not_open"
    title = "The decision is not open for this step"
    rule = "R-CRB-06"
    remedy = "Read the decision: a draft is approved, what is approved is served, once."


class ServiceBeforeDecision(Rejected):
    """A decision is served after it was made and not in the future."""

    code = "service_before_decision"
    title = "The service lies before the decision or in the future"
    rule = "R-CRB-06"
    remedy = "Check `served_at`."


class DrafterCannotApprove(Forbidden):
    """Who drafted or proposed does not decide (R-CRB-06: the president signs)."""

    code = "drafter_cannot_approve"
    title = "Who proposed it cannot decide it"
    rule = "R-CRB-06"
    remedy = "Have another president's deputy of the court decide."


class ListingNotInForce(Refused):
    """What is not on the list cannot be removed, corrected, updated or shown (R-CRB-10)."""

    code = "listing_not_in_force"
    title = "The debtor is not listed"
    rule = "R-CRB-10"
    remedy = "Read the listing: it was never published, or it was removed already."


class RemovalGroundNotForThisListing(Refused):
    """The seven grounds end listings without a term; one with a term ends early by active performance (R-CRB-10)."""

    code = "removal_ground_not_for_this_listing"
    title = "This ground does not remove this listing"
    rule = "R-CRB-10"
    remedy = "With a term: ACTIVE_PERFORMANCE, or wait for its end. Without: one of the seven grounds."


class RemovalUnproved(Refused):
    """The ground for removal stands on a paper, a fact of the case, or two fruitless queries (R-CRB-10)."""

    code = "removal_unproved"
    title = "The ground for removal is not proved"
    rule = "R-CRB-10"
    remedy = "Name `document_id`; for 终本 two or more `queries_on` after the closing."


class RemovalAlreadyProposed(Refused):
    """One proposal at a time waits for the president."""

    code = "removal_already_proposed"
    title = "A removal of this listing waits for its decision already"
    rule = "R-CRB-10"
    remedy = "Have the open proposal decided first."


class ProposalNotOpen(Refused):
    """The proposal was decided, or fell with the end of the listing."""

    code = "listing_proposal_not_open"
    title = "The proposal does not wait for a decision"
    remedy = "Read the listing; propose again if need be."


class RepairNotEarned(Refused):
    """A credit repair certificate is for debtors who performed and were removed for it (R-CRB-34)."""

    code = "credit_repair_not_earned"
    title = "The debtor was not removed after performance"
    rule = "R-CRB-34"
    remedy = "It is given when the listing was removed because the duty was performed."
