"""The product of letter (c): a service that says (journal and relay) and one that listens (consumer and journal)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from bench.bus_road import Leg, gather_in, paced, run, say, sent_at, told
from libs.bus import Consumer, Dispatch, Message, Relay
from libs.bus.message import Handler
from libs.foundation.clock import RealClock
from libs.journal import CommandMeta, Journal, Outcome
from libs.schemas.envelope import Event
from libs.schemas.intake import DocumentRejected
from libs.testing.drill.law import Note


class WatchedJournal(Journal):
    """Notes when each command was answered, and how long after it was sent."""

    answered: list[float]
    delays: list[float]
    awaited: int
    all_in: asyncio.Event

    async def execute(self, stream: str, command: Any, meta: CommandMeta) -> Outcome[Any]:
        """Execute as always, and look at the clock."""
        outcome = await super().execute(stream, command, meta)
        now = time.monotonic()
        self.answered.append(now)
        self.delays.append(now - sent_at(command.name))
        if len(self.answered) == self.awaited:
            self.all_in.set()
        return outcome


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Ask again and again until the answer is yes."""
    while not await condition():  # noqa: ASYNC110 -- the database and the consumer tell nobody when they are done
        await asyncio.sleep(0.05)


async def sender(leg: Leg) -> None:
    """Publish what stands in the outbox, or what is written meanwhile."""
    journal = leg.journal("intake")
    await journal.start()
    relay = Relay(leg.bus(), journal, service="intake")
    if leg.live:
        # The relay of a running service has its buckets already.
        await relay.start()
        await asyncio.sleep(1.0)

    async def one(number: int) -> None:
        await say(journal, number, leg.streams)

    async def done() -> dict[str, Any]:
        began = time.monotonic()
        if not leg.live:
            await relay.start()
        elif leg.rate:
            await paced(leg.rate, leg.events, one)
        else:
            await gather_in(leg.callers, leg.events, one)
        commits = journal.store.collection("commits")

        async def all_marked() -> bool:
            return await commits.find_one({"published": False}, {"_id": 1}) is None

        await until(all_marked)
        return {"began": began, "ended": time.monotonic()}

    await told(done)
    await relay.stop()
    await journal.stop()


def on_document_rejected(message: Message[DocumentRejected]) -> Iterable[Dispatch]:
    """Write what was said into a stream of the receiver."""
    yield Dispatch(f"notes/{message.key}", Note(message.event.reason))


async def receiver(leg: Leg) -> None:
    """Take in all events."""
    journal = leg.journal("payments", WatchedJournal)
    assert isinstance(journal, WatchedJournal)
    journal.answered, journal.delays, journal.awaited, journal.all_in = [], [], leg.events, asyncio.Event()
    await journal.start()
    handlers: dict[type[Event], Handler] = {DocumentRejected: on_document_rejected}
    consumer = Consumer(leg.bus(), journal, name="payments", handlers=handlers, clock=RealClock())
    await consumer.start()

    async def connected() -> bool:
        return not consumer.readiness()

    await until(connected)

    async def done() -> dict[str, Any]:
        await journal.all_in.wait()
        return {"times": journal.answered[:: max(1, leg.events // 500)], "last": journal.answered[-1]} | (
            {"delays": journal.delays} if leg.rate else {}
        )

    await told(done)
    await consumer.stop()
    await journal.stop()


if __name__ == "__main__":
    run({"sender": sender, "receiver": receiver})
