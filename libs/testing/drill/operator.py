"""The person at the desk: looks at the quarantine again and again, releases and discards as the causes demand.

What cannot be read is discarded; what failed is released, again if it fails again; and, as the seed has it, something
that merely waits behind is discarded, too. Everything goes through the calls that the operators' API makes.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from argparse import ArgumentParser, Namespace
from typing import Any

from libs.bus import Quarantine
from libs.bus.quarantine import COLLECTION, OPEN, PARKED
from libs.foundation.errors import NotFound, Refused, Transient
from libs.foundation.limits import PAGE_ITEMS_MAX
from libs.testing.drill.law import RECEIVER
from libs.testing.drill.running import end_on_sigterm, journal_of, journal_options, say

PROGRAM = "operator"
UNREADABLE = "undecodable_message"


def options_of(parser: ArgumentParser) -> None:
    """Add the operator's options."""
    journal_options(parser)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every-seconds", type=float, default=0.3)
    parser.add_argument("--discard-parked", type=float, default=0.0, help="share of looks at which one is discarded")


async def run(options: Namespace) -> None:
    """Look and decide until SIGTERM."""
    ending = end_on_sigterm()
    draw = random.Random(options.seed)
    async with journal_of(options, RECEIVER) as journal:
        quarantine = Quarantine(journal.store.collection(COLLECTION))
        say(PROGRAM, ready=True)
        while not ending.is_set():
            with contextlib.suppress(Transient):
                await _look(quarantine, draw, options.discard_parked)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(options.every_seconds):
                    await ending.wait()
    say(PROGRAM, done=True)


async def _look(quarantine: Quarantine, draw: random.Random, discard_parked: float) -> None:
    for row in (await quarantine.list(status=OPEN, limit=PAGE_ITEMS_MAX)).rows:
        await _decide(quarantine, row, discards=row["cause"]["code"] == UNREADABLE)
    parked = (await quarantine.list(status=PARKED, limit=PAGE_ITEMS_MAX)).rows
    if parked and draw.random() < discard_parked:
        await _decide(quarantine, draw.choice(parked), discards=True)


async def _decide(quarantine: Quarantine, row: dict[str, Any], *, discards: bool) -> None:
    entry = row["id"]
    try:
        if discards:
            await quarantine.discard(entry, "operator", "drill")
        else:
            await quarantine.release(entry, "operator")
    except (Refused, NotFound) as refusal:
        # Somebody was quicker: what was waiting when we looked has been resolved meanwhile.
        say(PROGRAM, refused=refusal.code, entry=entry)
    else:
        say(PROGRAM, asked="discard" if discards else "release", entry=entry)
