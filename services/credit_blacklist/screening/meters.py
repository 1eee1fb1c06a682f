"""What operators see of screening. Where reasons of UNKNOWN rise, nobody vouches for the list, or names are wrong."""

from __future__ import annotations

from typing import Final

from libs.telemetry.metrics import counter, gauge

ANSWERS: Final = counter("zhixing_screening_answers", "Persons checked, by answer and reason", ("view", "answer"))
LOOKED_UP: Final = counter(
    "zhixing_screening_looked_up", "Persons that the index could not tell to be missing", ("view",)
)
DOCUMENTS: Final = gauge("zhixing_screening_documents", "Documents that the index of a view knows", ("view",))
