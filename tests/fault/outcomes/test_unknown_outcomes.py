"""Whatever hides an answer — a database that hangs, a line that breaks — the same key brings the first one."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx
import psutil
import pytest

from tests.fault.outcomes.conftest import House
from tests.fault.outcomes.desk import Desk, say
from tests.fault.outcomes.http_line import HttpLine
from tests.fault.outcomes.writes import Pen, Write

PATIENCE = httpx.Timeout(40.0)
CALL_SECONDS = 4.0
DEADLINE_SECONDS = 10.0
"""How long the product waits for one call, and for a command; then it says that the outcome is unknown."""


@contextmanager
def frozen(house: House, writes: int) -> Iterator[threading.Event]:
    """Inside, the database stands still from the n-th write on that the line carries: that one is already on its way.

    The event says when. A write reaches the socket of a server that has stopped for certain.
    """

    def freeze() -> None:
        house.mongod.pause()
        while psutil.Process(house.mongod.pid).status() != psutil.STATUS_STOPPED:
            time.sleep(0.001)

    try:
        yield house.line.at_write(writes, freeze)
    finally:
        house.mongod.resume()


@asynccontextmanager
async def desk_of(house: House, seed: int) -> AsyncIterator[Desk]:
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=50)
    async with httpx.AsyncClient(timeout=PATIENCE, limits=limits) as client:
        yield Desk(client, house.premises.urls, seed)


def pen_of(house: House, run: str) -> Pen:
    return Pen(house.premises.tokens, f"{run}{house.premises.prefix.strip('.')}")


async def prepared(desk: Desk, pen: Pen, agencies: int) -> dict[str, str]:
    """Connect agencies and set the roster; return the ETag of each agency."""
    names = [f"{pen.run}-{number}" for number in range(agencies)]
    answers = await desk.all_settled([pen.connected(name) for name in names])
    await desk.settle(pen.rostered())
    return {name: answer.fields["etag"] for name, answer in zip(names, answers, strict=True)}


def dozens(pen: Pen, etags: dict[str, str], dice: random.Random, serial: int) -> list[Write]:
    """Return writes of every shape; on some agencies two want the same thing, and one must be refused."""
    writes: list[Write] = []
    for place, (agency, etag) in enumerate(etags.items()):
        writes += [pen.changed(agency, etag), pen.with_key(agency)]
        if place % 3 == 0:
            writes += [pen.with_key(agency, "one-of-two"), pen.with_key(agency, "one-of-two"), pen.connected(agency)]
    writes += [pen.filed(serial + number) for number in range(4)]
    writes += [pen.funded(serial + number) for number in range(4)]
    writes += [pen.booked(f"bank-{number}", lines=5) for number in range(4)]
    writes += [pen.rostered() for _ in range(3)]
    writes += [pen.connected(f"{pen.run}-new-{number}") for number in range(3) for _ in range(2)]
    dice.shuffle(writes)
    return writes


@pytest.mark.timeout(400)
def test_writes_in_flight_while_the_database_hangs_have_one_effect_and_one_answer(
    house: House, seed: int, campaign: bool
) -> None:
    dice = random.Random(seed)
    pauses = [DEADLINE_SECONDS + dice.uniform(0.5, 1)]
    if campaign:
        pauses += [dice.choice([dice.uniform(0.5, 4), dice.uniform(CALL_SECONDS, 13)]) for _ in range(11)]

    async def play() -> Counter[str]:
        pen = pen_of(house, "hang")
        async with desk_of(house, seed) as desk:
            for number, seconds in enumerate(pauses):
                etags = await prepared(desk, Pen(pen.tokens, f"{pen.run}{number}"), agencies=9)
                writes = dozens(Pen(pen.tokens, f"{pen.run}{number}w"), etags, dice, serial=number * 4)
                with frozen(house, writes=dice.randint(3, 9)) as stands_still:
                    # While the first inserts are slow, dozens of commands gather for the next.
                    with house.line.trouble(seed, writes=1.0, reads=0.0, mishaps={"answer slow": 1}):
                        settled = asyncio.gather(*(desk.settle(write) for write in writes))
                        assert await asyncio.to_thread(stands_still.wait, 10), "no write came"
                    await asyncio.sleep(seconds)
                await settled
                await desk.assert_answered_the_same_again([write.name for write in writes])
            return desk.assert_counted(house.premises)

    tally = asyncio.run(play())
    say(f"paused {len(pauses)} times: {dict(tally)}, {house.premises.assert_whole_and_published()}")
    assert tally["unknown at first"] > len(pauses), "no outcome was ever unknown: the pause missed every write"
    assert tally["refused 409"], "nothing was refused: no two writes wanted the same"


@pytest.mark.timeout(400)
def test_requests_and_answers_lost_between_service_and_database_change_nothing_for_the_caller(
    house: House, seed: int, campaign: bool
) -> None:
    dice = random.Random(seed)

    async def play() -> Counter[str]:
        pen = pen_of(house, "line")
        async with desk_of(house, seed) as desk:
            for number in range(14 if campaign else 1):
                etags = await prepared(desk, Pen(pen.tokens, f"{pen.run}{number}"), agencies=9)
                writes = dozens(Pen(pen.tokens, f"{pen.run}{number}w"), etags, dice, serial=100 + number * 4)
                with house.line.trouble(seed + number, writes=dice.uniform(0.3, 0.8), reads=dice.uniform(0.02, 0.15)):
                    settled = asyncio.gather(*(desk.settle(write) for write in writes))
                    await asyncio.wait({settled}, timeout=dice.uniform(3, 9 if campaign else 5))
                await settled
                await desk.assert_answered_the_same_again([write.name for write in writes])
            return desk.assert_counted(house.premises)

    tally = asyncio.run(play())
    say(f"{dict(house.line.mishaps)}: {dict(tally)}, {house.premises.assert_whole_and_published()}")
    assert house.line.mishaps.total() > 10


@pytest.mark.timeout(200)
def test_an_answer_that_the_caller_never_saw_is_given_again_to_the_byte(
    house: House, seed: int, campaign: bool
) -> None:
    urls = house.premises.urls
    ports = {url: int(url.rpartition(":")[2]) for group in urls.values() for url in group}
    lines = {url: HttpLine(port, seed + place) for place, (url, port) in enumerate(ports.items())}
    dice = random.Random(seed)

    async def play() -> tuple[Counter[str], int]:
        pen = pen_of(house, "caller")
        broken = {service: [f"http://127.0.0.1:{lines[url].port}" for url in group] for service, group in urls.items()}
        compared = 0
        limits = httpx.Limits(max_keepalive_connections=0)
        async with (
            desk_of(house, seed) as peace,
            httpx.AsyncClient(timeout=PATIENCE, limits=limits, headers={"Connection": "close"}) as client,
        ):
            desk = Desk(client, broken, seed)
            for number in range(6 if campaign else 1):
                etags = await prepared(peace, Pen(pen.tokens, f"{pen.run}{number}"), agencies=9)
                writes = dozens(Pen(pen.tokens, f"{pen.run}{number}w"), etags, dice, serial=200 + number * 4)
                await desk.all_settled(writes)
            peace.answers |= desk.answers
            await peace.assert_answered_the_same_again()
            for line in lines.values():
                for name, unseen in line.lost.items():
                    for status, body in unseen:
                        answer = desk.answers[name][1]
                        if httpx.codes.is_success(status):
                            assert (status, body) == answer.said[:2], f"{name}: {body!r} was lost, then {answer.body!r}"
                            compared += 1
            return peace.assert_counted(house.premises), compared

    for line in lines.values():
        line.__enter__()
    try:
        tally, compared = asyncio.run(play())
    finally:
        for line in lines.values():
            line.__exit__(None, None, None)
    say(f"{compared} unseen answers: {dict(tally)}, {house.premises.assert_whole_and_published()}")
    assert compared > 5, "hardly an answer was lost"


@pytest.mark.timeout(120)
def test_a_command_that_is_refused_only_for_its_own_first_try_is_answered_as_accepted(
    house: House, seed: int, campaign: bool
) -> None:
    dice = random.Random(seed)

    async def play() -> Counter[str]:
        pen = pen_of(house, "own")
        async with desk_of(house, seed) as desk:
            for number in range(5 if campaign else 1):
                etags = await prepared(desk, Pen(pen.tokens, f"{pen.run}{number}"), agencies=12)
                with_keys = await desk.all_settled([pen.with_key(agency, "to-go") for agency in etags])
                fresh = [answer.fields["etag"] for answer in with_keys]
                names = list(etags)
                # Each meets a state which its own first try has made, where it would be refused: a newer ETag.
                writes = [pen.changed(agency, etag) for agency, etag in zip(names[:8], fresh, strict=False)]
                writes += [pen.without_key(agency, "to-go") for agency in names[8:]]
                with house.line.trouble(seed + number, writes=1.0, reads=0.0):
                    settled = asyncio.gather(*(desk.settle(write) for write in writes))
                    await asyncio.wait({settled}, timeout=dice.uniform(1, 3 if campaign else 2))
                answers = await settled
                refused = [answer for answer in answers if not answer.accepted]
                assert not refused, f"refused for its own sake: {refused[0]}"
                await desk.assert_answered_the_same_again()
            return desk.assert_counted(house.premises)

    say(f"{dict(asyncio.run(play()))}")
