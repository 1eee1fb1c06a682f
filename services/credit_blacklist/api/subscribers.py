"""Subscribers of the feed: the operator connects an agency to one view, with its keys and every sales channel."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from joserfc.errors import JoseError
from pydantic import Field, StringConstraints
from starlette.responses import Response

from libs.evidence.keys import ALGORITHMS, algorithm_of, import_key
from libs.foundation.errors import NotFound, Rejected
from libs.journal import NATIONAL, Folded
from libs.web import Caller, IdPath, Listing, Name, RequestModel, meta_of, page_params, respond, scope, show
from services.credit_blacklist.desk import Desk
from services.credit_blacklist.domain.subscriber import SetProfile, Subscriber, subscriber_stream
from services.credit_blacklist.views.subscribers import SUBSCRIBERS

OPERATOR = "operator"
READ = "credit_blacklist.subscribers.read"
WRITE = "credit_blacklist.subscribers.write"

PRIVATE_PARTS: Final = frozenset({"d", "p", "q", "k", "dp", "dq", "qi"})
KeyId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.~-]{1,80}$")]
KeyPart = Annotated[str, StringConstraints(max_length=2000)]


class SubscriberKeyUnusable(Rejected):
    """A JWK is not a public key of a kind that positions are verified with, has no kid, or stands twice."""

    code = "subscriber_key_unusable"
    title = "The key cannot be used to verify what the agency signs"
    remedy = "Send public JWKs with a `kid` of their own: EC P-256 or P-384, or OKP Ed25519, without private parts."


class ProfileBody(RequestModel):
    """An agency's profile: the view it reads, whom to call, every channel through which it sells, its public keys."""

    view: Annotated[str, StringConstraints(pattern=r"^[a-z]{1,40}$")]
    title: Name
    contact_name: Name
    contact_phone: Name
    sales_channels: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    keys: Annotated[tuple[dict[str, KeyPart], ...], Field(max_length=20)] = ()


def subscriber_routes(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["subscribers"])

    @router.put("/subscribers/{agency_id}", responses={201: {"description": "Connected"}})
    async def set_profile(
        agency_id: IdPath, body: ProfileBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Connect an agency, or set its profile again. Keys that are left out are revoked for ever. The same: 200."""
        role = caller.require_role(OPERATOR)
        meta = replace(meta_of(request, caller, court=None, body=body, role=role), court=NATIONAL)
        command = SetProfile(
            agency_id=agency_id,
            view=body.view,
            title=body.title,
            contact_name=body.contact_name,
            contact_phone=body.contact_phone,
            sales_channels=body.sales_channels,
            keys=usable_keys(body.keys),
        )
        outcome = await desk.journal.execute(subscriber_stream(agency_id), command, meta)
        status = 201 if outcome.events and outcome.seq == len(outcome.events) else 200
        return respond(outcome, render_subscriber(outcome.state), status=status)

    @router.get("/subscribers/{agency_id}")
    async def read(agency_id: IdPath, request: Request, caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read a profile: an agency its own, the operator everybody's."""
        if caller.agency_id != agency_id and OPERATOR not in caller.roles:
            raise NotFound
        folded: Folded[Subscriber] = await desk.journal.read(subscriber_stream(agency_id), court=NATIONAL)
        return show(request, render_subscriber(folded.state), seq=folded.seq)

    @router.get("/subscribers")
    async def find(listing: Annotated[Listing, page_params], caller: Annotated[Caller, scope(READ)]) -> Response:
        """List the subscribers: an agency sees itself."""
        where = {} if OPERATOR in caller.roles else {"agency_id": caller.agency_id or ""}
        page = await listing.page(
            desk.journal.views, SUBSCRIBERS.name, court=NATIONAL, where=where, order=(("agency_id", 1),)
        )
        return listing.answer(page)

    return router


def usable_keys(keys: tuple[dict[str, str], ...]) -> dict[str, dict[str, str]]:
    """Return the keys by kid. Raises `SubscriberKeyUnusable`."""
    usable: dict[str, dict[str, str]] = {}
    for number, jwk in enumerate(keys):
        field = f"keys.{number}"
        kid = jwk.get("kid", "")
        if not kid or len(kid) > 80 or kid in usable:  # noqa: PLR2004 -- as `KeyId`
            raise SubscriberKeyUnusable("The kid is missing, too long, or stands twice.", field=field)
        if PRIVATE_PARTS & jwk.keys():
            raise SubscriberKeyUnusable("The JWK carries a private or secret part.", field=field)
        try:
            key = import_key(jwk)
            known = (jwk.get("kty"), jwk.get("crv")) in ALGORITHMS.values() and algorithm_of(key) in ALGORITHMS
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise SubscriberKeyUnusable(field=field) from error
        if not known:
            raise SubscriberKeyUnusable("The curve or algorithm is not one that we verify.", field=field)
        usable[kid] = dict(jwk)
    return usable


def render_subscriber(state: Subscriber) -> dict[str, Any]:
    """Return a profile as the API shows it."""
    return {
        "agency_id": state.agency_id,
        "view": state.view,
        "title": state.title,
        "contact_name": state.contact_name,
        "contact_phone": state.contact_phone,
        "sales_channels": state.sales_channels,
        "keys": [dict(jwk) for _, jwk in sorted(state.keys.items())],
        "revoked_kids": sorted(state.revoked),
    }
