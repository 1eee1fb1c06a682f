"""Lists of restriction orders and of the duties to restrict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from libs.foundation.clock import instant_text
from libs.journal import View
from services.credit_blacklist.domain.restriction import RestrictionOrder
from services.credit_blacklist.domain.restriction_duty import Duties

Rows = Mapping[str, Mapping[str, Any]]


def restriction_rows(state: RestrictionOrder) -> Rows:
    """Return an order as a line of the list."""
    drafted, ordered = state.drafted, state.ordered
    if drafted is None:
        return {}
    return {
        drafted.order_id: {
            "id": drafted.order_id,
            "case_id": drafted.case_id,
            "case_number": drafted.case_number,
            "state": state.state,
            "reason": drafted.reason,
            "order_number": ordered.order_number if ordered else None,
            "decided_on": ordered.decided_on.isoformat() if ordered else None,
            "persons": [person.display_name for person in state.persons.values()],
            "restricted": len(state.in_force()),
        }
    }


def duty_rows(state: Duties) -> Rows:
    """Return the debtors of a case who must be restricted and are not."""
    return {
        f"{duty.opened.case_id}:{party_id}": {
            "case_id": duty.opened.case_id,
            "party_id": party_id,
            "listing_record": duty.opened.listing_record,
            "due_at": instant_text(duty.opened.due.due_at),
            "last_day": duty.opened.due.last_day.isoformat(),
            "rule": duty.opened.due.rule,
            "explanation": duty.opened.due.explanation,
            "overdue": duty.overdue,
        }
        for party_id, duty in state.duties.items()
    }


RESTRICTIONS: Final = View("restriction_orders", "restriction", restriction_rows, indexes=(("court", "case_id"),))
RESTRICTION_DUTIES: Final = View(
    "restriction_duties", "restriction_duty", duty_rows, indexes=(("court", "case_id"), ("court", "due_at"))
)
