"""Who calls: what a verified token says, and the questions that routes ask of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from libs.foundation.errors import NotFound
from libs.journal import Actor
from libs.web.errors import CourtNotYours, RoleMissing, TokenInvalid

EVERY_COURT = "*"
"""In the `courts` claim: an operator of the whole system, who is of no single court."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The organisation, person or program behind a request, as the token's issuer vouched for it."""

    issuer: str
    subject: str
    organisation: str
    client: str
    roles: frozenset[str]
    scopes: frozenset[str]
    courts: frozenset[str]
    agency_id: str | None = None
    name: str | None = None

    def may_act_in(self, court: str) -> bool:
        """Return whether the token names this court."""
        return court in self.courts or EVERY_COURT in self.courts

    def require_court(self, court: str) -> str:
        """Return `court`, or raise `CourtNotYours` (403): for writes."""
        if not self.may_act_in(court):
            raise CourtNotYours(f"The token does not name the court {court}.")
        return court

    def require_sight(self, court: str) -> str:
        """Return `court`, or raise `NotFound` (404): for reads, where 403 would tell that the thing exists."""
        if not self.may_act_in(court):
            raise NotFound
        return court

    def fence(self) -> dict[str, Any]:
        """Return the condition that keeps a list to the caller's courts; none for who is of every court."""
        return {} if EVERY_COURT in self.courts else {"court": sorted(self.courts)}

    def require_role(self, *roles: str) -> str:
        """Return the first of `roles` that the caller holds, or raise `RoleMissing` (403)."""
        for role in roles:
            if role in self.roles:
                return role
        raise RoleMissing(f"One of these roles is needed: {', '.join(roles)}.")

    def require_agency(self) -> str:
        """Return the agency that the token speaks for, or raise `RoleMissing` (403)."""
        if not self.agency_id:
            raise RoleMissing("The token speaks for no agency.")
        return self.agency_id

    def actor(self, role: str | None = None) -> Actor:
        """Return the actor that the journal records: in the capacity of `role`, else in all the token's roles."""
        return Actor(self.subject, self.organisation, role or "+".join(sorted(self.roles)) or "client")


def caller_from(claims: Mapping[str, Any]) -> Caller:
    """Return the caller of verified claims. Raises `TokenInvalid` if the issuer forgot who it speaks of."""
    subject, organisation = claims.get("sub"), claims.get("org")
    if not isinstance(subject, str) or not subject or not isinstance(organisation, str) or not organisation:
        raise TokenInvalid("The token names no subject (`sub`) or no organisation (`org`).")
    return Caller(
        issuer=str(claims.get("iss", "")),
        subject=subject,
        organisation=organisation,
        client=str(claims.get("client_id") or subject),
        roles=_names(claims.get("roles")),
        scopes=frozenset(str(claims.get("scope") or "").split()),
        courts=_names(claims.get("courts")),
        agency_id=_text(claims.get("agency_id")),
        name=_text(claims.get("name")),
    )


def _names(value: object) -> frozenset[str]:
    return frozenset(item for item in value if isinstance(item, str)) if isinstance(value, list) else frozenset()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
