"""The signed order as a paper (限制消费令): sealed when the president signs, kept in private, read with a purpose."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from libs.foundation.court_calendar import court_day
from libs.journal import CommandMeta, Folded
from libs.schemas.credit_blacklist import PersonRecorded, RestrictionWordingKept, SignedPaper
from libs.schemas.credit_blacklist.restriction import RestrictionOrdered
from libs.web import Caller, IdPath, JsonResponse, Purpose, purpose, scope
from services.credit_blacklist.api.restriction_desk import RestrictionDesk
from services.credit_blacklist.domain.casefile import CaseFile, casefile_stream
from services.credit_blacklist.domain.person import Person, person_stream
from services.credit_blacklist.domain.restriction import RestrictionOrder
from services.credit_blacklist.domain.restriction_refusals import RestrictionUnknown
from services.credit_blacklist.domain.restriction_wording import KeepWording, Wordings, wording_stream
from services.credit_blacklist.papers import Matter, restriction_paper, sealed

READ = "credit_blacklist.restrictions.read"

PAPER = "paper"
"""Under which name the order's own text stands among its wordings."""


def paper_routes(router: APIRouter, desk: RestrictionDesk) -> None:
    """Add the route that shows the paper."""

    @router.get("/restriction-papers/{order_id}")
    async def read(
        order_id: IdPath, caller: Annotated[Caller, scope(READ)], why: Annotated[Purpose, purpose]
    ) -> Response:
        """Read the signed order with full names: text, hash and the court's seal. Names case and purpose, is logged."""
        order = await desk.order(caller, order_id)
        ordered = order.state.ordered
        if ordered is None or ordered.paper is None or why.case_id != ordered.case_id:
            raise RestrictionUnknown
        texts: Wordings = (await desk.journal.fold(wording_stream(order_id), court=None)).state
        why.what["paper"] = order_id
        text = next(one.text for one in texts.texts if one.part_id == PAPER)
        return JsonResponse(ordered.paper.model_dump() | {"id": order_id, "media_type": "text/html", "text": text})


async def order_paper(
    desk: RestrictionDesk, order: Folded[RestrictionOrder], ordered: RestrictionOrdered, meta: CommandMeta
) -> SignedPaper:
    """Write, keep and seal the paper of an order that the president is about to sign."""
    drafted = order.state.require()
    file: CaseFile = (await desk.journal.fold(casefile_stream(drafted.case_id), court=None)).state
    case = file.require()
    persons = [(await _person(desk, one.party_id), one.roles) for one in ordered.persons]
    applicants = [(await _known(desk, party.party_id), party.display_name) for party in case.applicants]
    matter = Matter(
        court=case.court,
        court_name=case.court_name,
        case_id=case.case_id,
        case_number=case.case_number,
        number=ordered.order_number,
        written_on=court_day(desk.desk.clock.now()),
        applicants=tuple(known.name if known else shown for known, shown in applicants),
        debtor=next(person for person, roles in persons if "DEBTOR" in roles),
    )
    paper = restriction_paper(matter, drafted, ordered, persons)
    signed = await sealed(desk.desk.signer, matter, paper, ordered.signed_by, desk.desk.clock.now())
    wording = RestrictionWordingKept(
        order_id=drafted.order_id, part_id=PAPER, text=paper.text, said_by=ordered.signed_by
    )
    await desk.journal.execute(
        wording_stream(drafted.order_id), KeepWording(wording), meta.step("paper", key=order.key)
    )
    return signed


async def _person(desk: RestrictionDesk, party_id: str) -> PersonRecorded:
    person: Person = (await desk.journal.fold(person_stream(party_id), court=None)).state
    return person.require()


async def _known(desk: RestrictionDesk, party_id: str) -> PersonRecorded | None:
    person: Person = (await desk.journal.fold(person_stream(party_id), court=None)).state
    return person.record
