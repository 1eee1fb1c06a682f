"""What was seen, judged: each finding is one sentence that holds or does not."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from devstack.demo.proof.hashes import chain_faults, detached, signature_holds
from devstack.demo.proof.sight import Sight, read_journals, read_json, read_wire

LONGEST = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Finding:
    """One proof: what it says, whether it holds."""

    text: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """All findings and how long the case took in business time."""

    findings: tuple[Finding, ...]
    duration: str

    @property
    def holds(self) -> bool:
        """Whether every finding holds."""
        return all(finding.holds for finding in self.findings)


async def look(mongo_uri: str, bootstrap: str, urls: Mapping[str, str], partners: Mapping[str, str]) -> Sight:
    """See everything that can be seen now: journals, wire, partners' books, public keys."""
    commits, quarantined, timers = await asyncio.to_thread(read_journals, mongo_uri, list(urls))
    keys = {name: await read_json(f"{url}/.well-known/jwks.json") for name, url in urls.items()}
    return Sight(
        commits=commits,
        wire=await read_wire(bootstrap),
        quarantined=quarantined,
        timers=timers,
        books=await read_json(f"{partners['custodian']}/books"),
        messages=(await read_json(f"{partners['sms']}/messages"))["items"],
        jwks=keys,
    )


def prove(sight: Sight, case_id: str, debt_fen: int) -> Verdict:
    """Judge what was seen after a played story."""
    closing, duration = _closing(sight, case_id)
    return Verdict((*house_in_order(sight, case_id, debt_fen), closing), duration)


def house_in_order(sight: Sight, case_id: str, debt_fen: int) -> tuple[Finding, ...]:
    """Judge what must hold after any story: money, chains, signatures, wire, rest, every effect once."""
    return (
        _ledger(sight, case_id, debt_fen),
        _chains(sight),
        _signatures(sight),
        _wire(sight),
        _at_rest(sight),
        _once(sight),
    )


def _ledger(sight: Sight, case_id: str, debt_fen: int) -> Finding:
    credited = {event["data"]["reference"]: event["data"]["amount_fen"] for event in sight.events("account_credited")}
    paid = Counter(
        {event["data"]["payout_id"]: event["data"]["amount_fen"] for event in sight.events("payout_confirmed")}
    )
    pooled = sum(event["data"]["amount_fen"] for event in sight.events("incoming_payment_unidentified"))
    book_in = {line["reference"]: line["amount_fen"] for line in sight.books["incoming"]}
    book_out = sum(transfer["amount_fen"] for transfer in sight.books["transfers"] if transfer["state"] == "DONE")
    ours = sum(credited.values()) + pooled - sum(paid.values())
    theirs = sum(book_in.values()) - book_out
    mine = sum(e["data"]["amount_fen"] for e in sight.events("account_credited") if e["data"]["case_id"] == case_id)
    holds = ours == theirs and mine == debt_fen and sum(paid.values()) == book_out
    difference = ours - theirs
    return Finding(
        f"ledger = bank books ({difference} fen): in {mine}, paid out {book_out}, unidentified {pooled}", holds
    )


def _chains(sight: Sight) -> Finding:
    faults = [fault for commits in sight.commits.values() for fault in chain_faults(commits)]
    count = sum(len(commits) for commits in sight.commits.values())
    return Finding(f"chains whole, {count} commits" if not faults else f"chains broken: {faults[:3]}", not faults)


