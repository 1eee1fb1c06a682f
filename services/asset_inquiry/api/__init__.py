"""HTTP: parse, authorise, execute, render. One module per resource."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from libs.evidence import Signer
from libs.journal import Journal
from services.asset_inquiry.api.agencies import agency_routes
from services.asset_inquiry.api.answers import answer_routes
from services.asset_inquiry.api.controls import control_routes
from services.asset_inquiry.api.inquiries import inquiry_routes
from services.asset_inquiry.api.officers import officer_routes
from services.asset_inquiry.api.queue import Doorbell, queue_routes
from services.asset_inquiry.api.records import record_routes


def routers(journal: Journal, signer: Signer, secret: bytes, doorbell: Doorbell) -> Sequence[APIRouter]:
    """Return the routes of this service."""
    return (
        agency_routes(journal),
        inquiry_routes(journal),
        queue_routes(journal, signer, doorbell),
        answer_routes(journal, secret),
        control_routes(journal),
        record_routes(journal),
        officer_routes(journal),
    )
