"""Load above capacity: memory is bounded, the excess is told when to come back, the accepted do not wait for long.

The bound of the wait follows from the bound of the queue: whoever is let in waits for those who are inside, at most
`AT_ONCE_MAX`, which leave at the rate at which requests are accepted. Everything is counted from outside: the client's
own book, the raw documents of the journal, the wire.
"""

from __future__ import annotations

import asyncio
import time
from statistics import median

import pytest

from tests.fault import chains, wire
from tests.fault.pressure.house import BANK, House, Seen, Watch
from tests.fault.pressure.load import Answers
from tests.fault.programs import until

AT_ONCE_MAX = 400
CONNECTIONS = 2500
CALIBRATION = (64, 2.0)
"""Connections and seconds of the load that shows the capacity."""
TIMES_CAPACITY = 5
RATE_MAX = 6000.0
"""What the client can send beside the service on two processors."""

RSS_MEBIBYTES_MAX = 400
GROWTH_MEBIBYTES_MAX = 40
REFUSAL_SECONDS_MAX = 5.0
SIGN_SECONDS_MAX = 5.0
RECOVERY_SECONDS_MAX = 5.0
PAUSE_SECONDS = 2.0
DRAIN_SECONDS_MAX = 240.0
WEATHERS = ("calm", "database pauses", "broker away")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("weather", WEATHERS)
def test_above_capacity_the_excess_is_refused_at_once_and_nothing_accepted_is_lost(
    house: House, weather: str, campaign: bool, seed: int
) -> None:
    if not campaign and weather != WEATHERS[seed % len(WEATHERS)]:
        pytest.skip("the short form has one weather, the seed says which")
    run = f"{weather.replace(' ', '_')}_{seed}"
    capacity = _capacity(house, run)
    seconds = 60.0 if campaign else 6.0
    rate = min(TIMES_CAPACITY * capacity, RATE_MAX)
    plan = house.plan(run, rate=rate, seconds=seconds, connections_max=CONNECTIONS)
    if weather == "broker away":
        house.stack.kafka.pause()
    try:
        with Watch(house.service) as watch, house.loaded(plan) as loading:
            if weather == "database pauses":
                time.sleep(seconds / 2)
                house.stack.mongo.pause()
                time.sleep(PAUSE_SECONDS)
                house.stack.mongo.resume()
            answers = loading.answers()
        recovered = _seconds_to_recover(house, run)
    finally:
        house.stack.mongo.resume()
        house.stack.kafka.resume()
    goodput = len(answers.accepted) / seconds
    waited = [took for _, took in answers.accepted.values()]
    seen = [
        f"{weather}: capacity {capacity:.0f}/s, offered {rate:.0f}/s, accepted {goodput:.0f}/s",
        f"p50 {median(waited):.2f} s, p99 {_p99(waited):.2f} s",
        f"refused {len(answers.refused)}, not sent {answers.unsent}",
        f"at most {max(watch.seen.rss_mebibytes):.0f} MiB, slowest sign {watch.seen.slowest()[2]:.2f} s",
        f"recovered in {recovered:.2f} s",
    ]
    print(*seen, sep=", ")  # noqa: T201 -- what was measured stands beside what is asserted
    _judge_refusals(answers)
    _judge_signs(watch.seen, broker_away=weather == "broker away")
    _judge_memory(watch.seen, long=campaign)
    assert goodput > 0.05 * capacity, "the service is busy with refusing"
    stood_still = PAUSE_SECONDS if weather == "database pauses" else 0.0
    assert _p99(waited) < 2.0 + 3 * AT_ONCE_MAX / goodput + 2 * stood_still, "the accepted wait for too long"
    assert recovered < RECOVERY_SECONDS_MAX
    _judge_journal(house, run, answers)


def _capacity(house: House, run: str) -> float:
    """Return how many requests a second come back when each connection waits for its answer."""
    connections, seconds = CALIBRATION
    plan = house.plan(f"{run}_calm", rate=RATE_MAX, seconds=seconds, connections_max=connections)
    answers = house.answers(plan)
    assert not answers.refused, "a load that waits for its answers was refused"
    return len(answers.accepted) / seconds


def _judge_refusals(answers: Answers) -> None:
    assert answers.refused, "nothing was refused: the load was not above capacity"
    assert answers.broken == {}, "requests that got no answer"
    kinds = {(status, code) for _, _, status, code, _ in answers.refused.values()}
    assert kinds <= {(429, "overloaded"), (503, "database_unavailable"), (503, "outcome_unknown")}, kinds
    assert {again for *_, again in answers.refused.values()} <= {"1", "2", "3"}, "a refusal says when to come back"
    at_the_door = [took for _, took, status, *_ in answers.refused.values() if status == 429]
    assert _p99(at_the_door) < REFUSAL_SECONDS_MAX, "a refusal is told at once"


def _judge_signs(seen: Seen, *, broker_away: bool) -> None:
    assert seen.unanswered == []
    assert seen.slowest()[2] < SIGN_SECONDS_MAX, f"{seen.slowest()}: whoever looks after it would take it for dead"
    # Without its broker a service says so, and goes on taking what comes: it is only published later.
    said = {status for path, status, _ in seen.answered if path != "/readyz" or not broker_away}
    assert said == {200}, said


def _judge_memory(seen: Seen, *, long: bool) -> None:
    assert max(seen.rss_mebibytes) < RSS_MEBIBYTES_MAX
    if long:
        quarter = len(seen.rss_mebibytes) // 4
        early, late = median(seen.rss_mebibytes[quarter : 2 * quarter]), median(seen.rss_mebibytes[-quarter:])
        assert late - early < GROWTH_MEBIBYTES_MAX, f"memory grows: {early:.0f} MiB, then {late:.0f} MiB"


def _seconds_to_recover(house: House, run: str) -> float:
    """Return how long after the load the service answers a modest one as if nothing had been."""
    began = time.monotonic()
    for number in range(100):
        plan = house.plan(f"{run}_after{number}", rate=20, seconds=0.5, connections_max=20)
        answers = house.answers(plan)
        if not answers.refused and not answers.broken and _p99([took for _, took in answers.accepted.values()]) < 1.0:
            return time.monotonic() - began
    raise AssertionError("it does not recover")


def _judge_journal(house: House, run: str, answers: Answers) -> None:
    written = house.written(run)
    lost = answers.accepted.keys() - written.keys()
    assert not lost, f"{len(lost)} of {len(answers.accepted)} accepted are not written, e.g. {sorted(lost)[:5]}"
    at_the_door = {number for number, known in answers.refused.items() if known[2] == 429}
    assert not at_the_door & written.keys(), "what was refused was written"
    assert {number: count for number, count in written.items() if count != 1} == {}, "written more than once"
    chains.verify(house.database)
    until(
        lambda: house.database.commits.count_documents({"published": False}) == 0,
        DRAIN_SECONDS_MAX,
        "everything is published",
    )
    topics = ("zhixing.payments.v1",)
    shown = wire.first_occurrences(asyncio.run(wire.read_all(house.stack.kafka_bootstrap, topics)))
    missing = [number for number in written if f"incoming/{BANK}/{run}-{number}" not in shown]
    assert not missing, f"{len(missing)} of {len(written)} are not on the wire, e.g. {missing[:5]}"


def _p99(values: list[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] if ordered else 0.0
