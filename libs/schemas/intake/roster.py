"""The court's people."""

from __future__ import annotations

from libs.schemas.envelope import Event, Fact
from libs.schemas.intake.kinds import TeamKind


class Officer(Fact):
    """A member of staff with credentials and roles, filed with the agencies in advance (R-INQ-05)."""

    officer_id: str
    name: str
    work_permit_number: str
    duty_permit_number: str
    roles: tuple[str, ...]
    phone: str


class Team(Fact):
    """An enforcement team."""

    team_id: str
    name: str
    kind: TeamKind
    leader: str
    members: tuple[str, ...]


class RosterSet(Event, name="roster_set"):
    """Who serves at the court: officers, teams, who is on duty, who approves what."""

    court: str
    court_name: str
    officers: tuple[Officer, ...]
    teams: tuple[Team, ...]
    duty_officer: str
    duty_leader: str
    bureau_head: str
    president: str
    node_supervisor: str
