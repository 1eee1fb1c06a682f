"""HTTP: parse, authorise, execute, render. One module per resource."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from services.credit_blacklist.api.check_batches import check_batch_routes
from services.credit_blacklist.api.check_ranges import check_range_routes
from services.credit_blacklist.api.checks import check_routes
from services.credit_blacklist.api.correction_notices import correction_notice_routes
from services.credit_blacklist.api.correction_requests import correction_request_routes
from services.credit_blacklist.api.corrections import correction_routes
from services.credit_blacklist.api.feed import feed_routes
from services.credit_blacklist.api.feed_proofs import proof_routes
from services.credit_blacklist.api.feed_sessions import session_routes
from services.credit_blacklist.api.key_sets import key_set_routes
from services.credit_blacklist.api.listing_bars import listing_bar_routes
from services.credit_blacklist.api.listing_decisions import listing_decision_routes
from services.credit_blacklist.api.listing_papers import listing_paper_routes
from services.credit_blacklist.api.listing_removals import listing_removal_routes
from services.credit_blacklist.api.listing_room import ListingRoom
from services.credit_blacklist.api.listings import listing_routes
from services.credit_blacklist.api.measures import measure_routes
from services.credit_blacklist.api.policies import policy_routes
from services.credit_blacklist.api.positions import position_routes
from services.credit_blacklist.api.publicity_batches import publicity_routes
from services.credit_blacklist.api.reports import report_routes
from services.credit_blacklist.api.restriction_desk import RestrictionDesk
from services.credit_blacklist.api.restriction_liftings import lifting_routes
from services.credit_blacklist.api.restriction_objections import objection_routes
from services.credit_blacklist.api.restriction_requests import request_routes
from services.credit_blacklist.api.restrictions import restriction_routes
from services.credit_blacklist.api.stream import stream_routes
from services.credit_blacklist.api.subscribers import subscriber_routes
from services.credit_blacklist.api.timeliness import timeliness_routes
from services.credit_blacklist.desk import Desk


def routers(desk: Desk) -> Sequence[APIRouter]:
    """Return the routes of this service."""
    restrictions = RestrictionDesk(desk)
    listings = ListingRoom(desk.journal, desk.clock, desk.signer, desk.settings.persons())
    return (
        listing_routes(listings),
        listing_decision_routes(listings),
        listing_removal_routes(listings),
        listing_bar_routes(listings),
        listing_paper_routes(listings),
        correction_routes(listings),
        correction_request_routes(listings),
        publicity_routes(listings),
        restriction_routes(restrictions),
        lifting_routes(restrictions),
        request_routes(restrictions),
        objection_routes(restrictions),
        measure_routes(desk),
        subscriber_routes(desk),
        report_routes(desk),
        correction_notice_routes(desk),
        feed_routes(desk),
        proof_routes(desk),
        session_routes(desk),
        key_set_routes(desk.distribution.key_sets),
        policy_routes(desk.journal, desk.distribution.policies),
        stream_routes(desk.journal, desk.distribution.doorbell),
        position_routes(desk.journal, desk.distribution),
        timeliness_routes(desk.distribution.timetable),
        check_routes(desk.journal, desk.clock, desk.screening),
        check_batch_routes(desk.journal, desk.clock, desk.screening),
        check_range_routes(desk),
    )
