"""Counting: what was answered against what stands in the journals, on the wire, and in the partners' own books."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from tests.fault import chains, wire
from tests.fault.kill.client import Command
from tests.fault.kill.deliveries import applied
from tests.fault.kill.facts import Entry, Facts

PARTNERS = frozenset({"custodian-statements", "bank-a-adapter", "bank-b-adapter"})
"""Writers whose commands are not in our list: the simulators, who are careful clients, too."""

SHOWN = 3
STEPS = {"documents": ("paper", "draft"), "replies": ("copy",), "fund-accounts": ("prefix",)}
"""Further commands that follow from one of a kind, each once."""

FAULT_CHARS = 1500


def findings(facts: Facts, commands: Sequence[Command]) -> dict[str, list[str]]:
    """Return what is lost, doubled or out of order, by promise; an empty list where a promise held."""
    from tests.fault.kill.books import effects, ledger  # noqa: PLC0415 -- books are a page of their own

    counts: dict[str, Callable[[], list[str]]] = {
        "every accepted command has one entry, every refused one none": lambda: recorded(facts, commands),
        "every repeat got the first answer": lambda: answered(commands),
        "every event is on the wire, in order, repeats identical": lambda: on_the_wire(facts),
        "every consumer applied every event once": lambda: applied(facts),
        "every effect happened once": lambda: effects(facts),
        "the ledger is the bank's": lambda: ledger(facts),
        "chains are whole": lambda: whole(facts),
        "nothing is under way": lambda: at_rest(facts),
    }
    return {promise: count() for promise, count in counts.items()}


def broken(found: dict[str, list[str]]) -> str:
    """Return the promises that do not hold, with the first of their faults; empty if all hold."""
    told = []
    for promise, faults in found.items():
        if faults:
            shown = "; ".join(fault[:FAULT_CHARS] for fault in faults[:SHOWN])
            told.append(f"{promise}: {len(faults)} faults: {shown}")
    return "\n".join(told)


def recorded(facts: Facts, commands: Sequence[Command]) -> list[str]:
    """Count the entries of every command that anybody outside sent, and the entries that nobody asked for."""
    entries = facts.by_command()
    faults: list[str] = []
    explained: set[str] = set()
    for command in commands:
        if command.answer is None:
            faults.append(f"{command.kind} {command.key} of {command.who} was never resolved")
            continue
        for identity, least, most in _expected(command):
            explained.add(identity)
            count = len(entries.get(identity, ()))
            if not least <= count <= most:
                said = f"{command.answer.status} {command.answer.code}"
                faults.append(f"{command.method} {command.path} {command.key}, answered {said}, has {count} entries")
    faults += [
        f"{one.service} {one.stream} has an entry of {one.actor['subject']} that nobody was told of"
        for identity, found in entries.items()
        for one in found
        if identity not in explained and _is_from_outside(one)
    ]
    return faults


def _is_from_outside(entry: Entry) -> bool:
    return entry.actor["organisation"] != "zhixing" and entry.actor["subject"] not in PARTNERS


def _expected(command: Command) -> Iterator[tuple[str, int, int]]:
    """Yield the ids that a command's entries have, each with how many of them there must be at least and at most."""
    answer = command.answer
    assert answer is not None
    if command.kind == "bank-statements" and answer.accepted:
        for line in answer.body:
            # Another content under a known reference is refused and stands on record (R-PAY-03).
            conflict = line.get("problem", {}).get("code") == "statement_line_conflict"
            count = int(line["status"] in {"RECORDED", "UNIDENTIFIED"} or conflict)
            yield command.step(str(line["line"])), count, count
        return
    changed = answer.accepted and not command.took_note
    # "Nothing is new" is an answer that nobody keeps (design, section 3, sentence 6): a copy of the request that stood
    # in a frozen process may find, when that wakes, that it is new by now.
    most = int(changed or (command.took_note and command.tries > 1))
    yield command.identity, int(changed), most
    for step in {"documents": ("paper", "draft"), "replies": ("copy",), "fund-accounts": ("prefix",)}.get(
        command.kind, ()
    ):
        yield command.step(step), int(changed), most
    if command.kind == "enforcement-applications" and answer.accepted:
        yield command.step("wording"), int(changed), most
        for party in (*answer.body["applicants"], *answer.body["debtors"]):
            # Whichever of two filings at once is first registers the party; the other finds it registered.
            yield command.step("party", party["party_id"]), 0, 1


def answered(commands: Sequence[Command]) -> list[str]:
    """Compare what repeats were answered with the first answer."""
    faults = []
    for command in commands:
        first = command.answer
        for later in command.others:
            if first is None or (first.accepted and not later.says_the_same(first)):
                faults.append(f"{command.kind} {command.key} was answered {first} and later {later}")
            elif not first.accepted and later.accepted:
                faults.append(f"{command.kind} {command.key} was refused ({first.code}) and later accepted")
    return faults


def on_the_wire(facts: Facts) -> list[str]:
    """Compare the wire with the journals: order and repeats, nothing missing, nothing that never happened."""
    faults: list[str] = []
    for service, records in facts.wire.items():
        try:
            wire.first_occurrences(records)
        except AssertionError as error:
            faults.append(f"{service}: {error}")
        said = {record.header("ce_id"): json.loads(record.value) for record in records}
        happened = {event.id: event.data for event in facts.events() if event.service == service and event.is_published}
        faults += [f"{service}: {one} is not on the wire" for one in happened.keys() - said.keys()]
        faults += [f"{service}: {one} is on the wire and in no journal" for one in said.keys() - happened.keys()]
        faults += [
            f"{service}: {one} says on the wire what the journal does not say"
            for one in said.keys() & happened.keys()
            if said[one] != happened[one]
        ]
    return faults


def whole(facts: Facts) -> list[str]:
    """Return the services whose chains are not whole."""
    faults = []
    for service, commits in facts.commits.items():
        try:
            chains.judge(commits)
        except AssertionError as error:
            faults.append(f"{service}: {error}")
    return faults


def at_rest(facts: Facts) -> list[str]:
    """Return what is still under way: unpublished, not in the views, in quarantine, effects without an end."""
    faults = [
        f"{commit['_id']} is not {mark}"
        for commits in facts.commits.values()
        for commit in commits
        for mark in ("published", "projected")
        if not commit[mark]
    ]
    if facts.open_quarantine:
        faults.append(f"{facts.open_quarantine} messages are in quarantine")
    return faults + [f"the effect {one} has no end" for one in facts.open_effects]


def twice(what: str, ids: Sequence[str]) -> list[str]:
    """Return what stands more than once."""
    return [f"{what} {one} stands {count} times" for one, count in Counter(ids).items() if count > 1]


def apart(what: str, ours: set[str], theirs: set[str]) -> list[str]:
    """Return what only one side has."""
    return [f"{what} {one} is only in our journal" for one in ours - theirs] + [
        f"{what} {one} is only in the partner's books" for one in theirs - ours
    ]
