"""What must be true of the feed after everything was killed; judged from raw documents and what the four ways show.

Nothing of the product judges: the journal is read as it lies in the database, entries are opened as the wire page says,
and sums are computed by the observer's own code.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from devstack.demo.proof.feed_sight import FeedSight
from devstack.demo.proof.feed_sums import payload_of
from devstack.demo.proof.feed_verdict import four_ways, on_the_wire, signed
from devstack.demo.proof.hashes import chain_faults
from tests.fault.feed.lives import Life

Json = dict[str, Any]
Findings = dict[str, list[str]]

CARRYING = ("court", "air", "rail", "finance", "land", "market", "police")
"""Views that show restrictions: who buys and sells as the law's nine kinds have it."""


@dataclass
class Facts:
    """What was seen at one moment."""

    commits: list[Json]
    feed: FeedSight
    lives: list[Life]
    late_seconds: float
    """Within so many seconds every subscriber must have applied a removal; the goal in quiet times is 15 minutes."""

    def events(self, category: str) -> Iterator[tuple[str, str, Json]]:
        """Yield stream, name and data of every event of a category, in the order of each stream."""
        for commit in self.commits:
            if commit["stream"].partition("/")[0] == category:
                for entry in commit["entries"]:
                    for event in entry["events"]:
                        yield commit["stream"], event["type"].split(".")[2], event["data"]


def findings(facts: Facts) -> Findings:
    """Return what is wrong, by promise; empty lists where all is well.

    What is dear to compute is looked at only where everything cheaper holds: sums after every head of a long list.
    """
    found = {
        "every case has the end that it must have": list(_cases(facts)),
        "every published version is one entry in each view, and nothing else is": list(_entries(facts)),
        "the journal is whole": chain_faults(facts.commits)[:5],
        "every subscriber holds exactly the newest list": list(_holders(facts)),
        "what subscribers said was confirmed, and they never went back": list(_positions(facts)),
        "no removal is late": list(_late(facts)),
    }
    for verdict in (on_the_wire, signed, four_ways):
        if broken(found):
            break
        finding = verdict(facts.feed)
        found[finding.text.partition(":")[0]] = [] if finding.holds else [finding.text]
    return found


def broken(found: Findings) -> str:
    """Return what is broken, one line each; empty if nothing is."""
    return "\n".join(f"{promise}: {faults[:3]}" for promise, faults in found.items() if faults)


def _records(facts: Facts) -> Iterator[Json]:
    for _stream, _name, data in facts.events("restriction"):
        if "record" in data:
            yield data["record"]


def _cases(facts: Facts) -> Iterator[str]:
    statuses: dict[tuple[str, str], list[str]] = defaultdict(list)
    for record in _records(facts):
        statuses[record["case_id"], record["party_id"]].append(record["status"])
    for life in facts.lives:
        wanted = ["RESTRICTED", "REMOVED"] if life.paid else ["RESTRICTED"]
        for one in life.debtors:
            found = statuses.pop((life.case_id, one.party_id), [])
            if life.served and found != wanted:
                yield f"{life.case_id} {one.party_id}: {found}, not {wanted}"
    yield from (f"nobody asked for {case} {party}" for case, party in statuses)


def _entries(facts: Facts) -> Iterator[str]:
    published = Counter((record["record_id"], record["version"]) for record in _records(facts))
    in_views: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for stream, name, data in facts.events("feed"):
        if name == "feed_entry_appended":
            in_views[stream.split("/")[1]].append((data["record_id"], data["record_version"]))
    if strange := in_views.keys() - set(CARRYING):
        yield f"entries in views that carry none: {strange}"
    for view in CARRYING:
        found = Counter(in_views[view])
        yield from (f"{view}: {one} is lost" for one in published.keys() - found.keys())
        yield from (f"{view}: {one} was never published" for one in found.keys() - published.keys())
        yield from (f"{view}: {one} stands {count} times" for one, count in found.items() if count > 1)
        newest: dict[str, int] = {}
        for record, version in in_views[view]:
            if version != newest.get(record, 0) + 1:
                yield f"{view}: {record} version {version} follows {newest.get(record, 0)}"
            newest[record] = version


def _holders(facts: Facts) -> Iterator[str]:
    for agency, reader in facts.feed.readers.items():
        state, head = facts.feed.holders[agency], payload_of(facts.feed.views[reader.view].head)
        held = (state["session_id"], state["sequence"], state["digest"], state["count"])
        wanted = (head["session_id"], head["sequence"], head["set"]["digest"], head["set"]["count"])
        if held != wanted:
            yield f"{agency} holds {held}, not {wanted}"
        if state["alarms"] or state["stopped"]:
            yield f"{agency} complains: {state['alarms'][:2]} {state['stopped'] or ''}"


def _positions(facts: Facts) -> Iterator[str]:
    reached: dict[str, int] = {}
    for stream, name, data in facts.events("position"):
        said = data["statement"]
        if name != "subscriber_position_confirmed":
            yield f"{stream}: {name} at {said['sequence']}"
        if said["sequence"] < reached.get(stream, 0):
            yield f"{stream}: {said['sequence']} follows {reached[stream]}"
        reached[stream] = said["sequence"]
    for agency, reader in facts.feed.readers.items():
        newest = payload_of(facts.feed.views[reader.view].head)["sequence"]
        if reached.get(f"position/{agency}", 0) != newest:
            yield f"{agency} has confirmed {reached.get(f'position/{agency}', 0)} of {newest}"


