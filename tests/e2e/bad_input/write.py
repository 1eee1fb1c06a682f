"""One write route: who may send it, a body that fits, what a stranger is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Problem = tuple[int, str]
NOT_YOURS: Problem = (403, "court_not_yours")
NOT_FOUND: Problem = (404, "not_found")
CASE: Problem = (404, "case_not_found")


@dataclass(frozen=True)
class Write:
    """One write route."""

    service: str
    method: str
    template: str
    path: str
    who: str
    body: dict[str, Any] | None
    foreign: Problem | None
    """What a token of another court, or another agency's, is answered; None where the thing belongs to no court."""
    shown: str | None = None
    """Whose ETag goes into If-Match; None where the write needs none."""
    may_be_empty: bool = False
    keyless: bool = False
    """Whether it takes no Idempotency-Key: it asks something, or its signed body is its own key."""
    roleless: bool = False
    """Whether its scope alone says who may send it."""
    also: frozenset[str] = frozenset()
    """Codes that a spoiled field may be answered with instead of `request_invalid`."""

    @property
    def needs_etag(self) -> bool:
        """Whether the route takes If-Match."""
        return self.shown is not None

    @property
    def name(self) -> str:
        """Return the route as OpenAPI names it."""
        return f"{self.service} {self.method} {self.template}"
