"""What the programs of the drill share: a journal, a beginning, an end by SIGTERM, and lines of what was done."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from libs.bus import BusSettings
from libs.foundation.clock import RealClock
from libs.journal import Decider, Journal, JournalSettings

LOOK_SECONDS = 0.01
STDOUT = 1


def say(program: str, **facts: Any) -> None:
    """Write one line at once: what was said before a SIGKILL has been said."""
    os.write(STDOUT, (json.dumps({"drill": program, **facts}, ensure_ascii=False) + "\n").encode())


def end_on_sigterm() -> asyncio.Event:
    """Return an event that SIGTERM sets."""
    ending = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.set)
    return ending


async def until_there(path: Path | None, ending: asyncio.Event) -> None:
    """Wait until a file exists (or for nothing), so that several programs begin at once; or until the end is asked."""
    while path is not None and not there(path) and not ending.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await ending.wait()


def there(path: Path) -> bool:
    """Return whether a file is there; a look that takes microseconds may stand in a coroutine."""
    return path.exists()


def journal_options(parser: ArgumentParser) -> None:
    """Add the options of a journal."""
    parser.add_argument("--mongo-uri", required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--driver", choices=("motor", "pymongo_async"), default="motor")


@asynccontextmanager
async def journal_of(options: Namespace, service: str, *deciders: Decider[Any]) -> AsyncIterator[Journal]:
    """Open a journal that writes, and follows nothing."""
    settings = JournalSettings(
        mongo_uri=options.mongo_uri,
        database=options.database,
        driver=options.driver,
        run_projector=False,
        run_timers=False,
        run_effects=False,
    )
    journal = Journal(settings, service=service, clock=RealClock(), deciders=deciders)
    await journal.start()
    try:
        yield journal
    finally:
        await journal.stop()


def bus_options(parser: ArgumentParser) -> None:
    """Add the options of relay and consumer; waits are short, for a drill strikes often."""
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--topic-prefix", default="")
    parser.add_argument("--lease-seconds", type=float, default=1.5)
    parser.add_argument("--publish-seconds-max", type=float, default=20.0)
    parser.add_argument("--session-timeout-ms", type=int, default=6000)
    parser.add_argument("--heartbeat-ms", type=int, default=500)
    parser.add_argument("--drain-seconds", type=float, default=5.0)
    parser.add_argument("--request-poll-seconds", type=float, default=0.2)


def bus_settings(options: Namespace) -> BusSettings:
    """Return the settings that the options say."""
    return BusSettings(
        bootstrap=options.bootstrap,
        topic_prefix=options.topic_prefix,
        lease_seconds=options.lease_seconds,
        publish_seconds_max=options.publish_seconds_max,
        session_timeout_ms=options.session_timeout_ms,
        heartbeat_ms=options.heartbeat_ms,
        drain_seconds=options.drain_seconds,
        request_poll_seconds=options.request_poll_seconds,
        backoff_seconds_max=0.5,
    )
