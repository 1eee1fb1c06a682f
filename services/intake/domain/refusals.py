"""What the law of intake refuses, by name."""

from __future__ import annotations

from libs.foundation.errors import Forbidden, NotFound, Refused

# --- the application -------------------------------------------------------------------------------------------------


class PartyNameMismatch(Refused):
    """The identity number belongs to another name in the party register."""

    code = "party_name_mismatch"
    title = "The identity number stands under another name in the party register"
    rule = "R-INT-05"
    remedy = "Compare name and number with the identity document."


class ApplicationUnknown(NotFound):
    """No attempt with this id stands on the filing."""

    code = "application_not_found"
    title = "There is no such application"


class ApplicationAlreadyDecided(Refused):
    """The application was accepted or refused before."""

    code = "application_already_decided"
    title = "The application has been decided"
    rule = "R-INT-09"
    remedy = "Read the application; a refused one may be filed again."


class DefectsOpen(Refused):
    """Papers are still lacking; the applicant was told which."""

    code = "defects_open"
    title = "The application still lacks papers"
    rule = "R-INT-10"
    remedy = "Supplement the papers named in `defects`."


class AcceptanceConditionsUnmet(Refused):
    """One or more of the five conditions do not hold; their numbers stand in `failed_conditions`."""

    code = "acceptance_conditions_unmet"
    title = "The conditions of acceptance are not all met"
    rule = "R-INT-09"
    remedy = "Refuse the application naming the conditions, or wait until they hold."


class NoGroundForRefusal(Refused):
    """All five conditions hold: the application must be accepted."""

    code = "no_ground_for_refusal"
    title = "No condition of acceptance fails"
    rule = "R-INT-09"
    remedy = "Accept the application, or say which condition fails."


class SerialsExhausted(Refused):
    """The pattern of case numbers holds seven digits."""

    code = "serials_exhausted"
    title = "The year's case numbers are used up"
    rule = "R-INT-04"


# --- the case --------------------------------------------------------------------------------------------------------


class CaseUnknown(NotFound):
    """The case is not registered (yet): its number follows from the acceptance within a moment."""

    code = "case_not_found"
    title = "There is no such case"


class CaseIsClosed(Refused):
    """Nothing is ordered in a closed case."""

    code = "case_closed"
    title = "The case is closed"
    rule = "R-INT-27"
    remedy = "Resume enforcement under a new number where the law allows it."


class NotTheActingOfficer(Forbidden):
    """Only the officer who acts in the case may do this: the duty officer until assignment, then the case officer."""

    code = "not_the_acting_officer"
    title = "The caller does not act in this case"
    rule = "R-INT-14"
    remedy = "Let the officer named in `acting_officer` do it."


class NotTheAssigner(Forbidden):
    """Assignment belongs to the duty leader who acts in the case, or to the bureau head."""

    code = "not_the_assigner"
    title = "The caller may not assign this case"
    rule = "R-INT-14"
    remedy = "Let the acting leader of the case or the bureau head assign it."


class NotTriaged(Refused):
    """A case is classified before it is assigned."""

    code = "not_triaged"
    title = "The case has not been triaged"
    rule = "R-INT-30"
    remedy = "Wait for the concentrated inquiry's result or decide the triage."


class AlreadyAssigned(Refused):
    """Triage decides the way to a team; a case with a team is not classified again."""

    code = "already_assigned"
    title = "The case has a team"
    rule = "R-INT-30"
    remedy = "Assign the case to another team of the same kind if need be."


class TeamKindMismatch(Refused):
    """The team's kind is not the one that triage found."""

    code = "team_kind_mismatch"
    title = "The team is of another kind than triage decided"
    rule = "R-INT-31"
    remedy = "Choose a team of the kind named in `team_kind`, or triage again with other facts."


class OfficerNotInTeam(Refused):
    """The case officer is a member or the leader of the team."""

    code = "officer_not_in_team"
    title = "The officer does not belong to the team"
    rule = "R-INT-14"
    remedy = "Choose a member of the team."


class PartyNotInCase(NotFound):
    """The person is no party of this case."""

    code = "party_not_in_case"
    title = "There is no such party in this case"
    rule = "R-GEN-06"


class PropertyReportNotOrdered(Refused):
    """No property report order was served on this debtor."""

    code = "property_report_not_ordered"
    title = "No property report order was served on the debtor"
    rule = "R-INT-16"
    remedy = "Serve the order first."


class CaseAccountPending(Refused):
    """The case's own account is not open yet; the paper must name it."""

    code = "case_account_pending"
    title = "The case account is not known yet"
    rule = "R-PAY-01"
    remedy = "Repeat the request in a moment: payments opens the account right after registration."
    retryable = True
