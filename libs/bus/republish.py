"""Publish a range again, for a new subscriber: `python -m libs.bus.republish --service intake --stream-prefix case/`.

The subscriber starts its group first, at the end of the topic; then it gets every event of the range in the order of
its stream, as repeats that all who have them absorb. Where broker and database are is read from `KAFKA_BOOTSTRAP`,
`TOPIC_PREFIX`, `MONGO_URI` and `MONGO_DATABASE` unless said.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys

from libs.bus.relay import Relay
from libs.bus.settings import BusSettings
from libs.foundation.clock import RealClock, instant, instant_text
from libs.journal import Journal, JournalSettings


def _instant(text: str) -> str:
    return instant_text(instant(text))


def parser() -> argparse.ArgumentParser:
    """Return what the command understands."""
    options = argparse.ArgumentParser(prog="python -m libs.bus.republish", description=__doc__)
    options.add_argument("--service", required=True, help="whose events")
    options.add_argument("--stream-prefix", default="", help="streams that begin so; default: all")
    options.add_argument("--since", type=_instant, help="accepted at or after this business time (RFC 3339)")
    options.add_argument("--until", type=_instant, help="accepted before this business time (RFC 3339)")
    options.add_argument("--bootstrap", default=os.environ.get("KAFKA_BOOTSTRAP", "127.0.0.1:9092"))
    options.add_argument("--topic-prefix", default=os.environ.get("TOPIC_PREFIX", ""))
    options.add_argument("--mongo-uri", default=os.environ.get("MONGO_URI", "mongodb://127.0.0.1:27017"))
    options.add_argument("--database", default=os.environ.get("MONGO_DATABASE", ""), help="default: the service's name")
    return options


async def republish(arguments: list[str]) -> int:
    """Publish what the arguments say and return the number of records."""
    chosen = parser().parse_args(arguments)
    settings = JournalSettings(
        mongo_uri=chosen.mongo_uri,
        database=chosen.database or chosen.service,
        run_projector=False,
        run_timers=False,
        run_effects=False,
    )
    journal = Journal(settings, service=chosen.service, clock=RealClock(), deciders=())
    await journal.start()
    try:
        bus = BusSettings(bootstrap=chosen.bootstrap, topic_prefix=chosen.topic_prefix)
        return await Relay(bus, journal, service=chosen.service).republish(
            stream_prefix=chosen.stream_prefix, since=chosen.since, until=chosen.until
        )
    finally:
        await journal.stop()


if __name__ == "__main__":
    count = asyncio.run(republish(sys.argv[1:]))
    sys.stdout.write(f"{count} records published again\n")
