"""Clients that hold connections and say nothing, or speak one byte a second, do not keep anybody else waiting."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from devstack.ports import LOOPBACK
from tests.fault.pressure.house import SIGNS, House, Watch, ask

CONNECTIONS_MAX = 4000
IDLE = CONNECTIONS_MAX + 1000
SLOW = 600
"""More than are worked on at once: if a slow body held a place, nobody else would find one."""
REQUEST_SECONDS = 10.0
"""How long a request may take to arrive."""
MARGIN_SECONDS = 20.0
LARGE, LARGE_COUNT = 1_000_000, 150
"""So many bytes of each body are sent, and one is not: together several times what is kept of all bodies."""
RSS_MEBIBYTES_MAX = 400
HEAD = (
    "POST /v1/payouts HTTP/1.1\r\nHost: payments\r\nAuthorization: Bearer {token}\r\n"
    "Content-Type: application/json\r\nIdempotency-Key: slow-{number}\r\nContent-Length: 1000\r\n\r\n"
)


def test_five_thousand_idle_connections_keep_nobody_out(house: House, seed: int) -> None:
    with Watch(house.service) as watch, _connections(house, IDLE, b""):
        _judge_honest(house, f"idle_{seed}")
        assert {ask(house.service.port, path) for path in SIGNS} == {200}
    assert watch.seen.unanswered == []
    assert max(watch.seen.rss_mebibytes) < RSS_MEBIBYTES_MAX


@pytest.mark.timeout(300)
@pytest.mark.parametrize("begun", ["head", "body"])
def test_requests_that_never_arrive_hold_no_place_and_are_ended(
    house: House, begun: str, campaign: bool, seed: int
) -> None:
    whole = HEAD.format(token=house.token(), number=begun).encode()
    sent = whole[:40] if begun == "head" else whole + b'{"case_id": "'
    with Watch(house.service) as watch, _connections(house, SLOW, sent) as slow:
        began = time.monotonic()
        _judge_honest(house, f"slow_{begun}_{seed}")
        answers = [_drip(connection, began + (REQUEST_SECONDS + MARGIN_SECONDS) * campaign) for connection in slow]
    if campaign:
        assert {answer[:12] for answer in answers} == {b"HTTP/1.1 408"}, "a request that does not end is told so"
    assert watch.seen.unanswered == []
    assert max(watch.seen.rss_mebibytes) < RSS_MEBIBYTES_MAX


@pytest.mark.timeout(300)
def test_large_bodies_that_do_not_end_are_bounded_together_and_harm_no_small_one(house: House, seed: int) -> None:
    whole = HEAD.format(token=house.token(), number="large").replace("1000\r\n", f"{LARGE + 1}\r\n").encode()
    with Watch(house.service) as watch, _connections(house, LARGE_COUNT, whole + b" " * LARGE) as slow:
        _judge_honest(house, f"large_{seed}")
        refused = sum(_answer(connection).startswith(b"HTTP/1.1 429") for connection in slow)
    assert refused >= LARGE_COUNT / 2, f"{LARGE_COUNT} bodies of {LARGE} bytes are kept but for {refused}"
    assert watch.seen.unanswered == []
    assert max(watch.seen.rss_mebibytes) < RSS_MEBIBYTES_MAX


def _answer(connection: socket.socket) -> bytes:
    connection.settimeout(0.05)
    try:
        return connection.recv(1000)
    except (TimeoutError, ConnectionError):
        return b""


def _judge_honest(house: House, run: str) -> None:
    """A modest load is accepted, every request of it, as if the others were not there."""
    answers = house.answers(house.plan(run, rate=30, seconds=1.5, connections_max=30))
    assert (len(answers.accepted), answers.refused, answers.broken) == (answers.sent, {}, {})
    assert house.written(run).keys() == answers.accepted.keys()


@contextmanager
def _connections(house: House, count: int, sent: bytes) -> Iterator[list[socket.socket]]:
    """Open connections and send the same beginning on each; those that the service ends meanwhile stay in the list."""
    with ExitStack() as exits:
        made: list[socket.socket] = []
        for _ in range(count):
            connection = exits.enter_context(socket.create_connection((LOOPBACK, house.service.port), timeout=20))
            connection.sendall(sent)
            made.append(connection)
        yield made


def _drip(connection: socket.socket, until: float) -> bytes:
    """Send a byte now and then until the service answers or `until` is over; return the answer."""
    connection.settimeout(0.5)
    while time.monotonic() < until:
        try:
            connection.send(b"a")
            if answer := connection.recv(1000):
                return answer
        except TimeoutError:
            continue
        except ConnectionError:
            break
    return b""
