"""Positions: a subscriber says what it holds, signed; operators see who holds what (R-CRB-33)."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from libs.evidence.lthash import ALGORITHM
from libs.foundation.canonical import sha256_hex
from libs.foundation.errors import Transient
from libs.foundation.ids import command_id
from libs.journal import NATIONAL, Authority, CommandMeta, Folded, Journal, Outcome
from libs.schemas.credit_blacklist.position import PositionStatement, SetFigures
from libs.telemetry import correlation_id, get_logger
from libs.web import Caller, Listing, RequestModel, page_params, respond, scope, show
from services.credit_blacklist.api.position_problems import POSITION_PROBLEMS
from services.credit_blacklist.domain.position import Position, StatePosition, position_stream
from services.credit_blacklist.domain.position_refusals import PositionAhead
from services.credit_blacklist.domain.subscriber import Subscriber
from services.credit_blacklist.feed.distribution.distribution import Distribution
from services.credit_blacklist.feed.distribution.meters import POSITIONS as COUNTED
from services.credit_blacklist.feed.distribution.meters import SNAPSHOTS_TAKEN
from services.credit_blacklist.feed.distribution.ports import PublishedFeed
from services.credit_blacklist.feed.distribution.statements import opened_statement
from services.credit_blacklist.feed.register.model import Point
from services.credit_blacklist.rules.views import view_of
from services.credit_blacklist.subscribers import subscriber_of
from services.credit_blacklist.views.positions import POSITIONS

JWS_CHARS_MAX: Final = 8192
REACH_SECONDS: Final = 5.0
"""How long a statement waits for this process to hold what another one has signed."""

log = get_logger(__name__)


class PublisherBehind(Transient):
    """Another process has signed a head whose entries this one does not have yet."""

    code = "publisher_behind"
    title = "This process is behind the newest head"


class PositionBody(RequestModel):
    """A position, signed."""

    position: Annotated[str, Field(min_length=1, max_length=JWS_CHARS_MAX, pattern=r"^[A-Za-z0-9_.-]+$")]


def position_routes(journal: Journal, distribution: Distribution) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/joint-punishment-feed/positions", tags=["feed"], responses=POSITION_PROBLEMS)
    _own_routes(router, journal, distribution.feed)

    @router.get("")
    async def list_positions(
        listing: Annotated[Listing, page_params],
        caller: Annotated[Caller, scope("credit_blacklist.subscribers.read")],
        view: Annotated[str | None, Query(max_length=40)] = None,
    ) -> Response:
        """List what every subscriber holds, as it said last, with what was published there; `view` names one view."""
        caller.require_role("operator")
        where = {"view": view_of(view).view_id} if view is not None else None
        page = await listing.page(journal.views, POSITIONS, court=NATIONAL, where=where, order=(("agency_id", 1),))
        return listing.answer(page)

    return router


def _own_routes(router: APIRouter, journal: Journal, feed: PublishedFeed) -> None:
    @router.put("/me")
    async def state_position(
        body: PositionBody,
        caller: Annotated[Caller, scope("credit_blacklist.positions.write", needs_key=False)],
    ) -> Response:
        """State what the agency holds; CONFIRMED, or DIFFERS with what was published there. It stays as evidence.

        Refuses what is signed by nobody or somebody else, another view's, a replaced session's and what was never sent.
        """
        subscriber = await subscriber_of(journal, caller.require_agency())
        said = opened_statement(body.position, subscriber.keys)
        command = await _command(feed, subscriber, said)
        outcome: Outcome[Position] = await journal.execute(
            position_stream(subscriber.agency_id), command, _meta(caller, subscriber.agency_id, said)
        )
        _count(outcome, said)
        return respond(outcome, _answer(outcome.state))

    @router.get("/me")
    async def own_position(
        request: Request, caller: Annotated[Caller, scope("credit_blacklist.feed.read")]
    ) -> Response:
        """Read what the agency said last, and what was published there."""
        agency_id = caller.require_agency()
        folded: Folded[Position] = await journal.read(position_stream(agency_id), court=NATIONAL)
        return show(request, _answer(folded.state), seq=folded.seq)


async def _command(feed: PublishedFeed, subscriber: Subscriber, said: PositionStatement) -> StatePosition:
    head = await feed.head(subscriber.view)
    if head is None:
        raise PositionAhead("No head of the view was signed yet.", field="position.sequence")
    held = None
    if said.session_id == head.session_id and said.sequence <= head.sequence:
        held = await _figures(feed, subscriber.view, Point(said.session_id, said.sequence))
    return StatePosition(subscriber.agency_id, said, subscriber.view, head.session_id, head.sequence, held)


async def _figures(feed: PublishedFeed, view: str, point: Point) -> SetFigures:
    if not await feed.reach(point, REACH_SECONDS):
        raise PublisherBehind(f"This process does not hold {point} yet.")
    checksum = await feed.checksum(view, point.session_id, point.sequence)
    figures = checksum.set
    return SetFigures(count=figures["count"], set_digest=figures["digest"], log_root=checksum.log_root)


def _meta(caller: Caller, agency_id: str, said: PositionStatement) -> CommandMeta:
    # A statement is its own idempotency key: the same signed text is the same command, whoever repeats it.
    fingerprint = sha256_hex(said.jws.encode())
    return CommandMeta(
        command_id=command_id("position", agency_id, fingerprint),
        fingerprint=fingerprint,
        actor=caller.actor("agency"),
        court=NATIONAL,
        authority=Authority(organisation=caller.organisation),
        correlation_id=correlation_id(),
    )


def _count(outcome: Outcome[Position], said: PositionStatement) -> None:
    answer = "CONFIRMED" if outcome.state.agrees else "DIFFERS"
    COUNTED.labels(said.view, answer).inc()
    if outcome.events and not outcome.replayed:
        if said.snapshot_reason is not None:
            SNAPSHOTS_TAKEN.labels(said.view, said.snapshot_reason).inc()
        if answer == "DIFFERS":
            log.error("position_differs", agency_id=outcome.state.agency_id, view=said.view, sequence=said.sequence)


def _answer(state: Position) -> dict[str, Any]:
    said, held, mark = state.last, state.held, state.mark
    assert said is not None
    assert held is not None
    confirmed = mark is not None and mark.session_id == said.session_id
    return {
        "status": "CONFIRMED" if state.agrees else "DIFFERS",
        "view": said.view,
        "session_id": said.session_id,
        "sequence": said.sequence,
        "set": {"alg": ALGORITHM, "count": held.count, "digest": held.set_digest},
        "log_root": held.log_root,
        "confirmed": {"session_id": mark.session_id, "sequence": mark.sequence} if confirmed and mark else None,
    }