def _signatures(sight: Sight) -> Finding:
    courts = [key for document in sight.jwks.values() for key in document["keys"]]
    agencies = [event["data"]["jwk"] for event in sight.events("agency_key_registered")]
    signed = [(event["data"]["receipt"], courts) for event in sight.events("filing_receipt_issued")]
    signed += [(event["data"]["seal"], courts) for event in sight.events("document_approved")]
    signed += [(event["data"]["signature"], courts) for event in sight.events("request_content_recorded")]
    signed += [(event["data"]["signature"], agencies) for event in sight.events("reply_recorded")]
    wrong = sum(not signature_holds(token, keys) for token, keys in signed)
    # On the public topic stand the same signatures without their payload, which names people (RFC 7515, appendix F).
    shown = {event["data"]["signature"] for event in sight.events("request_issued", "reply_received")}
    stray = shown - {detached(token) for token, _ in signed}
    text = f"{len(signed)} signatures verified, {wrong} wrong, {len(shown)} shown detached"
    return Finding(text, not wrong and not stray and len(signed) > 0)


def _wire(sight: Sight) -> Finding:
    """Every published event stands on the wire, first occurrences in order, repeats byte-identical."""
    first: dict[str, tuple[int, bytes]] = {}
    highest: Counter[str] = Counter()
    faults = []
    for record in sight.wire:
        event_id, stream, seq = record.header("ce_id"), record.header("ce_subject"), int(record.header("ce_sequence"))
        if event_id in first:
            if first[event_id] != (seq, record.value):
                faults.append(f"{event_id} was repeated with other bytes")
            continue
        first[event_id] = (seq, record.value)
        source = f"{record.header('ce_source')} {stream}"
        if seq != highest[source] + 1:
            faults.append(f"{source}: {seq} follows {highest[source]}")
        highest[source] = seq
    published = {f"/zhixing/{one['service']} {one['stream']}" for one in sight.events()} & set(highest)
    missing = [
        event["id"]
        for event in sight.events()
        if f"/zhixing/{event['service']} {event['stream']}" in published and event["id"] not in first
    ]
    text = f"wire: {len(first)} events in order, {len(sight.wire) - len(first)} repeated, {len(missing)} missing"
    return Finding(text if not faults else f"{text}; {faults[:3]}", not faults and not missing)


def _at_rest(sight: Sight) -> Finding:
    unpublished = sum(not commit["published"] for commits in sight.commits.values() for commit in commits)
    latest = max(commit["at"] for commits in sight.commits.values() for commit in commits)
    overdue = sum(1 for timers in sight.timers.values() for timer in timers if str(timer["due_at"]) < latest)
    text = f"unpublished {unpublished} · quarantined {sight.quarantined} · overdue timers {overdue}"
    return Finding(text, unpublished == sight.quarantined == overdue == 0)


def _once(sight: Sight) -> Finding:
    """Every effect happened once in the partners' own books: one transfer per payout, one message per intent."""
    sent = Counter(message["reference"] for message in sight.messages)
    transfers = Counter(transfer["reference"] for transfer in sight.books["transfers"])
    intents = {e["id"] for e in sight.events("notification_requested") if e["data"]["channel"] == "SMS_12368"}
    orders = {event["id"] for event in sight.events("payout_approved")}
    debits = Counter(line["payment_reference"] for line in sight.books["incoming"] if line.get("payment_reference"))
    holds = (
        set(sent) == intents
        and set(transfers) == orders
        and all(count == 1 for counter in (sent, transfers, debits) for count in counter.values())
    )
    return Finding(
        f"each effect once: {len(transfers)} transfers, {len(debits)} deductions; 12368: {len(sent)} messages", holds
    )


def _closing(sight: Sight, case_id: str) -> tuple[Finding, str]:
    received = [event["at"] for event in sight.events("application_received")]
    closed = [event for event in sight.events("case_closed") if event["data"]["case_id"] == case_id]
    if not received or not closed:
        return Finding("the case is not closed", holds=False), ""
    took = _moment(closed[0]["at"]) - _moment(min(received))
    minutes = int(took.total_seconds() // 60)
    text = f"{minutes // 60} h {minutes % 60:02d} min"
    kind = closed[0]["data"]["kind"]
    return Finding(
        f"closed {kind} after {text} of the bureau's time (< 3 h)", took < LONGEST and len(closed) == 1
    ), text


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
