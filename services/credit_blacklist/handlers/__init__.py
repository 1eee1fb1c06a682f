"""What the bus tells this service: one function per event; the table at the bottom is the map."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from libs.bus import Dispatch, Handler, Message
from libs.journal import Journal
from libs.schemas import asset_inquiry, credit_blacklist, intake, payments
from libs.schemas.envelope import Event
from services.credit_blacklist.desk import Desk
from services.credit_blacklist.handlers import cases, listings, persons
from services.credit_blacklist.handlers.correction_notices import notice_handlers
from services.credit_blacklist.handlers.feed import feed_handlers, record_events
from services.credit_blacklist.handlers.listings import ListingsOfCase
from services.credit_blacklist.handlers.restrictions import restriction_handlers


def handlers(desk: Desk) -> dict[type[Event], Any]:
    """Return the map from events to handlers; what carries a record goes to the feed beside whatever else it does."""
    found = reactions(desk.journal)
    carrying = tuple(record_events())
    of_records = (restriction_handlers(desk.journal, carrying), feed_handlers(desk), notice_handlers(desk, carrying))
    for further in of_records:
        for event, handler in further.items():
            found[event] = together(found[event], handler) if event in found else handler
    return found


def reactions(journal: Journal) -> dict[type[Event], Any]:
    """Return what this service does about events besides telling restriction orders and the feed of them."""
    of_case = ListingsOfCase(journal)
    return {
        intake.PartyRegistered: persons.on_party_registered,
        intake.CaseRegistered: cases.on_case_registered,
        intake.DocumentServed: together(cases.on_document_served, listings.on_document_served),
        intake.PropertyReportBreached: cases.on_property_report_breached,
        intake.CaseClosed: together(cases.on_case_closed, of_case.on_case_closed),
        asset_inquiry.ControlEffective: cases.on_control_changed,
        asset_inquiry.ControlPartlyEffective: cases.on_control_changed,
        asset_inquiry.ControlReleased: cases.on_control_changed,
        payments.AccountCredited: of_case.on_account_credited,
        payments.DebtAssessed: cases.on_debt_assessed,
        payments.DebtSatisfied: together(cases.on_debt_satisfied, of_case.on_debt_satisfied),
        credit_blacklist.ListingRemoved: of_case.on_listing_removed,
    }


def together(*parts: Handler) -> Handler:
    """Return one handler that answers with what all of them answer: one event may concern several rooms of the house.

    Two parts never address the same stream with the same command type (see `Dispatch`).
    """

    async def on_event(message: Message[Any]) -> Iterable[Dispatch]:
        found: list[Dispatch] = []
        for part in parts:
            answer = part(message)
            found.extend(await answer if inspect.isawaitable(answer) else answer)
        return found

    return on_event
