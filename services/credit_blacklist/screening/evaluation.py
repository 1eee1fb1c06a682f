"""Whether an entry is a hit at a moment: ends that are known run by themselves (feed, section 3). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from libs.foundation.clock import instant
from libs.foundation.names import normal_name
from services.credit_blacklist.rules.measure import Measure

REMOVED: Final = "REMOVED"
RESTRICTION: Final = "RESTRICTION"


def in_force(payload: Mapping[str, Any], now: datetime) -> bool:
    """Return whether an entry has effect: not removed, from `effective_from` on, and until `expires_at`."""
    if payload["status"] == REMOVED or now < instant(payload["effective_from"]):
        return False
    expires_at = payload.get("expires_at")
    return expires_at is None or now < instant(expires_at)


def kinds_open(payload: Mapping[str, Any], now: datetime) -> tuple[int, ...]:
    """Return the kinds of consumption that are restricted now: those of the order without the suspended (R-CRB-23)."""
    suspended = {
        kind
        for window in payload.get("suspensions", ())
        if instant(window["from"]) <= now < instant(window["until"])
        for kind in window["kinds"]
    }
    return tuple(kind for kind in payload.get("kinds", ()) if kind not in suspended)


def applies(payload: Mapping[str, Any], now: datetime, measure: Measure | None) -> bool:
    """Return whether an entry is a reason for `measure` now; without a measure, whether it has any effect.

    A listing is one whatever its kinds; a restriction only by a kind that is not suspended and that the measure is of.
    """
    if not in_force(payload, now):
        return False
    list_type = payload["list_type"]
    if measure is not None and list_type not in measure.list_types:
        return False
    if list_type != RESTRICTION or "kinds" not in payload:
        return True
    kinds = kinds_open(payload, now)
    if measure is None or not measure.kinds:
        return bool(kinds)
    return not set(measure.kinds).isdisjoint(kinds)


def same_person(payload: Mapping[str, Any], name: str) -> bool:
    """Return whether the name is the entry's, in normal form; the document was compared before."""
    return normal_name(payload["subject"]["name"]) == normal_name(name)


def hit(payload: Mapping[str, Any], sequence: int, now: datetime) -> dict[str, Any]:
    """Return what a counter may say: which court, which order, which telephone, which kinds; never why."""
    found = {
        "record_id": payload["record_id"],
        "record_version": payload["record_version"],
        "sequence": sequence,
        "list_type": payload["list_type"],
        "court": dict(payload["court"]),
        "order_number": payload["order_number"],
    }
    if payload["list_type"] == RESTRICTION:
        found["kinds"] = list(kinds_open(payload, now))
    return found
