"""Lists that people ask for, one module per subject."""

from __future__ import annotations

from typing import Any

from libs.journal import View
from services.credit_blacklist.views.listings import LISTING_VIEWS
from services.credit_blacklist.views.positions import POSITION_VIEWS
from services.credit_blacklist.views.publicity import PUBLICITY_VIEWS
from services.credit_blacklist.views.reports import NOTICES, REPORTS
from services.credit_blacklist.views.restrictions import RESTRICTION_DUTIES, RESTRICTIONS
from services.credit_blacklist.views.subscribers import SUBSCRIBERS

VIEWS: tuple[View[Any], ...] = (
    *LISTING_VIEWS,
    *PUBLICITY_VIEWS,
    *POSITION_VIEWS,
    RESTRICTIONS,
    RESTRICTION_DUTIES,
    SUBSCRIBERS,
    REPORTS,
    NOTICES,
)
