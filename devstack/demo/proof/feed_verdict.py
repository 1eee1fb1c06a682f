"""The feed, judged: signatures, nothing lost or doubled, four ways that are one list, readers that hold exactly it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from devstack.demo.proof.feed_sight import FeedSight, ViewSight
from devstack.demo.proof.feed_sums import List, header_of, payload_of
from devstack.demo.proof.hashes import signature_holds
from devstack.demo.proof.sight import Sight, WireRecord
from devstack.demo.proof.verdict import Finding

SHOWN_MAX = 3


def signed(feed: FeedSight) -> Finding:
    """Judge the walk from the root to the newest key set, and every head and entry that stands on any way."""
    heads, entries = set(), set()
    for view in feed.views.values():
        heads |= {view.head, view.doorbell} | {
            one.value.decode() for one in (*view.deltas, *view.compacted) if _is(one, "head")
        }
        entries |= {one.value.decode() for one in (*view.deltas, *view.compacted) if _is(one, "entry")}
        entries |= {entry for page in view.pages for entry in page["entries"]}
    wrong = []
    roots = [feed.root]
    head_keys: list[dict[str, Any]] = []
    entry_keys: list[dict[str, Any]] = []
    for number, key_set in enumerate(feed.key_sets, 1):
        said = payload_of(key_set)
        if not _made_by(key_set, roots, "zhixing-key-set+jws") or said["version"] != number:
            wrong.append(f"key set {number}")
        roots, head_keys = said["roots"], [*head_keys, *said["head_keys"]]
        entry_keys += said["entry_keys"]
    wrong += ["a head" for head in heads if not _made_by(head, head_keys, "zhixing-head+jws")]
    wrong += ["an entry" for entry in entries if not _made_by(entry, entry_keys, "zhixing-entry+jws")]
    text = f"feed signed: {len(feed.key_sets)} key set from the root, {len(heads)} heads, {len(entries)} entries"
    return _finding(text, wrong, seen=bool(feed.key_sets and heads and entries))


def on_the_wire(feed: FeedSight) -> Finding:
    """Judge that in every view's deltas each entry stands once, in order, and each head behind what it names."""
    faults: list[str] = []
    count = 0
    for name, view in feed.views.items():
        reached: Counter[str] = Counter()
        for record in view.deltas:
            session, sequence = record.header("session_id"), int(record.header("sequence"))
            if _is(record, "entry"):
                count += 1
                if sequence != reached[session] + 1:
                    faults.append(f"{name}: entry {sequence} follows {reached[session]}")
                reached[session] = sequence
            elif sequence != reached[session]:
                faults.append(f"{name}: a head of {sequence} stands behind entry {reached[session]}")
        said = payload_of(view.head)
        if reached[said["session_id"]] != said["sequence"]:
            faults.append(f"{name}: {reached[said['session_id']]} of {said['sequence']} entries are on the wire")
    text = f"feed on the wire: {count} entries in {len(feed.views)} views, nothing lost, nothing twice"
    return _finding(text, faults, seen=count > 0)


def four_ways(feed: FeedSight) -> Finding:
    """Judge that pages, doorbell, deltas and compacted topic of every view are the same list with the same history."""
    faults: list[str] = []
    for view in feed.views.values():
        faults += [f"{view.view}: {fault}" for fault in _ways_apart(view)]
    digests = ", ".join(f"{name} {payload_of(view.head)['set']['digest'][:8]}" for name, view in feed.views.items())
    return _finding(f"four ways, one list in every view: {digests}", faults, seen=bool(feed.views))


