"""`roster/<court>`: who serves at the court, in which team, who is on duty, who signs at which level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.foundation.errors import NotFound, Refused, Rejected
from libs.schemas.envelope import Event
from libs.schemas.intake import Officer, RosterSet, Staff, Team
from libs.schemas.parts import OfficerRef
from services.intake.rules.authority import Level


class RosterInconsistent(Rejected):
    """An office or a team names somebody who is not among the officers, or an id stands twice."""

    code = "roster_inconsistent"
    title = "The roster contradicts itself"
    remedy = "List every person once under `officers` and name only their ids elsewhere."


class RosterMissing(Refused):
    """Nobody is known to serve at this court: there is no one to act or sign."""

    code = "roster_missing"
    title = "The court's roster is not set"
    rule = "R-INT-14"
    remedy = "Let an operator put the roster of the court."


class OfficerUnknown(Refused):
    """The officer does not stand in the court's roster."""

    code = "officer_unknown"
    title = "The officer is not in the court's roster"
    rule = "R-INQ-05"
    remedy = "Name officers by their id in the roster."


class TeamUnknown(NotFound):
    """There is no team with this id at the court."""

    code = "team_not_found"
    title = "There is no such team"


@dataclass(frozen=True, slots=True)
class Roster:
    """The roster, once set."""

    roster: RosterSet | None = None

    @property
    def present(self) -> RosterSet:
        """The roster in force. Raises `RosterMissing`."""
        if self.roster is None:
            raise RosterMissing
        return self.roster

    def officer(self, officer_id: str) -> Officer:
        """Return an officer. Raises `OfficerUnknown`."""
        for officer in self.present.officers:
            if officer.officer_id == officer_id:
                return officer
        raise OfficerUnknown(f"No officer {officer_id} in the roster.", officer_id=officer_id)

    def staff(self, officer_id: str) -> Staff:
        """Return an officer as events name them."""
        return Staff(officer_id=officer_id, name=self.officer(officer_id).name)

    def credentials(self, officer_id: str) -> OfficerRef:
        """Return an officer with both credentials."""
        officer = self.officer(officer_id)
        return OfficerRef(
            officer_id=officer_id,
            name=officer.name,
            work_permit_number=officer.work_permit_number,
            duty_permit_number=officer.duty_permit_number,
        )

    def team(self, team_id: str) -> Team:
        """Return a team. Raises `TeamUnknown`."""
        for team in self.present.teams:
            if team.team_id == team_id:
                return team
        raise TeamUnknown(f"No team {team_id} in the roster.")

    def holders(self, leader: str) -> dict[Level, str]:
        """Return who signs at which level in a case whose leader is `leader`."""
        return {"TEAM_LEADER": leader, "BUREAU_HEAD": self.present.bureau_head, "PRESIDENT": self.present.president}


@dataclass(frozen=True, slots=True)
class SetRoster:
    """Replace the roster."""

    roster: RosterSet


def decide(state: Roster, command: SetRoster, now: datetime) -> Sequence[Event]:  # noqa: ARG001 -- a decider's shape
    """Return the new roster, or nothing if it is the one in force. Raises `RosterInconsistent`."""
    roster = command.roster
    ids = [officer.officer_id for officer in roster.officers]
    teams = [team.team_id for team in roster.teams]
    if len(set(ids)) != len(ids) or len(set(teams)) != len(teams):
        raise RosterInconsistent("An id stands twice.")
    named = [roster.duty_officer, roster.duty_leader, roster.bureau_head, roster.president, roster.node_supervisor]
    named += [person for team in roster.teams for person in (team.leader, *team.members)]
    unknown = sorted(set(named) - set(ids))
    if unknown:
        raise RosterInconsistent(f"Not among the officers: {', '.join(unknown)}.", unknown=unknown)
    return [] if roster == state.roster else [roster]


def evolve(state: Roster, event: Event) -> Roster:
    """Return the roster after a fact."""
    return Roster(event) if isinstance(event, RosterSet) else state
