"""The catalogue of joint punishment with its legal basis, and which measures go to which agency (R-CRB-30…32)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from libs.web import Caller, JsonResponse, scope
from services.credit_blacklist.desk import Desk
from services.credit_blacklist.rules.measure import Measure
from services.credit_blacklist.rules.measures import CATALOGUE, CLASSES
from services.credit_blacklist.rules.views import COURT, POLICY_VERSION, VIEWS, FeedView, view_of
from services.credit_blacklist.subscribers import view_for


def measure_routes(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["punishment-measures"])

    @router.get("/punishment-measures")
    async def catalogue(
        caller: Annotated[Caller, scope("credit_blacklist.measures.read")],
        view: Annotated[str | None, Query(max_length=40, description="Only the measures of this view")] = None,
    ) -> Response:
        """List the measures with class, body and legal basis. An agency sees those of its own view."""
        own = await view_for(desk.journal, caller)
        chosen = own if own.view_id != COURT or view is None else view_of(view)
        measures = [found for measure in CATALOGUE.values() if (found := _measure(measure, chosen)) is not None]
        return JsonResponse(
            {
                "policy_version": POLICY_VERSION,
                "classes": [{"class": number, "title": title} for number, title in CLASSES.items()],
                "views": [_view(one) for one in VIEWS.values() if chosen.view_id in (COURT, one.view_id)],
                "items": measures,
            }
        )

    return router


def _measure(measure: Measure, view: FeedView) -> dict[str, Any] | None:
    parts = [part for part in measure.acts or (measure,) if view.measure(part.measure_code) is not None]
    if not parts:
        return None
    acts = [_row(part) for part in parts] if measure.acts else []
    return {**_row(measure), "class": measure.measure_class, "acts": acts}


def _row(measure: Measure) -> dict[str, Any]:
    return {
        "measure_code": measure.measure_code,
        "title": measure.title,
        "executing_body": measure.body,
        "legal_basis": measure.legal_basis,
        "list_types": measure.list_types,
        "kinds": measure.kinds,
        "reversible": measure.reversible,
        "auto_push": measure.auto_push,
        "views": _views(measure),
    }


def _views(measure: Measure) -> list[str]:
    codes = {part.measure_code for part in measure.acts or (measure,)}
    return [
        view.view_id
        for view in VIEWS.values()
        if view.view_id != COURT and any(one.measure_code in codes for one in view.measures)
    ]


def _view(view: FeedView) -> dict[str, Any]:
    return {
        "view": view.view_id,
        "title": view.title,
        "agency_classes": view.agency_classes,
        "list_types": view.list_types,
        "fields": sorted(view.fields),
        "measures": [measure.measure_code for measure in view.measures],
    }
