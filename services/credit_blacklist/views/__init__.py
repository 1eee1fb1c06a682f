"""Lists that people ask for, one module per subject."""

from __future__ import annotations

from typing import Any

from libs.journal import View

VIEWS: tuple[View[Any], ...] = ()
