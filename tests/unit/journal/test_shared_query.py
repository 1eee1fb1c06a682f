import asyncio

import pytest

from libs.journal.shared_query import SharedQuery

pytestmark = pytest.mark.asyncio


class Squares:
    """Answers squares of even numbers, when it is let."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.failure: Exception | None = None

    async def fetch(self, keys: list[int]) -> dict[int, int]:
        self.asked.append(keys)
        await self.gate.wait()
        if self.failure:
            raise self.failure
        return {key: key * key for key in keys if key % 2 == 0}


async def test_what_is_asked_in_one_moment_leaves_as_one_query() -> None:
    squares = Squares()
    shared = SharedQuery(squares.fetch, keys_max=100)

    answers = await asyncio.gather(*(shared.ask([number, number + 1]) for number in range(10)))

    assert squares.asked == [list(range(11))]
    assert answers[4] == {4: 16}


async def test_a_question_is_never_answered_by_a_query_that_left_before_it() -> None:
    squares = Squares()
    squares.gate.clear()
    shared = SharedQuery(squares.fetch, keys_max=100, in_flight_max=1)
    first = asyncio.create_task(shared.ask([2]))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(shared.ask([2]))
    await asyncio.sleep(0.01)
    squares.gate.set()

    assert (await first, await second) == ({2: 4}, {2: 4})
    assert squares.asked == [[2], [2]]


async def test_a_query_holds_no_more_keys_than_its_limit() -> None:
    squares = Squares()
    shared = SharedQuery(squares.fetch, keys_max=4)

    await shared.ask(range(10))

    assert [len(keys) for keys in squares.asked] == [4, 4, 2]


async def test_no_more_queries_are_on_their_way_than_allowed() -> None:
    squares = Squares()
    squares.gate.clear()
    shared = SharedQuery(squares.fetch, keys_max=1, in_flight_max=2)
    asking = asyncio.create_task(shared.ask(range(6)))
    await asyncio.sleep(0.01)
    on_their_way = len(squares.asked)
    squares.gate.set()
    await asking

    assert (on_their_way, len(squares.asked)) == (2, 6)


async def test_an_error_is_told_to_all_who_asked_and_to_nobody_later() -> None:
    squares = Squares()
    squares.failure = ConnectionError("gone")
    shared = SharedQuery(squares.fetch, keys_max=100)

    errors = await asyncio.gather(shared.ask([2]), shared.ask([4]), return_exceptions=True)
    squares.failure = None

    assert [type(error) for error in errors] == [ConnectionError, ConnectionError]
    assert await shared.ask([2]) == {2: 4}


async def test_an_asker_that_goes_away_leaves_the_others_their_answer() -> None:
    squares = Squares()
    squares.gate.clear()
    shared = SharedQuery(squares.fetch, keys_max=100)
    leaving, staying = asyncio.create_task(shared.ask([2])), asyncio.create_task(shared.ask([2]))
    await asyncio.sleep(0.01)
    leaving.cancel()
    squares.gate.set()

    assert await staying == {2: 4}
