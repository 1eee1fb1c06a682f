"""Whom an order may cover, and as whom (R-CRB-22)."""

from __future__ import annotations

from collections.abc import Iterable

from libs.schemas.credit_blacklist import Role
from libs.schemas.credit_blacklist.restriction import CoveredPerson
from services.credit_blacklist.domain.casefile import CaseFile
from services.credit_blacklist.domain.restriction_refusals import EntityHeadMissing, PersonNotCoverable
from services.credit_blacklist.rules.consumption import HEADS, NATURAL_ONLY

ROLE_ORDER: tuple[Role, ...] = (
    "DEBTOR",
    "LEGAL_REPRESENTATIVE",
    "PRINCIPAL",
    "ACTUAL_CONTROLLER",
    "DIRECTLY_RESPONSIBLE",
)
"""Which of several roles a record names: what is owed oneself comes before what is answered for."""


def checked_persons(casefile: CaseFile, named: Iterable[CoveredPerson]) -> tuple[CoveredPerson, ...]:
    """Return the persons, each once with all roles. Raises `PersonNotCoverable` and `EntityHeadMissing`.

    For a natural person who owes, the order covers only that person. For an entity it covers the entity itself and
    its legal representative or principal, and may cover those directly responsible and the actual controller.
    """
    persons = _merged(named)
    entities = 0
    for person in persons:
        if "DEBTOR" in person.roles:
            debtor = casefile.debtor(person.party_id)
            if debtor is None:
                raise PersonNotCoverable(f"{person.party_id} is no debtor of the case.", field="persons")
            entities += debtor.party_type == "ORGANISATION"
        _check_nature(person)
    others = [person for person in persons if "DEBTOR" not in person.roles]
    if len(others) == len(persons):
        raise PersonNotCoverable("No debtor is among the persons.", field="persons")
    if others and not entities:
        raise PersonNotCoverable("A natural person's order covers only the debtor.", field="persons")
    if entities and not any(HEADS.intersection(person.roles) for person in persons):
        raise EntityHeadMissing(field="persons")
    return persons


def _check_nature(person: CoveredPerson) -> None:
    if person.party_type == "ORGANISATION" and NATURAL_ONLY.intersection(person.roles):
        raise PersonNotCoverable(f"{person.party_id} is no natural person.", field="persons")


def _merged(named: Iterable[CoveredPerson]) -> tuple[CoveredPerson, ...]:
    merged: dict[str, CoveredPerson] = {}
    for person in named:
        known = merged.get(person.party_id)
        roles = {*person.roles, *(known.roles if known else ())}
        ordered = tuple(role for role in ROLE_ORDER if role in roles)
        merged[person.party_id] = person.model_copy(update={"roles": ordered})
    return tuple(merged.values())
