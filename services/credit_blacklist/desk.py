"""What the routes and handlers of this service work with."""

from __future__ import annotations

from dataclasses import dataclass

from libs.evidence import Signer
from libs.foundation.clock import Clock
from libs.journal import Journal
from services.credit_blacklist.feed.distribution.distribution import Distribution
from services.credit_blacklist.feed.register import Register
from services.credit_blacklist.screening.screening import Screening
from services.credit_blacklist.settings import CreditBlacklistSettings


@dataclass(frozen=True)
class Desk:
    """The journal, business time, settings, the court's signer, what the feed holds, how it goes out, and the check."""

    journal: Journal
    clock: Clock
    settings: CreditBlacklistSettings
    signer: Signer | None
    register: Register
    distribution: Distribution
    screening: Screening
