"""Decisions to list: drafted by an officer, signed by the president, served, published (R-CRB-06)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from libs.journal import CommandMeta, Folded, Outcome
from libs.schemas.credit_blacklist import (
    Basis,
    CaseFacts,
    CasefileRecorded,
    DishonestAct,
    ListingDecided,
    PersonRecorded,
)
from libs.web import (
    ApprovalBody,
    Caller,
    Identifier,
    IdPath,
    Listing,
    if_match,
    meta_of,
    page_params,
    respond,
    scope,
    show,
)
from services.credit_blacklist.api.listing_bodies import DraftBody, ServiceBody
from services.credit_blacklist.api.listing_papers import decision_paper
from services.credit_blacklist.api.listing_room import READ, WRITE, ListingRoom
from services.credit_blacklist.api.listing_shape import render_decision
from services.credit_blacklist.domain.casefile import CaseFile, casefile_stream
from services.credit_blacklist.domain.casefile_law import JoinRecord
from services.credit_blacklist.domain.listing import DecisionState, listing_id_of, listing_stream
from services.credit_blacklist.domain.listing import Listing as ListingState
from services.credit_blacklist.domain.listing_commands import DecideListing, DraftListing, ServeListing
from services.credit_blacklist.domain.listing_refusals import NotADebtorOfTheCase
from services.credit_blacklist.domain.listing_standing import standing_of
from services.credit_blacklist.domain.person import RecordPerson, party_ref, person_stream
from services.credit_blacklist.rules.roles import OFFICERS, PRESIDENT
from services.credit_blacklist.views.listings import LISTING_DECISIONS


def listing_decision_routes(room: ListingRoom) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["listings"])
    _drafting(router, room)
    _reading(router, room)
    _deciding(router, room)
    return router


def _drafting(router: APIRouter, room: ListingRoom) -> None:
    @router.post("/listing-decisions", status_code=201)
    async def draft(body: DraftBody, request: Request, caller: Annotated[Caller, scope(WRITE)]) -> Response:
        """Draft a decision to list a debtor of a case, or to add grounds or years to the listing in force."""
        role = caller.require_role(*OFFICERS)
        casefile = await room.casefile(caller, body.case_id)
        if casefile.state.debtor(body.party_id) is None:
            raise NotADebtorOfTheCase(field="party_id")
        stream = listing_stream(body.party_id, body.case_id)
        folded: Folded[ListingState] = await room.journal.fold(stream, court=None)
        meta = meta_of(request, caller, court=casefile.court, body=body, role=role, key=body.case_id)
        named = room.representative(casefile.court, body.party_id, body.legal_representative)
        command = await _command(room, body, casefile.state, named, caller.subject)
        if await room.rehearse(folded, command, meta) is not None:
            command = await _joined(room, body, command, meta)
            if command.facts != body.facts:
                await room.keep_words(folded, body.facts, meta)
        outcome = await room.execute(folded, command, meta, named=named)
        return _decision(outcome, next(reversed(outcome.state.decisions)), location=True)


async def _command(
    room: ListingRoom, body: DraftBody, casefile: CaseFile, representative: PersonRecorded | None, by: str
) -> DraftListing:
    person = (await room.person(body.party_id)).require()
    mask = await room.masker(body.case_id)
    return DraftListing(
        listing_id=listing_id_of(body.party_id, body.case_id),
        case=_case_facts(casefile.require(), body.court_phone),
        standing=standing_of(casefile, body.party_id, person.birth_date or body.birth_date),
        grounds=tuple(body.grounds),
        acts=tuple(
            DishonestAct(ground=act.ground, committed_on=act.committed_on, description=mask(act.description))
            for act in body.acts
        ),
        facts=mask(body.facts),
        duty=mask(body.duty),
        performance=body.performance,
        performed_fen=body.performed_fen,
        legal_representative=party_ref(representative),
        extension_years=body.extension_years,
        extension_reason=body.extension_reason,
        grace_months=body.grace_months,
        initiated=body.initiated,
        applied_on=body.applied_on,
        drafted_by=by,
    )


async def _joined(room: ListingRoom, body: DraftBody, command: DraftListing, meta: CommandMeta) -> DraftListing:
    """Keep a stated birth date, and tell the case of its listing.

    The case is told first: performance that arrives from then on reaches the listing, and what arrived before is seen.
    """
    person = (await room.person(body.party_id)).require()
    if person.birth_date is None and body.birth_date is not None:
        stated = person.model_copy(
            update={"birth_date": body.birth_date, "source": "LISTING_DECISION", "source_seq": 0}
        )
        await room.journal.execute(person_stream(body.party_id), RecordPerson(stated), meta.step("birth_date"))
    join = JoinRecord(body.case_id, "LISTING", listing_stream(body.party_id, body.case_id))
    joined: Outcome[CaseFile] = await room.journal.execute(
        casefile_stream(body.case_id), join, meta.step("join", key=body.case_id)
    )
    standing = standing_of(joined.state, body.party_id, command.standing.birth_date)
    return replace(command, standing=standing)


def _case_facts(record: CasefileRecorded, phone: str | None) -> CaseFacts:
    return CaseFacts(
        case_id=record.case_id,
        case_number=record.case_number,
        case_filed_on=record.filed_on,
        court=record.court,
        court_name=record.court_name,
        court_phone=phone,
        basis=Basis(number=record.basis_number, authority=record.basis_authority),
    )


def _reading(router: APIRouter, room: ListingRoom) -> None:
    @router.get("/listing-decisions")
    async def queue(
        caller: Annotated[Caller, scope(READ)],
        listing: Annotated[Listing, page_params],
        state: Annotated[DecisionState | None, Query()] = None,
        case_id: Annotated[Identifier | None, Query()] = None,
    ) -> Response:
        """List decisions of the caller's courts: what waits for the president, for service, for its grace period."""
        where = caller.fence() | {
            name: value for name, value in {"state": state, "case_id": case_id}.items() if value is not None
        }
        page = await listing.page(room.journal.views, LISTING_DECISIONS.name, where=where)
        return listing.answer(page)

    @router.get("/listing-decisions/{decision_id}")
    async def read(decision_id: IdPath, request: Request, caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read a decision; the ETag is what its approval names in If-Match."""
        folded = await room.listing(caller, decision_id)
        return show(request, render_decision(folded.state.decision(decision_id)), seq=folded.seq)


def _deciding(router: APIRouter, room: ListingRoom) -> None:
    @router.post("/listing-decisions/{decision_id}/approvals", status_code=201)
    async def approve(
        decision_id: IdPath,
        body: ApprovalBody,
        request: Request,
        caller: Annotated[Caller, scope(WRITE)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Sign a decision, or send it back; who drafted it may not. Age and bars are asked again on this day."""
        caller.require_role(PRESIDENT)
        folded = await room.listing(caller, decision_id)
        draft = folded.state.decision(decision_id).draft
        meta = meta_of(request, caller, court=folded.court, body=body, expected_seq=expected, role=PRESIDENT)

        standing = await room.standing(caller, draft.case_id, draft.party.party_id)
        approve = body.decision == "APPROVE"
        reason = (await room.masker(draft.case_id))(body.reason or "")
        command = DecideListing(decision_id, approve, reason, caller.subject, "", standing)
        if approve and (events := await room.rehearse(folded, command, meta)) is not None:
            number = await room.numbered(folded, "LISTING_DECISION", decision_id, meta)
            decided = next(event for event in events if isinstance(event, ListingDecided))
            decided = decided.model_copy(update={"number": number})
            paper = await decision_paper(room, folded, decided, caller.subject, meta)
            command = replace(command, number=number, paper=paper)
        return _decision(await room.execute(folded, command, meta), decision_id)

    @router.post("/listing-decisions/{decision_id}/services", status_code=201)
    async def serve(
        decision_id: IdPath, body: ServiceBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Record the service: without a grace period, or after it, the debtor is published at once (R-CRB-07)."""
        role = caller.require_role(*OFFICERS)
        folded = await room.listing(caller, decision_id)
        draft = folded.state.decision(decision_id).draft
        command = ServeListing(
            decision_id=decision_id,
            method=body.method,
            served_at=(body.served_at or room.clock.now()).astimezone(UTC),
            evidence=(await room.masker(draft.case_id))(body.evidence),
            by=caller.subject,
            standing=await room.standing(caller, draft.case_id, draft.party.party_id),
        )
        meta = meta_of(request, caller, court=folded.court, body=body, role=role)
        return _decision(await room.execute(folded, command, meta), decision_id)


def _decision(outcome: Outcome[ListingState], decision_id: str, *, location: bool = False) -> Response:
    body = render_decision(outcome.state.decision(decision_id))
    where = f"/v1/listing-decisions/{decision_id}" if location else None
    return respond(outcome, body, status=201, location=where)
