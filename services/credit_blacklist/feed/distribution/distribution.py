"""What the routes and background parts of distribution share in one process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from libs.bus import BusSettings
from libs.evidence import Signer
from libs.foundation.clock import Clock
from libs.journal import Journal
from libs.web import Background
from services.credit_blacklist.feed.distribution.doorbell import Doorbell
from services.credit_blacklist.feed.distribution.key_sets import KeySets
from services.credit_blacklist.feed.distribution.mirror import Mirror
from services.credit_blacklist.feed.distribution.policies import Policies
from services.credit_blacklist.feed.distribution.ports import PublishedFeed
from services.credit_blacklist.feed.distribution.timetable import Timetable
from services.credit_blacklist.rules.views import VIEWS


@dataclass(frozen=True)
class Distribution:
    """The published feed, and every way in which it leaves besides its pages."""

    feed: PublishedFeed
    doorbell: Doorbell
    mirror: Mirror
    timetable: Timetable
    key_sets: KeySets
    policies: Policies

    def background(self) -> Sequence[Background]:
        """Return the parts that run; they start after the register and after whatever signs heads."""
        return (self.key_sets, self.doorbell, self.mirror, self.timetable)


def distribution_of(
    bus: BusSettings,
    journal: Journal,
    feed: PublishedFeed,
    clock: Clock,
    *,
    head_signer: Signer | None,
    key_sets: Path | None,
) -> Distribution:
    """Return the parts of one process, over all views; nothing runs yet."""
    return Distribution(
        feed=feed,
        doorbell=Doorbell(feed),
        mirror=Mirror(bus, journal, feed, clock, tuple(VIEWS)),
        timetable=Timetable(journal, feed, clock, tuple(VIEWS)),
        key_sets=KeySets(key_sets),
        policies=Policies(head_signer),
    )