def _ways_apart(view: ViewSight) -> Iterator[str]:
    head = payload_of(view.head)
    figures = _figures(head)
    followed = List(view.view)
    for record in view.deltas:
        if _is(record, "entry"):
            followed.apply(record.value.decode())
        elif _figures(payload_of(record.value.decode())) != followed.sums():
            yield f"the head of {record.header('sequence')} is not what its entries add up to"
    yield from followed.faults
    pulled = List(view.view)
    for page in view.pages:
        for entry in page["entries"]:
            pulled.apply(entry)
        if (page["set"]["count"], page["set"]["digest"], page["log_root"]) != pulled.sums():
            yield f"page {page['page']} is not what it says"
    kept = List(view.view)
    newest = {one.key: one for one in view.compacted if one.key != b"head" and one.value}
    for record in newest.values():
        kept.apply(record.value.decode())
    if _figures(payload_of(view.doorbell)) != figures:
        yield "the doorbell tells another head"
    if followed.sums() != figures:
        yield "the deltas add up to something else"
    if pulled.sums() != figures:
        yield "the pages add up to something else"
    # The compacted topic keeps no history, so only the list itself can be the same.
    if kept.sums()[:2] != figures[:2]:
        yield "the compacted topic holds another list"


def held_exactly(sight: Sight, feed: FeedSight) -> Finding:
    """Judge that every reader holds the newest list, confirmed it with a position, and raised no alarm."""
    faults: list[str] = []
    confirmed = confirmations(sight)
    for agency, reader in feed.readers.items():
        state, head = feed.holders[agency], payload_of(feed.views[reader.view].head)
        wanted = (head["session_id"], head["sequence"], head["set"]["digest"], head["set"]["count"])
        if (state["session_id"], state["sequence"], state["digest"], state["count"]) != wanted:
            faults.append(f"{agency} holds {state['sequence']} {str(state['digest'])[:8]}, not {wanted[1]}")
        if state["alarms"]:
            faults.append(f"{agency} raised {state['alarms']}")
        said = [one for one in confirmed.get(agency, ()) if one["sequence"] == head["sequence"]]
        figures = {(one["figures"]["set_digest"], one["figures"]["log_root"]) for one in said}
        if figures != {(head["set"]["digest"], head["log_root"])}:
            faults.append(f"{agency} has not confirmed {head['sequence']}")
    disputed = sum(1 for _ in sight.events("subscriber_position_disputed"))
    text = (
        f"{len(feed.readers)} subscribers hold exactly the list by digest and log root; {disputed} positions disputed"
    )
    return _finding(text, faults, seen=disputed == 0 and len(feed.readers) > 0)


def confirmations(sight: Sight) -> dict[str, list[dict[str, Any]]]:
    """Return by agency what it confirmed, in the order in which it was received."""
    found: dict[str, list[dict[str, Any]]] = {}
    for event in sight.events("subscriber_position_confirmed"):
        found.setdefault(event["data"]["agency_id"], []).append(
            event["data"]["statement"] | {"received_at": event["data"]["received_at"]}
        )
    return {agency: sorted(said, key=lambda one: str(one["received_at"])) for agency, said in found.items()}


def entries_of(view: ViewSight) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the sequence and payload of every entry of a view, from its deltas."""
    for record in view.deltas:
        if _is(record, "entry"):
            yield int(record.header("sequence")), payload_of(record.value.decode())


def named_at(view: ViewSight, sequence: int) -> str | None:
    """Return when the first head that names a sequence was issued, as its text form; None if no head does."""
    issued = [
        str(said["issued_at"])
        for said in (payload_of(one.value.decode()) for one in view.deltas if _is(one, "head"))
        if said["sequence"] >= sequence
    ]
    return min(issued, default=None)


def _figures(head: dict[str, Any]) -> tuple[int, str, str]:
    return int(head["set"]["count"]), str(head["set"]["digest"]), str(head["log_root"])


def _is(record: WireRecord, kind: str) -> bool:
    return record.header("kind") == kind


def _made_by(token: str, keys: list[dict[str, Any]], typ: str) -> bool:
    return header_of(token).get("typ") == typ and signature_holds(token, keys)


def _finding(text: str, faults: list[str], *, seen: bool) -> Finding:
    return Finding(text if not faults else f"{text}; BUT {faults[:SHOWN_MAX]}", not faults and seen)
