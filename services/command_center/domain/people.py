"""Who answers for a case at the moment, and who is told (R-CMD-12)."""

from __future__ import annotations

from dataclasses import dataclass

from libs.schemas.command_center import Recipient
from services.command_center.domain.observation import Facts


@dataclass(frozen=True, slots=True)
class People:
    """A case's number, court and the people who are told. Empty until the case is registered."""

    case_number: str = ""
    court_name: str = ""
    officer: Recipient | None = None
    leader: Recipient | None = None
    applicants: tuple[Recipient, ...] = ()

    @property
    def told(self) -> tuple[Recipient, ...]:
        """Return officer, applicants and leader, each person once."""
        each = [*([self.officer] if self.officer else []), *self.applicants, *([self.leader] if self.leader else [])]
        return tuple({one.recipient_id: one for one in reversed(each)}.values())[::-1]


def people_of(facts: Facts) -> People:
    """Return who acts: until assignment the duty officer and the duty leader (R-CMD-01), then the team's own."""
    registered = facts.first("intake.case_registered")
    if registered is None:
        return People()
    assigned = facts.last("intake.case_assigned")
    officer = assigned.facts["case_officer"] if assigned else registered.facts["acting_officer"]
    leader = assigned.facts["team_leader"] if assigned else registered.facts["acting_leader"]
    return People(
        case_number=str(registered.facts["case_number"]),
        court_name=str(registered.facts["court_name"]),
        officer=Recipient(kind="CASE_OFFICER", recipient_id=officer["officer_id"], display_name=officer["name"]),
        leader=Recipient(kind="LEADER", recipient_id=leader["officer_id"], display_name=leader["name"]),
        applicants=tuple(
            Recipient(kind="APPLICANT", recipient_id=party["party_id"], display_name=party["display_name"])
            for party in registered.facts["applicants"]
        ),
    )
