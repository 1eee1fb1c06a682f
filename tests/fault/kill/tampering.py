"""The counting can fail: true facts with one thing wrong are told from true facts, for every promise."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from tests.fault.kill import books, counting, deliveries
from tests.fault.kill.client import Answer, Command
from tests.fault.kill.facts import Facts

Json = dict[str, Any]


def every_promise_can_fail(facts: Facts, commands: Sequence[Command]) -> None:
    """Raise `AssertionError` naming the falsehoods that the counting would not have seen."""
    falsehoods: dict[str, Callable[[], list[str]]] = {
        "an accepted command without its entry": lambda: counting.recorded(_without_entry(facts), commands),
        "an accepted command with two": lambda: counting.recorded(_with_second_entry(facts), commands),
        "a refused command with an entry": lambda: counting.recorded(facts, _refused_instead(commands)),
        "an entry that nobody asked for": lambda: counting.recorded(facts, _forgotten(commands)),
        "another answer to a repeat": lambda: counting.answered(_answered_otherwise(commands)),
        "an event that is not on the wire": lambda: counting.on_the_wire(_wire(facts, lambda one: one[:-1])),
        "two events in the wrong order": lambda: counting.on_the_wire(_wire(facts, _swapped)),
        "a repeat that differs": lambda: counting.on_the_wire(_wire(facts, _repeated_otherwise)),
        "an event that never happened": lambda: counting.on_the_wire(_without_last_event(facts)),
        "an event that was not applied": lambda: deliveries.applied(_service_entry(facts, times=0)),
        "an event that was applied twice": lambda: deliveries.applied(_service_entry(facts, times=2)),
        "a transfer that is missing": lambda: books.effects(_bank(facts, "transfers", lambda one: one[1:])),
        "a transfer made twice": lambda: books.effects(_bank(facts, "transfers", lambda one: [*one, one[0]])),
        "a message that is missing": lambda: books.effects(_messages(facts, lambda one: one[1:])),
        "a message sent twice": lambda: books.effects(_messages(facts, lambda one: [*one, one[0]])),
        "a fen too much at the bank": lambda: books.ledger(_bank(facts, "accounts", _one_fen_more)),
        "a line that we did not book": lambda: books.ledger(_bank(facts, "incoming", lambda one: one[1:])),
        "an altered entry": lambda: counting.whole(_altered(facts)),
        "a commit that was never published": lambda: counting.at_rest(_unpublished(facts)),
    }
    unseen = [what for what, count in falsehoods.items() if not count()]
    assert not unseen, f"the counting does not see {unseen}"


def _commits(facts: Facts, service: str, change: Callable[[list[Json]], None]) -> Facts:
    commits = copy.deepcopy(facts.commits[service])
    change(commits)
    return replace(facts, commits=facts.commits | {service: commits})


def _outside(commit: Json) -> list[Json]:
    inside = ("zhixing",)
    return [
        one
        for one in commit["entries"]
        if one["actor"]["organisation"] not in inside and one["actor"]["subject"] not in counting.PARTNERS
    ]


def _without_entry(facts: Facts) -> Facts:
    def change(commits: list[Json]) -> None:
        commit = next(one for one in commits if one["stream"].startswith("account/") and _outside(one))
        commit["entries"].remove(_outside(commit)[0])

    return _commits(facts, "payments", change)


def _with_second_entry(facts: Facts) -> Facts:
    def change(commits: list[Json]) -> None:
        commit = next(one for one in commits if one["stream"].startswith("account/") and _outside(one))
        commit["entries"].append(_outside(commit)[0])

    return _commits(facts, "payments", change)


def _refused_instead(commands: Sequence[Command]) -> list[Command]:
    taken = next(one for one in commands if one.kind == "payouts" and one.accepted)
    refused = replace(taken, answer=Answer(409, {"code": "tampered"}, None, replayed=False))
    return [refused if one is taken else one for one in commands]


def _forgotten(commands: Sequence[Command]) -> list[Command]:
    taken = next(one for one in commands if one.kind == "payouts" and one.accepted)
    return [one for one in commands if one is not taken]


def _answered_otherwise(commands: Sequence[Command]) -> list[Command]:
    taken = next(one for one in commands if one.accepted and one.answer is not None)
    assert taken.answer is not None
    return [replace(taken, others=[replace(taken.answer, etag='"999999"')])]


def _wire(facts: Facts, change: Callable[[list[Any]], list[Any]]) -> Facts:
    return replace(facts, wire=facts.wire | {"payments": change(list(facts.wire["payments"]))})


def _swapped(records: list[Any]) -> list[Any]:
    stream = next(one.header("ce_subject") for one in records if int(one.header("ce_sequence")) > 1)
    first, second = [place for place, one in enumerate(records) if one.header("ce_subject") == stream][:2]
    records[first], records[second] = records[second], records[first]
    return records


def _repeated_otherwise(records: list[Any]) -> list[Any]:
    return [*records, replace(records[0], value=records[0].value + b" ")]


def _without_last_event(facts: Facts) -> Facts:
    def change(commits: list[Json]) -> None:
        heads = [one for one in commits if one["stream"].startswith("account/") and one["entries"][-1]["events"]]
        heads[-1]["entries"][-1]["events"].pop()

    return _commits(facts, "payments", change)


def _service_entry(facts: Facts, *, times: int) -> Facts:
    def change(commits: list[Json]) -> None:
        for commit in commits:
            for place, entry in enumerate(commit["entries"]):
                if commit["stream"].startswith("case/") and entry["actor"]["subject"] == "intake":
                    commit["entries"][place : place + 1] = [entry] * times
                    return

    return _commits(facts, "intake", change)


def _bank(facts: Facts, book: str, change: Callable[[list[Json]], list[Json]]) -> Facts:
    return replace(facts, bank=facts.bank | {book: change(copy.deepcopy(facts.bank[book]))})


def _one_fen_more(accounts: list[Json]) -> list[Json]:
    accounts[0]["balance_fen"] += 1
    return accounts


def _messages(facts: Facts, change: Callable[[list[Json]], list[Json]]) -> Facts:
    return replace(facts, messages=facts.messages | {"sms": change(list(facts.messages["sms"]))})


def _altered(facts: Facts) -> Facts:
    def change(commits: list[Json]) -> None:
        commits[0]["entries"][0]["actor"]["subject"] = "somebody else"

    return _commits(facts, "intake", change)


def _unpublished(facts: Facts) -> Facts:
    def change(commits: list[Json]) -> None:
        commits[0]["published"] = False

    return _commits(facts, "intake", change)
