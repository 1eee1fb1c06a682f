"""The product's relay as a process, with two moments in it that no signal from outside could hit for certain."""

from __future__ import annotations

import functools
import os
import signal
from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from libs.bus import Relay
from libs.bus.page import Outgoing
from libs.bus.publisher import Publisher
from libs.testing.drill.law import CASES, SENDER
from libs.testing.drill.running import bus_options, bus_settings, end_on_sigterm, journal_of, journal_options, say

PROGRAM = "relay"


def options_of(parser: ArgumentParser) -> None:
    """Add the relay's options."""
    journal_options(parser)
    bus_options(parser)
    parser.add_argument(
        "--pause-before-commit", type=int, metavar="PAGE", help="SIGSTOP itself between send and commit"
    )
    parser.add_argument("--die-before-marking", type=int, metavar="PAGE", help="SIGKILL itself after the Kafka commit")


async def run(options: Namespace) -> None:
    """Publish until SIGTERM."""
    ending = end_on_sigterm()
    _strike_in(_Blow(options.pause_before_commit, options.die_before_marking))
    async with journal_of(options, SENDER, CASES) as journal:
        relay = Relay(bus_settings(options), journal, service=SENDER)
        await relay.start()
        say(PROGRAM, ready=True)
        await ending.wait()
        await relay.stop()
    say(PROGRAM, done=True)


class _Blow:
    """Counts the pages of this process and strikes at the one that was asked for."""

    def __init__(self, pause_at: int | None, die_at: int | None) -> None:
        self._pause_at = pause_at
        self._die_at = die_at
        self._pages = 0

    async def publish(self, send: Callable[..., Awaitable[None]], page: Sequence[Outgoing]) -> None:
        self._pages += 1
        here, shown = self._pages, _shown(page)

        async def pause() -> None:
            if here == self._pause_at:
                say(PROGRAM, paused_with=shown)
                os.kill(os.getpid(), signal.SIGSTOP)

        try:
            await send(page, pause)
        except BaseException as error:
            if here == self._pause_at:
                say(PROGRAM, paused_page=type(error).__name__)
            raise
        if here == self._pause_at:
            say(PROGRAM, paused_page="committed")
        if here == self._die_at:
            say(PROGRAM, died_with=shown)
            os.kill(os.getpid(), signal.SIGKILL)


def _shown(page: Sequence[Outgoing]) -> list[list[Any]]:
    """Return stream and sequence of each record, from its headers: what an observer sees of it."""
    headers = [dict(item.record.headers) for item in page]
    return [[one["ce_subject"].decode(), int(one["ce_sequence"])] for one in headers]


def _strike_in(blow: _Blow) -> None:
    original = Publisher.publish

    @functools.wraps(original)
    async def publish(publisher: Publisher, page: Sequence[Outgoing]) -> None:
        await blow.publish(functools.partial(original, publisher), page)

    setattr(Publisher, "publish", publish)  # noqa: B010 -- a fault is put in from outside, the product has no switch
