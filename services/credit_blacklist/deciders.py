"""The kinds of streams of this service and the law of each. Categories without a topic are private: never published."""

from __future__ import annotations

from typing import Any

from libs.journal import Decider

SERVICE = "credit_blacklist"

DECIDERS: tuple[Decider[Any], ...] = ()
