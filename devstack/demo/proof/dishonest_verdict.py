"""Story 2, judged: who paid is let go in time, a wrong entry is taken back from all, every hit is answered for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from devstack.demo.proof.feed_sight import FeedSight
from devstack.demo.proof.feed_verdict import (
    confirmations,
    entries_of,
    four_ways,
    held_exactly,
    named_at,
    on_the_wire,
    signed,
)
from devstack.demo.proof.sight import Sight
from devstack.demo.proof.verdict import Finding, Verdict, house_in_order

BEIJING = timezone(timedelta(hours=8))
WORKING_DAYS = 3
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Affair:
    """What the story was about, by its own telling."""

    case_id: str
    case_number: str
    debt_fen: int
    fee_fen: int
    wrong_records: frozenset[str]
    readers_of_the_wrong: frozenset[str]
    persons: int
    """How many persons were let go: debtors, a representative, a controller."""


def prove_dishonest(sight: Sight, feed: FeedSight, affair: Affair) -> Verdict:
    """Judge what was seen after story 2."""
    satisfied = [one for one in sight.events("debt_satisfied") if one["data"]["case_id"] == affair.case_id]
    findings = (
        *house_in_order(sight, affair.case_id, affair.debt_fen),
        paid_to_the_fen(sight, affair),
        signed(feed),
        on_the_wire(feed),
        four_ways(feed),
        held_exactly(sight, feed),
        let_go_in_time(satisfied, feed, affair),
        decided_explicitly(sight, feed, affair),
        taken_back(sight, feed, affair),
        shown_no_more(sight),
        answered_for(sight, feed),
        closed(sight, affair),
    )
    return Verdict(findings, _span(satisfied, feed, affair))


def paid_to_the_fen(sight: Sight, affair: Affair) -> Finding:
    """Judge that the lines of the debt add up to what came in, and what went out is the rest and the fee."""
    own = [event for event in sight.events() if event["data"].get("case_id") == affair.case_id]
    debts = [event["data"] for event in own if _named(event, "debt_assessed")]
    lines = {line["code"]: line["amount_fen"] for line in (debts[-1]["lines"] if debts else ())}
    paid = {event["data"]["purpose"]: event["data"]["amount_fen"] for event in own if _named(event, "payout_confirmed")}
    rest = affair.debt_fen - affair.fee_fen
    text = f"debt {' + '.join(str(amount) for amount in lines.values())} = {sum(lines.values())} fen; paid out {paid}"
    holds = sum(lines.values()) == affair.debt_fen and paid == {"TO_APPLICANT": rest, "ENFORCEMENT_FEE": affair.fee_fen}
    return Finding(text, holds)


def let_go_in_time(satisfied: list[dict[str, Any]], feed: FeedSight, affair: Affair) -> Finding:
    """Judge that in every view each record of the case ended, named by a head within three working days (R-CRB-10)."""
    if len(satisfied) != 1:
        return Finding(f"the debt was satisfied {len(satisfied)} times", holds=False)
    latest = _after_working_days(datetime.fromisoformat(satisfied[0]["data"]["as_of"]), WORKING_DAYS)
    faults = []
    persons, count, last = set(), 0, ""
    for view, record, sequence, entry in _newest(feed, affair.case_number):
        named = named_at(feed.views[view], sequence)
        if entry["status"] != "REMOVED" or named is None:
            faults.append(f"{view}: {record} is not removed")
            continue
        if datetime.fromisoformat(named) >= latest:
            faults.append(f"{view}: {record} was named as removed at {named}")
        persons.add(entry["subject"]["name"])
        count, last = count + 1, max(last, named)
    text = f"{count} records of {len(persons)} persons let go in every view, the last at {_local(last)}"
    text += f" (three working days: before {latest:%Y-%m-%d})"
    return Finding(text + (f"; BUT {faults[:3]}" if faults else ""), not faults and len(persons) == affair.persons)


def decided_explicitly(sight: Sight, feed: FeedSight, affair: Affair) -> Finding:
    """Judge that the listing with a term ended by a decision on active performance, restrictions by performance."""
    grounds = {
        (entry["list_type"], (entry.get("removal") or {}).get("ground"))
        for _, _, _, entry in _newest(feed, affair.case_number)
    }
    wanted = {("LISTING", "ACTIVE_PERFORMANCE"), ("RESTRICTION", "PERFORMED")}
    overdue = sum(1 for _ in sight.events("removal_overdue"))
    shown = ", ".join(f"{kind} {ground}" for kind, ground in sorted(grounds, key=str))
    return Finding(f"ended by: {shown}; {overdue} removals overdue", grounds == wanted and overdue == 0)


def taken_back(sight: Sight, feed: FeedSight, affair: Affair) -> Finding:
    """Judge that whoever had confirmed the wrong entry has confirmed its correction, and nobody else ever had it."""
    confirmed = confirmations(sight)
    had, told, faults = set(), set(), []
    for agency, reader in feed.readers.items():
        view = feed.views[reader.view]
        wrong = [(number, one) for number, one in entries_of(view) if one["record_id"] in affair.wrong_records]
        uncorrected = {one["record_id"] for _, one in wrong} - {
            one["record_id"] for _, one in wrong if one.get("correction")
        }
        if uncorrected or not wrong:
            faults.append(f"{reader.view}: not corrected: {sorted(uncorrected)}")
            continue
        first, last = wrong[0][0], wrong[-1][0]
        reached = [one["sequence"] for one in confirmed.get(agency, ())]
        if any(first <= sequence < last for sequence in reached):
            had.add(agency)
        notices = {one["record_id"] for one in feed.holders[agency]["corrections"]}
        if max(reached, default=0) >= last and notices >= {one["record_id"] for _, one in wrong}:
            told.add(agency)
    if not had <= told:
        faults.append(f"{sorted(had - told)} had the wrong entry and no notice")
    if had != affair.readers_of_the_wrong:
        faults.append(f"had it: {sorted(had)}")
    given, answered = (
        {one["data"]["agency_id"] for one in sight.events(name) if one["data"]["record_id"] in affair.wrong_records}
        for name in ("correction_notice_given", "correction_notice_answered")
    )
    if not given == answered == had:
        faults.append(f"notices given to {sorted(given)}, answered by {sorted(answered)}")
    text = f"wrong entry: {', '.join(sorted(had))} had confirmed it; all have the notice, {len(answered)} answered"
    return Finding(text + (f"; BUT {faults[:3]}" if faults else ""), not faults)


def shown_no_more(sight: Sight) -> Finding:
    """Judge that who left the list was taken down from the court's own page, in time, with evidence (R-CRB-09)."""
    shown = sum(1 for _ in sight.events("publicity_batch_released"))
    left = {event["data"]["listing_id"] for event in sight.events("publicity_item_ended")}
    gone = {
        event["data"]["listing_id"]
        for event in sight.events("publicity_item_taken_down")
        if event["data"]["evidence"]["sha256"]
    }
    overdue = sum(1 for _ in sight.events("publicity_takedown_overdue"))
    text = f"publicity: {shown} batch shown, {len(left)} left the list, {len(gone)} taken down, {overdue} overdue"
    return Finding(text, shown > 0 and left == gone and not overdue)


