"""21 to 23, and letting go: listing, restriction, and their end (R-CRB-06, R-CRB-07, R-CRB-10, R-CRB-20, R-CRB-24)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from libs.foundation.clock import instant
from libs.schemas.parts import Due
from services.command_center.domain.begun import begun, ended_by
from services.command_center.domain.node import Node
from services.command_center.domain.observation import Facts, Observation

PUBLISHED: Final = "credit_blacklist.restriction_published"


def punishment_nodes(case_id: str, facts: Facts) -> Iterator[Node]:
    """Return the nodes of listing and restriction, and those of the debtor's release."""
    yield from _listing(case_id, facts)
    yield from _restriction(case_id, facts)
    yield from _release(case_id, facts)


def _listing(case_id: str, facts: Facts) -> Iterator[Node]:
    """22 and 23: a draft is decided, a decision is published, both in time."""
    for drafted in facts.every("credit_blacklist.listing_drafted"):
        decision = str(drafted.facts["decision_id"])
        signed = facts.first("credit_blacklist.listing_decided", decision_id=decision)
        refused = facts.first("credit_blacklist.listing_draft_rejected", decision_id=decision)
        subject = str(drafted.facts["party"]["display_name"])
        yield begun(
            case_id, "22", drafted.at, ended_by(signed, refused),
            instance=decision, subject=subject, due=_given(drafted, "decide_by"),
        )  # fmt: skip
    for decided in facts.every("credit_blacklist.listing_decided"):
        decision = str(decided.facts["decision_id"])
        published = facts.first("credit_blacklist.listing_published", decision_id=decision)
        added = _added(decided, facts)
        cancelled = facts.first("credit_blacklist.listing_cancelled", decision_id=decision)
        yield begun(
            case_id, "23", decided.at, ended_by(published, added, cancelled),
            instance=decision, due=_given(decided, "grace"),
        )  # fmt: skip


def _added(decided: Observation, facts: Facts) -> Observation | None:
    """Return the update that a decision about a listing in force ends in; it is published already."""
    return facts.first("credit_blacklist.listing_updated", decision_id=decided.facts["decision_id"])


def _restriction(case_id: str, facts: Facts) -> Iterator[Node]:
    """21: who is listed must be restricted; the day stands in the fact."""
    for opened in facts.every("credit_blacklist.restriction_duty_opened"):
        party = str(opened.facts["party_id"])
        met = facts.first("credit_blacklist.restriction_duty_met", party_id=party)
        yield begun(case_id, "21", opened.at, ended_by(met), instance=party, due=_given(opened, "due"))


def _release(case_id: str, facts: Facts) -> Iterator[Node]:
    """R1 and R2: three working days for a removal, and for lifting what a paid debt no longer justifies."""
    for proposed in facts.every("credit_blacklist.removal_proposed"):
        removal = str(proposed.facts["removal_id"])
        refused = facts.first("credit_blacklist.removal_rejected", removal_id=removal)
        removed = facts.first("credit_blacklist.listing_removed", listing_id=proposed.facts["listing_id"])
        yield begun(
            case_id, "R1", proposed.at, ended_by(removed, refused), instance=removal, due=_given(proposed, "due")
        )
    satisfied = facts.first("payments.debt_satisfied")
    if satisfied is None:
        return
    for published in facts.every(PUBLISHED):
        record = str(published.facts["record_id"])
        lifted = facts.first("credit_blacklist.restriction_lifted", record_id=record)
        known = max(satisfied.at, published.at)
        yield begun(case_id, "R2", known, ended_by(lifted), instance=record)


def _given(fact: Observation, name: str) -> Due | None:
    """Return the deadline that a fact brings with it, as its service counted it."""
    found = fact.facts.get(name)
    if found is None:
        return None
    return Due(**{**found, "due_at": instant(found["due_at"])})
