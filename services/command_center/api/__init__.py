"""HTTP: parse, authorise, read, render. One module per resource."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from services.command_center.api.alerts import alert_routes
from services.command_center.api.notifications import notification_routes
from services.command_center.api.process_nodes import process_node_routes
from services.command_center.api.timelines import timeline_routes
from services.command_center.reading import Reading


def routers(reading: Reading) -> Sequence[APIRouter]:
    """Return the routes of this service."""
    return (timeline_routes(reading), process_node_routes(reading), alert_routes(reading), notification_routes(reading))
