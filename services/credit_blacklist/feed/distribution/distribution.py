"""What the routes and background parts of distribution share in one process."""

from __future__ import annotations

from dataclasses import dataclass

from services.credit_blacklist.feed.distribution.doorbell import Doorbell
from services.credit_blacklist.feed.distribution.key_sets import KeySets
from services.credit_blacklist.feed.distribution.policies import Policies
from services.credit_blacklist.feed.distribution.ports import PublishedFeed


@dataclass(frozen=True)
class Distribution:
    """The published feed, its doorbell, its key sets and policies."""

    feed: PublishedFeed
    doorbell: Doorbell
    key_sets: KeySets
    policies: Policies
