"""HTTP: parse, authorise, execute, render. One module per resource."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from services.intake.api.applications import application_routes
from services.intake.api.approvals import approval_routes
from services.intake.api.cases import case_routes
from services.intake.api.closures import closure_routes
from services.intake.api.control_orders import control_order_routes
from services.intake.api.desk import Desk
from services.intake.api.document_decisions import document_decision_routes
from services.intake.api.documents import document_routes
from services.intake.api.parties import party_routes
from services.intake.api.rosters import roster_routes


def routers(desk: Desk) -> Sequence[APIRouter]:
    """Return the routes of this service."""
    return (
        roster_routes(desk),
        application_routes(desk),
        case_routes(desk),
        document_routes(desk),
        document_decision_routes(desk),
        approval_routes(desk),
        control_order_routes(desk),
        closure_routes(desk),
        party_routes(desk),
    )
