"""Agencies: the operator connects them; each keeps its own profile and keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from joserfc.errors import JoseError
from pydantic import Field
from starlette.responses import Response

from libs.evidence.keys import ALGORITHMS, algorithm_of, import_key
from libs.foundation.errors import NotFound
from libs.journal import NATIONAL, Folded, Journal
from libs.schemas.parts import AssetClass
from libs.web import Caller, IdPath, Listing, Name, RequestModel, if_match, meta_of, page_params, respond, scope, show
from services.asset_inquiry.deciders import agency_stream
from services.asset_inquiry.domain.agency import (
    AgencyKind,
    AgencyState,
    ChangeCapabilities,
    RegisterAgency,
    RegisterKey,
    RevokeKey,
)
from services.asset_inquiry.domain.agency_refusals import KeyUnusable
from services.asset_inquiry.views import AGENCIES

Codes = Annotated[tuple[Annotated[str, Field(pattern=r"^\d{2}$")], ...], Field(max_length=50)]
Classes = Annotated[tuple[AssetClass, ...], Field(min_length=1, max_length=20)]
PRIVATE_PARTS: Final = frozenset({"d", "p", "q", "k"})


class AgencyBody(RequestModel):
    """An agency as the operator connects it."""

    name: Name
    kind: AgencyKind
    asset_classes: Classes
    measure_codes: Codes
    contact_name: Name
    contact_phone: Name


class ProfileChange(RequestModel):
    """What an agency may change of itself; what is left out stays."""

    asset_classes: Classes | None = None
    measure_codes: Codes | None = None
    contact_name: Name | None = None
    contact_phone: Name | None = None


class KeyBody(RequestModel):
    """A public key as JWK."""

    jwk: dict[str, str]


def agency_routes(journal: Journal) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["agencies"])
    _own_routes(router, journal)
    _key_routes(router, journal)

    @router.put("/agencies/{agency_id}", responses={201: {"description": "Connected"}})
    async def connect_agency(
        agency_id: IdPath,
        body: AgencyBody,
        request: Request,
        caller: Annotated[Caller, scope("asset_inquiry.agencies.write")],
    ) -> Response:
        """Connect an agency, or set again what it can be asked for (R-INQ-02, R-INQ-03). The same again: 200."""
        role = caller.require_role("operator")
        if agency_id == "me":
            raise NotFound
        meta = meta_of(request, caller, court=None, body=body, role=role)
        command = RegisterAgency(agency_id, **body.model_dump())
        outcome = await journal.execute(agency_stream(agency_id), command, replace(meta, court=NATIONAL))
        # Told by the answer alone, so that a repeat says the same: its events are the first of the stream.
        status = 201 if outcome.events and outcome.seq == len(outcome.events) else 200
        return respond(outcome, render_agency(outcome.state), status=status)

    @router.get("/agencies")
    async def list_agencies(
        listing: Annotated[Listing, page_params], _caller: Annotated[Caller, scope("asset_inquiry.agencies.read")]
    ) -> Response:
        """List the connected agencies with what each can be asked for."""
        page = await listing.page(journal.views, AGENCIES, court=NATIONAL, order=(("agency_id", 1),))
        return listing.answer(page)

    return router


def _own_routes(router: APIRouter, journal: Journal) -> None:
    @router.get("/agencies/me")
    async def read_own(request: Request, caller: Annotated[Caller, scope("asset_inquiry.requests.read")]) -> Response:
        """Read the agency's own profile: capabilities, contacts, keys."""
        folded: Folded[AgencyState] = await journal.read(agency_stream(caller.require_agency()), court=NATIONAL)
        return show(request, render_agency(folded.state), seq=folded.seq)

    @router.patch("/agencies/me")
    async def change_own(
        body: ProfileChange,
        request: Request,
        caller: Annotated[Caller, scope("asset_inquiry.requests.write")],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Change capabilities or contacts."""
        stream = agency_stream(caller.require_agency())
        await journal.read(stream, court=NATIONAL)
        meta = meta_of(request, caller, court=None, body=body, expected_seq=expected, role="agency")
        outcome = await journal.execute(stream, ChangeCapabilities(**body.model_dump()), meta)
        return respond(outcome, render_agency(outcome.state))

    @router.put("/agencies/me/keys/{kid}", responses={201: {"description": "Registered"}})
    async def register_key(
        kid: IdPath,
        body: KeyBody,
        request: Request,
        caller: Annotated[Caller, scope("asset_inquiry.requests.write")],
    ) -> Response:
        """Register a public key; older keys go on verifying what they signed. A kid never changes its key (409)."""
        stream = agency_stream(caller.require_agency())
        await journal.read(stream, court=NATIONAL)
        _check_key(kid, body.jwk)
        meta = meta_of(request, caller, court=None, body=body, role="agency")
        outcome = await journal.execute(stream, RegisterKey(kid, {**body.jwk, "kid": kid}), meta)
        return respond(outcome, render_agency(outcome.state), status=201 if outcome.events else 200)


def _key_routes(router: APIRouter, journal: Journal) -> None:
    @router.delete("/agencies/me/keys/{kid}")
    async def revoke_key(
        kid: IdPath, request: Request, caller: Annotated[Caller, scope("asset_inquiry.requests.write")]
    ) -> Response:
        """Revoke a key: nothing signed with it is believed from now on, and its name is never used again."""
        stream = agency_stream(caller.require_agency())
        await journal.read(stream, court=NATIONAL)
        meta = meta_of(request, caller, court=None, role="agency")
        outcome = await journal.execute(stream, RevokeKey(kid), meta)
        return respond(outcome, render_agency(outcome.state))


def _check_key(kid: str, jwk: dict[str, str]) -> None:
    if jwk.get("kid", kid) != kid:
        raise KeyUnusable("The JWK names another kid than the path.", field="jwk.kid")
    if PRIVATE_PARTS & jwk.keys():
        raise KeyUnusable("The JWK carries a private or secret part.", field="jwk")
    try:
        key = import_key(jwk)
        usable = (jwk.get("kty"), jwk.get("crv")) in ALGORITHMS.values() and algorithm_of(key) in ALGORITHMS
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise KeyUnusable(field="jwk") from error
    if not usable:
        raise KeyUnusable("The curve or algorithm is not one that we verify.", field="jwk")


def render_agency(state: AgencyState) -> dict[str, Any]:
    """Return the agency as the API shows it."""
    return {
        "agency_id": state.agency_id,
        "name": state.name,
        "kind": state.kind,
        "asset_classes": state.asset_classes,
        "measure_codes": state.measure_codes,
        "contact_name": state.contact_name,
        "contact_phone": state.contact_phone,
        "keys": [{"kid": kid, "jwk": dict(jwk)} for kid, jwk in sorted(state.keys.items())],
    }
