"""The broker goes away and comes back while messages are spoken and consumed: every effect once, in order."""

import asyncio
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pymongo
import pytest

from devstack.stack import Stack
from tests.fault import programs, topics
from tests.fault.consumers.receiver import Receiver
from tests.fault.consumers.speech import Speaker, speech

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def own_stack() -> Iterator[Stack]:
    with Stack(own=True) as stack:
        yield stack


@pytest.fixture
def receiver(own_stack: Stack, tmp_path: Path) -> Iterator[Receiver]:
    bootstrap, uri = own_stack.kafka_bootstrap, own_stack.mongo_uri
    with pymongo.MongoClient[dict[str, object]](uri, tz_aware=True) as client, programs.crew(tmp_path) as crew:
        made = Receiver(crew, uri, bootstrap, "restarts", client["restarts_payments"], tmp_path)
        asyncio.run(topics.make(bootstrap, made.topic))
        yield made


def test_a_broker_that_is_killed_stopped_and_frozen_costs_no_message_and_no_order(
    own_stack: Stack, receiver: Receiver, seed: int, campaign: bool
) -> None:
    draw = random.Random(seed)
    kinds = draw.sample(6 * ["kill", "stop", "freeze"], 18) if campaign else ["kill"]
    count, pace = (15_000, 100.0) if campaign else (900, 120.0)
    speaker = Speaker(receiver.bootstrap, receiver.topic, speech(seed, count), pace)
    for _ in range(2):
        receiver.join()
    broker = own_stack.kafka
    with speaker.speaking() as spoken:
        programs.until(receiver.noted, 60, "the first message is noted")
        for kind in kinds:
            time.sleep(draw.uniform(0.5, 3.0))
            away = draw.uniform(0.5, 4.0)
            if kind == "freeze":
                broker.pause()
                time.sleep(away)
                broker.resume()
            else:
                broker.kill() if kind == "kill" else broker.stop()
                time.sleep(away)
                broker.start()
            receiver.nothing_is_ahead_of_what_is_done(speaker)
        spoken.result(timeout=240)
    receiver.all_done(speaker)
    receiver.prove(speaker)
    assert receiver.quarantined() == {}
    print(f"{count} messages over {kinds}")  # noqa: T201 -- counts
