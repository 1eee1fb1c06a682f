import asyncio
from copy import deepcopy
from datetime import timedelta
from typing import Any

import bson
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.evidence.chain import verify_chain
from libs.foundation.clock import instant_text
from libs.journal.cache import Known
from libs.journal.drafting import draft
from libs.journal.fold import Head, blank, fold_commits, fold_until
from libs.journal.pending import Pending
from libs.journal.store import Document
from tests.unit.journal.tally import START, TALLIES, Add, Cancel, Note, Schedule, SplitInto, Take, meta

STREAM = "tally/1"
TIMERS = st.sampled_from(["reply", "review"])
COMMANDS = st.one_of(
    st.builds(Add, st.integers(0, 2**40)),
    st.builds(Take, st.integers(0, 100)),
    st.builds(Note, st.text(st.characters(exclude_categories=["Cs"]), max_size=20), st.integers(1, 3)),
    st.builds(SplitInto, st.lists(st.text("ab执", max_size=3), max_size=3).map(tuple)),
    st.builds(Schedule, TIMERS, st.integers(0, 10**9).map(lambda micros: START + timedelta(microseconds=micros))),
    st.builds(Cancel, TIMERS),
)
BATCHES = st.lists(st.lists(st.tuples(COMMANDS, st.booleans()), min_size=1, max_size=6), min_size=1, max_size=5)


def written(batches: list[list[tuple[Any, bool]]]) -> tuple[list[Document], list[Head]]:
    """The commits of some batches as the database gives them back, and the head after each."""

    async def inside() -> tuple[list[Document], list[Head]]:
        loop = asyncio.get_running_loop()
        head, commits, heads = blank(TALLIES, STREAM), [], []
        for number, batch in enumerate(batches):
            waiting = [
                Pending(STREAM, command, meta(f"c{number}-{each}", record_refusal=recorded), 0.0, loop.create_future())
                for each, (command, recorded) in enumerate(batch)
            ]
            now = START + timedelta(seconds=number)
            one = draft(TALLIES, Known(head, 0.0), waiting, now, instant_text(now))
            if one.commit is not None:
                head = one.after
                commits.append(bson.decode(bson.encode(one.commit)))
                heads.append(head)
        return commits, heads

    return asyncio.run(inside())


@given(BATCHES)
def test_folding_stored_commits_gives_the_state_that_was_decided_on(batches: list[list[tuple[Any, bool]]]) -> None:
    commits, heads = written(batches)

    for number, head in enumerate(heads, 1):
        assert fold_commits(TALLIES, blank(TALLIES, STREAM), commits[:number]) == head


@given(BATCHES)
def test_what_was_written_has_a_whole_chain_when_it_is_read_back(batches: list[list[tuple[Any, bool]]]) -> None:
    commits, _ = written(batches)

    assert verify_chain(commits) == []


@given(BATCHES)
def test_every_past_state_can_be_folded_by_its_number(batches: list[list[tuple[Any, bool]]]) -> None:
    commits, heads = written(batches)

    for head in heads:
        past = fold_until(TALLIES, STREAM, commits, head.seq)
        assert head.seq == 0 or (past is not None and (past.state, past.timers) == (head.state, head.timers))


@settings(max_examples=60)
@given(BATCHES, st.data())
def test_no_single_change_to_what_is_hashed_goes_unnoticed(
    batches: list[list[tuple[Any, bool]]], data: st.DataObject
) -> None:
    commits, _ = written(batches)
    if not commits:
        return
    changed = deepcopy(commits)
    commit = data.draw(st.sampled_from(changed))
    field = data.draw(st.sampled_from(sorted(commit.keys() - {"bucket", "published", "projected", "stream", "hash"})))
    if field == "entries":
        commit["entries"][0]["fingerprint"] += "x"
    elif isinstance(commit[field], int):
        commit[field] += 1
    else:
        commit[field] += "x"

    assert verify_chain(changed)
