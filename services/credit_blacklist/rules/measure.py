"""A punishment measure: what may be refused to whom, by which body, and on which law (R-CRB-30, R-CRB-32)."""

from __future__ import annotations

from dataclasses import dataclass

from libs.foundation.errors import Rejected
from libs.schemas.credit_blacklist import ConsumptionKind, ListType


class MeasureWithoutLegalBasis(Rejected):
    """A measure names no law, regulation or central policy that it rests on (国办发〔2020〕49号)."""

    code = "measure_without_legal_basis"
    title = "The measure has no legal basis"
    rule = "R-CRB-32"
    remedy = "Name the article that allows the measure, or leave the measure out of the catalogue."


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of the catalogue, or one act of it that an agency decides about by itself.

    `kinds` are the kinds of consumption (R-CRB-21) of which a restriction must name one for the measure to apply; none:
    any. A listing is a hit whatever its kinds. `reversible` says whether an act that was let through in error can be
    undone later: doubt favours the person where it can, and holds the act where it cannot. `auto_push`: the feed
    carries it to its body without a letter. Raises `MeasureWithoutLegalBasis` without a legal basis (R-CRB-32).
    """

    measure_code: str
    title: str
    body: str
    legal_basis: str
    list_types: tuple[ListType, ...] = ("LISTING",)
    kinds: tuple[ConsumptionKind, ...] = ()
    reversible: bool = True
    auto_push: bool = False
    acts: tuple[Measure, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a measure that rests on nothing."""
        if not self.legal_basis.strip():
            raise MeasureWithoutLegalBasis(f"{self.measure_code} {self.title}", field="legal_basis")

    @property
    def measure_class(self) -> int:
        """The class of the measure, 1 to 11: the first part of its code."""
        return int(self.measure_code.partition(".")[0])
