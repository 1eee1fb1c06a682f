"""The topics table: what is published where, for whom, and for how long. Partition counts never change."""

from __future__ import annotations

from dataclasses import dataclass

from libs.schemas.envelope import Event

PARTITIONS = 6
"""Enough for six consumers of a busy service on one broker; fixed for ever, because the key decides the partition."""

RETENTION_DAYS = 30
"""How long a new subscriber can start from the topic alone; older events are published again by command."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: the service that writes it, the categories of streams that go to it, and who may read it.

    `events` names the events that stand in a topic of its own (personal data); empty means every other public one.
    """

    name: str
    service: str
    categories: tuple[str, ...]
    audience: tuple[str, ...]
    key: str = "case id if known when the stream is created, else an opaque stream id"
    partitions: int = PARTITIONS
    retention_days: int = RETENTION_DAYS
    compacted: bool = False
    events: tuple[str, ...] = ()


ALL = ("intake", "asset_inquiry", "auction", "payments", "credit_blacklist", "command_center")

TOPICS: tuple[Topic, ...] = (
    Topic("zhixing.intake.v1", "intake", ("filing", "numbering", "case", "document"), ALL),
    Topic(
        "zhixing.parties.v1",
        "intake",
        # The roster holds officers' telephone numbers and credentials: it is read where parties are read.
        ("party", "roster"),
        ("intake", "asset_inquiry", "payments", "command_center", "credit_blacklist"),
        events=("party_registered", "party_updated", "roster_set"),
    ),
    Topic("zhixing.papers.v1", "intake", ("paper",), ("asset_inquiry",), events=("paper_written",)),
    Topic("zhixing.asset-inquiry.v1", "asset_inquiry", ("agency", "inquiry", "request", "controls"), ALL),
    Topic("zhixing.payments.v1", "payments", ("account", "incoming", "fund"), ALL),
    Topic("zhixing.auction.v1", "auction", ("lot", "valuation"), ALL),
    Topic(
        "zhixing.credit-blacklist.v1",
        "credit_blacklist",
        (
            "listing",
            "restriction",
            "restriction_duty",
            "publicity",
            "session",
            "feedhead",
            "position",
            "subscriber",
            "report",
        ),
        ALL,
    ),
    Topic("zhixing.command-center.v1", "command_center", ("dossier",), ALL),
)
"""A category that stands in no row is private to its service: its commits are never published."""


def topic_of(service: str, category: str) -> Topic | None:
    """Return the topic that a service's category is published to, or None if it is private."""
    for topic in TOPICS:
        if topic.service == service and category in topic.categories:
            return topic
    return None


PRIVATE_EVENTS = frozenset(
    {
        ("asset_inquiry", "asset_recorded"),
        ("asset_inquiry", "case_recorded"),
        ("asset_inquiry", "officers_filed"),
        ("asset_inquiry", "paper_recorded"),
        ("asset_inquiry", "paper_sealed"),
        ("asset_inquiry", "reply_recorded"),
        ("asset_inquiry", "request_content_recorded"),
        ("asset_inquiry", "subject_recorded"),
        ("command_center", "contact_recorded"),
        ("command_center", "filing_bound"),
        ("command_center", "filing_noted"),
        ("credit_blacklist", "casefile_bar_ended"),
        ("credit_blacklist", "casefile_bar_recorded"),
        ("credit_blacklist", "casefile_breach_recorded"),
        ("credit_blacklist", "casefile_closed"),
        ("credit_blacklist", "casefile_control_recorded"),
        ("credit_blacklist", "casefile_debt_recorded"),
        ("credit_blacklist", "casefile_number_taken"),
        ("credit_blacklist", "casefile_record_joined"),
        ("credit_blacklist", "casefile_recorded"),
        ("credit_blacklist", "casefile_satisfied"),
        ("credit_blacklist", "casefile_warned"),
        ("credit_blacklist", "feed_entry_appended"),
        ("credit_blacklist", "feed_session_ended"),
        ("credit_blacklist", "listing_wording_kept"),
        ("credit_blacklist", "person_recorded"),
        ("credit_blacklist", "restriction_wording_kept"),
        ("intake", "application_wording_kept"),
        ("payments", "account_number_bound"),
        ("payments", "account_prefix_bound"),
        ("payments", "payee_recorded"),
    }
)
"""Copies that services keep for their own decisions, by service and name: the relay publishes none of them."""


def topic_of_event(event: type[Event]) -> Topic | None:
    """Return the only topic where events of a class may stand, or None if they are private to their service."""
    return topic_of_name(event.SERVICE, event.NAME)


def topic_of_name(service: str, name: str) -> Topic | None:
    """Return the only topic where an event may stand, or None if it is private to its service."""
    if (service, name) in PRIVATE_EVENTS:
        return None
    own = [topic for topic in TOPICS if topic.service == service]
    for topic in own:
        if name in topic.events:
            return topic
    return next((topic for topic in own if not topic.events), None)
