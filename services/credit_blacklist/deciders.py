"""The kinds of streams of this service and the law of each. Categories without a topic are private: never published."""

from __future__ import annotations

from typing import Any

from libs.journal import Decider
from services.credit_blacklist.domain.casefile import CaseFile, evolve_casefile
from services.credit_blacklist.domain.casefile_law import decide_casefile
from services.credit_blacklist.domain.feed import FeedState, decide_feed, evolve_feed
from services.credit_blacklist.domain.feed_head import Named, decide_head, evolve_head
from services.credit_blacklist.domain.feed_session import ViewSessions, decide_session, evolve_session
from services.credit_blacklist.domain.listing import Listing
from services.credit_blacklist.domain.listing_evolution import evolve_listing
from services.credit_blacklist.domain.listing_law import decide_listing
from services.credit_blacklist.domain.listing_wording import ListingWordings, decide_words, evolve_words
from services.credit_blacklist.domain.person import Person, decide_person, evolve_person
from services.credit_blacklist.domain.position import Position, decide_position, evolve_position
from services.credit_blacklist.domain.publicity import Batch, decide_batch, evolve_batch
from services.credit_blacklist.domain.report import Reports, evolve_reports
from services.credit_blacklist.domain.report_law import decide_reports
from services.credit_blacklist.domain.restriction import RestrictionOrder, evolve_restriction
from services.credit_blacklist.domain.restriction_duty import Duties, decide_duties, evolve_duties
from services.credit_blacklist.domain.restriction_law import decide_restriction
from services.credit_blacklist.domain.restriction_wording import Wordings, decide_wordings, evolve_wordings
from services.credit_blacklist.domain.subscriber import Subscriber, decide_subscriber, evolve_subscriber

SERVICE = "credit_blacklist"

DECIDERS: tuple[Decider[Any], ...] = (
    Decider(SERVICE, "feed", FeedState, decide_feed, evolve_feed),
    Decider(SERVICE, "session", ViewSessions, decide_session, evolve_session),
    Decider(SERVICE, "feedhead", Named, decide_head, evolve_head),
    Decider(SERVICE, "person", Person, decide_person, evolve_person),
    Decider(SERVICE, "casefile", CaseFile, decide_casefile, evolve_casefile),
    Decider(SERVICE, "listing", Listing, decide_listing, evolve_listing),
    Decider(SERVICE, "listing_wording", ListingWordings, decide_words, evolve_words),
    Decider(SERVICE, "listing_paper", ListingWordings, decide_words, evolve_words),
    Decider(SERVICE, "publicity", Batch, decide_batch, evolve_batch),
    Decider(SERVICE, "position", Position, decide_position, evolve_position),
    Decider(SERVICE, "restriction", RestrictionOrder, decide_restriction, evolve_restriction),
    Decider(SERVICE, "restriction_duty", Duties, decide_duties, evolve_duties),
    Decider(SERVICE, "restriction_wording", Wordings, decide_wordings, evolve_wordings),
    Decider(SERVICE, "subscriber", Subscriber, decide_subscriber, evolve_subscriber),
    Decider(SERVICE, "report", Reports, decide_reports, evolve_reports),
)
