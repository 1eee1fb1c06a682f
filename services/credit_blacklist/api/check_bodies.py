"""What a check is asked with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from libs.foundation.identity_documents import NUMBER_CHARS_MAX
from libs.schemas.parts import IdType
from libs.web import Name, RequestModel
from services.credit_blacklist.screening.persons import Person, measure_of, person_of

WRITTEN_CHARS_MAX = 2 * NUMBER_CHARS_MAX
"""A number may be written with spaces; what is compared is shorter."""

MeasureCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z][0-9A-Z._]{0,39}$")]
"""A measure of the view's policy, e.g. `7.1.AIR`."""


class DocumentBody(RequestModel):
    """An identity document: its type and the number on it."""

    type: IdType
    number: Annotated[str, Field(min_length=1, max_length=WRITTEN_CHARS_MAX)]


class LineBody(RequestModel):
    """One person of a batch: document and name, and the measure if it is not the batch's."""

    document: DocumentBody
    name: Name
    measure_code: MeasureCode | None = None

    def person(self, view: str) -> Person:
        """Return whom to ask for. Raises what is wrong with the number, and `MeasureNotInView`."""
        return person_of(self.document.type, self.document.number, self.name, measure_of(view, self.measure_code))


class CheckBody(RequestModel):
    """One person: document and name; a name alone never has a verdict. `as_of`: the list of an earlier moment."""

    document: DocumentBody | None = None
    name: Name
    measure_code: MeasureCode | None = None
    as_of: AwareDatetime | None = None

    def person(self, view: str) -> Person | None:
        """Return whom to ask for, None for a name alone. Raises as `LineBody.person` does."""
        measure = measure_of(view, self.measure_code)
        if self.document is None:
            return None
        return person_of(self.document.type, self.document.number, self.name, measure)

    @property
    def moment(self) -> datetime | None:
        """The moment asked for."""
        return self.as_of
