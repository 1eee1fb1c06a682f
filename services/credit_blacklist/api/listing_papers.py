"""The papers of decisions: written and sealed when the president signs, kept in private, read with a purpose."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from libs.journal import CommandMeta, Folded
from libs.schemas.credit_blacklist import ListingDecided, SignedPaper
from libs.web import Caller, IdPath, Purpose, purpose, scope, show
from services.credit_blacklist.api.listing_room import READ, ListingRoom
from services.credit_blacklist.domain.casefile import CaseFile, casefile_stream
from services.credit_blacklist.domain.listing import Listing, ListingUnknown
from services.credit_blacklist.papers import (
    Matter,
    Paper,
    correction_paper,
    listing_paper,
    removal_paper,
    sealed,
)


def listing_paper_routes(room: ListingRoom) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["listings"])

    @router.get("/listing-papers/{part_id}")
    async def read(
        part_id: IdPath,
        request: Request,
        caller: Annotated[Caller, scope(READ)],
        why: Annotated[Purpose, purpose],
    ) -> Response:
        """Read the paper of a decision, removal or correction by its id: text, hash and the court's seal."""
        folded = await room.listing(caller, part_id)
        paper = _paper_of(folded.state, part_id)
        words = await room.words(folded.state.listing_id, papers=True)
        text = next((one.text for one in words.texts if paper and one.sha256 == paper.sha256), None)
        if paper is None or text is None:
            raise ListingUnknown
        why.what["paper"] = part_id
        return show(request, paper.model_dump() | {"id": part_id, "media_type": "text/html", "text": text})

    return router


async def decision_paper(
    room: ListingRoom, folded: Folded[Listing], decided: ListingDecided, by: str, meta: CommandMeta
) -> SignedPaper:
    """Write, keep and seal the paper of a decision to list."""
    draft = folded.state.decision(decided.decision_id).draft
    matter = await _matter(room, folded, draft.party.party_id, decided.number)
    # The draft carries the text with the parties masked; the debtor is served the words of the officer.
    mask = await room.masker(folded.state.case_id)
    words = (await room.words(folded.state.listing_id)).texts
    facts = next((one.text for one in words if mask(one.text) == draft.facts), draft.facts)
    return await _kept(room, folded, matter, listing_paper(matter, draft, decided, facts), by, meta)


async def end_paper(
    room: ListingRoom, folded: Folded[Listing], part_id: str, number: str, by: str, meta: CommandMeta
) -> SignedPaper:
    """Write, keep and seal the paper of a removal or a correction of the listing in force."""
    state = folded.state
    assert state.current is not None, "it was decided without writing just now"
    record = state.current.record
    matter = await _matter(room, folded, record.party_id, number)
    if part_id in state.removals:
        paper = removal_paper(matter, state.removal(part_id).proposal, record.order_number)
    else:
        paper = correction_paper(matter, state.correction(part_id).proposal, record.order_number)
    return await _kept(room, folded, matter, paper, by, meta)


async def _kept(
    room: ListingRoom, folded: Folded[Listing], matter: Matter, paper: Paper, by: str, meta: CommandMeta
) -> SignedPaper:
    signed = await sealed(room.signer, matter, paper, by, room.clock.now())
    await room.keep_words(folded, paper.text, meta, paper=True)
    return signed


async def _matter(room: ListingRoom, folded: Folded[Listing], party_id: str, number: str) -> Matter:
    file: Folded[CaseFile] = await room.journal.fold(casefile_stream(folded.state.case_id), court=None)
    case = file.state.require()
    applicants = []
    for party in case.applicants:
        known = (await room.person(party.party_id)).record
        applicants.append(known.name if known else party.display_name)
    return Matter(
        court=case.court,
        court_name=case.court_name,
        case_id=case.case_id,
        case_number=case.case_number,
        number=number,
        written_on=room.today(),
        applicants=tuple(applicants),
        debtor=(await room.person(party_id)).require(),
    )


def _paper_of(state: Listing, part_id: str) -> SignedPaper | None:
    parts: tuple[Any, ...] = (
        state.decisions.get(part_id),
        state.removals.get(part_id),
        state.corrections.get(part_id),
    )
    return next((part.paper for part in parts if part is not None), None)
