"""Lists that people ask for, one module per subject."""

from __future__ import annotations

from typing import Any

from libs.journal import View
from services.credit_blacklist.views.positions import POSITION_VIEWS

VIEWS: tuple[View[Any], ...] = (*POSITION_VIEWS,)
