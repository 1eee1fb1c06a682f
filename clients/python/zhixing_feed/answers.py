"""What a local copy answers, and how far it may be trusted: the staleness table of the feed's page, section 11.

A wrong refusal harms somebody without a legal basis, a missed one can be made up for tomorrow. So doubt favours the
person where the act can be undone, and holds the act where it cannot.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from zhixing_feed.entries import Entry
from zhixing_feed.policy import Measure, Policy

Decision = Literal["REFUSE", "PASS", "HOLD"]
Status = Literal["LISTED", "NOT_LISTED", "UNKNOWN"]
Freshness = Literal["FRESH", "AGEING", "STALE", "EXPIRED", "CLOCK_OFF", "DOUBTFUL", "NONE"]

TRUSTED: Final[frozenset[Freshness]] = frozenset({"FRESH", "AGEING", "STALE"})


@dataclass(frozen=True, slots=True)
class AsOf:
    """As of which state of the list an answer holds."""

    session_id: str
    sequence: int
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that stands against the person asked for; what a counter may say is the court and its telephone."""

    record_id: str
    record_version: int
    list_type: str
    name: str
    role: str
    court: str
    telephone: str | None
    case_number: str
    order_number: str
    kinds: tuple[int, ...]
    expires_at: datetime | None

    @classmethod
    def of(cls, entry: Entry) -> Hit:
        """Return the hit that an entry is."""
        claims = entry.claims
        return cls(
            record_id=entry.record_id,
            record_version=entry.version,
            list_type=entry.list_type,
            name=str(claims["subject"]["name"]),
            role=str(claims.get("role", "")),
            court=str(claims["court"]["name"]),
            telephone=claims["court"].get("telephone"),
            case_number=str(claims.get("case_number", "")),
            order_number=str(claims.get("order_number", "")),
            kinds=tuple(sorted(entry.kinds)),
            expires_at=entry.expires_at,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """May this measure be taken against this person now?

    `decision` is what to do. `status` is what is known, with a `reason` where it is not plain. `to_review`: somebody
    looks at it afterwards, because it was decided in doubt. `possible_hit`: let through although the copy says listed.
    """

    decision: Decision
    status: Status
    freshness: Freshness
    reason: str | None = None
    as_of: AsOf | None = None
    hits: tuple[Hit, ...] = ()
    confirmed: Literal["LOCAL", "ONLINE"] = "LOCAL"
    to_review: bool = False
    possible_hit: bool = False
    confirm: bool = False
    """The table says: ask the publisher about this person before acting (`check` does)."""


def freshness_of(
    *, now: datetime, valid_until: datetime | None, policy: Policy | None, doubtful: bool, clock_off: bool
) -> Freshness:
    """Return which row of the table a copy is in."""
    if valid_until is None or policy is None:
        return "NONE"
    if doubtful:
        return "DOUBTFUL"
    if clock_off:
        return "CLOCK_OFF"
    since = now - valid_until
    if now < valid_until:
        return "FRESH"
    if since <= policy.ageing:
        return "AGEING"
    return "STALE" if since <= policy.stale else "EXPIRED"


def answer(freshness: Freshness, measure: Measure, hits: tuple[Hit, ...], as_of: AsOf | None) -> Answer:
    """Return the table's answer from the copy alone; where it says `confirm`, it is the answer if nobody is reached."""
    if freshness not in TRUSTED:
        return Answer(
            decision="PASS" if measure.reversible else "HOLD",
            status="UNKNOWN",
            freshness=freshness,
            reason=_UNTRUSTED[freshness],
            as_of=as_of,
            hits=hits,
            to_review=bool(hits),
            possible_hit=bool(hits) and measure.reversible,
        )
    if not hits:
        reason = "COPY_STALE" if freshness == "STALE" else None
        return Answer("PASS", "NOT_LISTED", freshness, reason, as_of)
    found = Answer("REFUSE", "LISTED", freshness, None, as_of, hits)
    if freshness == "FRESH":
        return found
    decision: Decision = "HOLD" if not measure.reversible else "REFUSE" if freshness == "AGEING" else "PASS"
    return replace(
        found,
        decision=decision,
        reason=f"COPY_{freshness}",
        to_review=True,
        possible_hit=decision == "PASS",
        # A stale copy holds what cannot be undone until the court was asked; a question on the line is not enough.
        confirm=freshness == "AGEING" or measure.reversible,
    )


def unclear(freshness: Freshness, measure: Measure, as_of: AsOf, reason: str) -> Answer:
    """Return the answer where there is no hit and no miss: one listed under another name, or miswritten."""
    decision: Decision = "PASS" if measure.reversible else "HOLD"
    return Answer(decision, "UNKNOWN", freshness, reason, as_of, to_review=True)


def confirmed(local: Answer, online_status: str) -> Answer:
    """Return the answer after the publisher was asked; what it does not know leaves the answer as it was."""
    if online_status not in {"LISTED", "NOT_LISTED"}:
        return replace(local, confirm=False)
    plain = replace(local, reason=None, confirmed="ONLINE", to_review=False, possible_hit=False, confirm=False)
    if online_status == "LISTED":
        return replace(plain, decision="REFUSE", status="LISTED")
    return replace(plain, decision="PASS", status="NOT_LISTED", hits=())


_UNTRUSTED: Final[dict[Freshness, str]] = {
    "EXPIRED": "COPY_EXPIRED",
    "CLOCK_OFF": "CLOCK_OFF",
    "DOUBTFUL": "COPY_DOUBTFUL",
    "NONE": "NO_COPY",
}
