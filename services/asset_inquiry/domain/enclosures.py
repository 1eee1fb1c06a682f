"""What every request encloses: the papers of its kind, sealed, and two distinct officers with filed credentials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from libs.schemas.asset_inquiry import PaperRecorded
from libs.schemas.parts import OfficerRef, PaperRef, RequestKind
from services.asset_inquiry.domain.copies import OfficersCopy, PaperCopy
from services.asset_inquiry.domain.refusals import CopyPending, OfficersNotFiled, PaperNotSealed, PapersMissing
from services.asset_inquiry.rules.measures import papers_for

OFFICERS_MIN = 2


def enclosed_papers(kind: RequestKind, copies: Mapping[str, PaperCopy], case_id: str) -> tuple[PaperRef, ...]:
    """Return the papers, or refuse: one of the kind is missing, foreign to the case, or without seal (R-INQ-04).

    `CopyPending` while a paper's text is still on the way to us.
    """
    papers = [_text_of(document_id, copy) for document_id, copy in copies.items()]
    if foreign := [paper.document_id for paper in papers if paper.case_id not in ("", case_id)]:
        raise PapersMissing("A paper belongs to another case.", field="document_ids", foreign=foreign)
    present = {paper.kind for paper in papers}
    if missing := [needed for needed in papers_for(kind) if needed not in present]:
        raise PapersMissing(f"Missing: {', '.join(missing)}.", field="document_ids", missing=missing)
    if unsealed := [document_id for document_id, copy in copies.items() if not copy.seal]:
        raise PaperNotSealed(field="document_ids", documents=unsealed)
    return tuple(PaperRef.model_validate(paper.model_dump()) for paper in papers)


def _text_of(document_id: str, copy: PaperCopy) -> PaperRecorded:
    if copy.record is None:
        raise CopyPending(f"The paper {document_id} is not here yet.", field="document_ids")
    return copy.record


def named_officers(officer_ids: Sequence[str], roster: OfficersCopy) -> tuple[OfficerRef, ...]:
    """Return the officers, or refuse: fewer than two different ones, or one without filed credentials (R-INQ-05)."""
    if roster.record is None:
        raise CopyPending("The court's roster is not here yet.", field="officer_ids")
    filed = roster.filed()
    if strangers := [officer_id for officer_id in officer_ids if officer_id not in filed]:
        raise OfficersNotFiled(f"Not filed: {', '.join(strangers)}.", field="officer_ids")
    officers = tuple(filed[officer_id] for officer_id in dict.fromkeys(officer_ids))
    # One permit entered twice under two names is the real adapters' pitfall 8.
    permits = {officer.work_permit_number for officer in officers}
    if len(officers) < OFFICERS_MIN or len(permits) < len(officers):
        raise OfficersNotFiled("Two different officers with permits of their own are needed.", field="officer_ids")
    return officers