def answered_for(sight: Sight, feed: FeedSight) -> Finding:
    """Judge that every refusal in a decision point's own book stands at the court as a report of its agency, once."""
    theirs = sorted(
        (agency, refusal["reference"]) for agency, state in feed.holders.items() for refusal in state["refusals"]
    )
    ours = sorted(
        (event["data"]["agency_id"], event["data"]["agency_reference"]) for event in sight.events("punishment_reported")
    )
    without = sum(not event["data"]["legal_basis"] for event in sight.events("punishment_reported"))
    text = f"{len(theirs)} refusals at decision points = {len(ours)} reports, each with its legal basis"
    return Finding(text, theirs == ours and len(ours) > 0 and not without)


def closed(sight: Sight, affair: Affair) -> Finding:
    """Judge that the case was closed as performed, once."""
    found = [one["data"]["kind"] for one in sight.events("case_closed") if one["data"]["case_id"] == affair.case_id]
    return Finding(f"closed: {', '.join(found) or 'no'}", found == ["FULLY_PERFORMED"])


def _newest(feed: FeedSight, case_number: str) -> Iterator[tuple[str, str, int, dict[str, Any]]]:
    """Yield view, record, sequence and payload of the last entry of every record of a case."""
    for name, view in feed.views.items():
        last = {
            entry["record_id"]: (number, entry)
            for number, entry in entries_of(view)
            if entry["case_number"] == case_number
        }
        for record, (number, entry) in last.items():
            yield name, record, number, entry


def _after_working_days(day: datetime, count: int) -> datetime:
    """Return the instant at which the last of `count` working days is over; in this story's days only weekends rest."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < SATURDAY
    return (day + timedelta(days=1)).replace(tzinfo=BEIJING)


def _span(satisfied: list[dict[str, Any]], feed: FeedSight, affair: Affair) -> str:
    ends = [named_at(feed.views[view], number) or "" for view, _, number, _ in _newest(feed, affair.case_number)]
    return f"paid {_local(satisfied[0]['at'])}, let go {_local(max(ends))}" if satisfied and any(ends) else ""


def _local(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") if text else "never"


def _named(event: dict[str, Any], name: str) -> bool:
    return f".{name}." in f".{event['type']}."