def _late(facts: Facts) -> Iterator[str]:
    statements: dict[str, list[Json]] = defaultdict(list)
    for stream, _name, data in facts.events("position"):
        statements[stream.partition("/")[2]].append(data["statement"])
    removals = 0
    for agency, reader in facts.feed.readers.items():
        for sequence, entry in enumerate(entries_of(facts, reader.view), start=1):
            if entry["status"] != "REMOVED":
                continue
            removals += 1
            first = next((one for one in statements[agency] if one["sequence"] >= sequence), None)
            if first is None:
                yield f"{agency} never applied the removal {sequence}"
                continue
            took = (_at(first["applied_at"]) - _at(entry["removal"]["decided_at"])).total_seconds()
            if took > facts.late_seconds:
                yield f"{agency} applied the removal {sequence} after {took:.0f} s"
    if not removals:
        yield "nothing was removed"


def slowest_removal(facts: Facts) -> float:
    """Return the longest time from the decision of a removal to its application, in seconds."""
    statements: dict[str, list[Json]] = defaultdict(list)
    for stream, _name, data in facts.events("position"):
        statements[stream.partition("/")[2]].append(data["statement"])
    return max(
        (_at(one["applied_at"]) - _at(entry["removal"]["decided_at"])).total_seconds()
        for agency, reader in facts.feed.readers.items()
        for sequence, entry in enumerate(entries_of(facts, reader.view), start=1)
        if entry["status"] == "REMOVED"
        for one in [next(one for one in statements[agency] if one["sequence"] >= sequence)]
    )


def entries_of(facts: Facts, view: str) -> list[Json]:
    return [
        payload_of(data["jws"])
        for stream, name, data in facts.events("feed")
        if name == "feed_entry_appended" and stream.split("/")[1] == view
    ]


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def every_promise_can_fail(facts: Facts) -> None:
    """Break each promise in a copy of what was seen; raises `AssertionError` for one that nobody misses."""
    for what, harm in HARMS.items():
        hurt = replace(facts, commits=deepcopy(facts.commits), feed=deepcopy(facts.feed), lives=deepcopy(facts.lives))
        harm(hurt)
        assert broken(findings(hurt)), f"nobody saw that {what}"


def _first_feed_commit(facts: Facts, view: str = "air") -> Json:
    return next(one for one in facts.commits if one["stream"].startswith(f"feed/{view}/"))


def _lose_entry(facts: Facts) -> None:
    facts.feed.views["finance"].deltas.remove(_entry_of(facts, "finance"))


def _repeat_entry(facts: Facts) -> None:
    facts.feed.views["finance"].deltas.append(_entry_of(facts, "finance"))


def _swap_entries(facts: Facts) -> None:
    deltas = facts.feed.views["finance"].deltas
    places = [place for place, one in enumerate(deltas) if one.header("kind") == "entry"][:2]
    deltas[places[0]], deltas[places[1]] = deltas[places[1]], deltas[places[0]]


def _entry_of(facts: Facts, view: str) -> Any:
    return next(one for one in facts.feed.views[view].deltas if one.header("kind") == "entry")


def _lose_page_entry(facts: Facts) -> None:
    facts.feed.views["air"].pages[0]["entries"].pop(0)


def _lose_compacted(facts: Facts) -> None:
    compacted = facts.feed.views["land"].compacted
    listed = [one for one in compacted if one.key != b"head"]
    newest = {one.key: one for one in listed}
    gone = next(key for key, one in newest.items() if payload_of(one.value.decode())["status"] != "REMOVED")
    compacted[:] = [one for one in compacted if one.key != gone]


def _lose_commit(facts: Facts) -> None:
    facts.commits.remove(_first_feed_commit(facts))


def _hold_less(facts: Facts) -> None:
    facts.feed.holders["railway"]["sequence"] -= 1


def _hold_another(facts: Facts) -> None:
    facts.feed.holders["registry"]["digest"] = "0" * 64


def _never_confirm(facts: Facts) -> None:
    facts.commits[:] = [one for one in facts.commits if one["stream"] != "position/bank"]


def _forget_to_remove(facts: Facts) -> None:
    next(life for life in facts.lives if life.served and not life.paid).paid = True


def _be_late(facts: Facts) -> None:
    for commit in facts.commits:
        if commit["stream"] == "position/airline":
            for entry in commit["entries"]:
                for event in entry["events"]:
                    event["data"]["statement"]["applied_at"] = "2100-01-01T00:00:00Z"


HARMS: dict[str, Callable[[Facts], None]] = {
    "an entry is missing from the deltas": _lose_entry,
    "an entry stands twice in the deltas": _repeat_entry,
    "two entries are in the wrong order": _swap_entries,
    "an entry is missing from a page": _lose_page_entry,
    "a record is missing from the compacted topic": _lose_compacted,
    "a commit of the feed is missing": _lose_commit,
    "a subscriber is behind": _hold_less,
    "a subscriber holds another list": _hold_another,
    "a subscriber never confirmed": _never_confirm,
    "somebody who paid is not let go": _forget_to_remove,
    "a removal came late": _be_late,
}
