"""The list of a court's publicity batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from libs.foundation.clock import instant_text
from libs.journal import View
from services.credit_blacklist.domain.publicity import Batch


def batch_rows(state: Batch) -> Mapping[str, Mapping[str, Any]]:
    """Return the batch as one row, with how many of its persons are still to be taken down."""
    draft = state.draft
    if draft is None:
        return {}
    waiting = [name for name, ended in state.ended.items() if ended.due and name not in state.taken_down]
    return {
        draft.batch_id: {
            "batch_id": draft.batch_id,
            "title": draft.title,
            "platform": draft.platform,
            "state": state.state,
            "planned_on": draft.planned_on.isoformat(),
            "released_at": instant_text(state.released.evidence.at) if state.released else None,
            "persons": len(draft.items),
            "to_take_down": len(waiting),
        }
    }


PUBLICITY_BATCHES: Final = View("publicity_batches", "publicity", batch_rows, indexes=(("court", "state"),))
PUBLICITY_VIEWS: Final = (PUBLICITY_BATCHES,)
