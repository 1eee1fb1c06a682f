"""(i) Bulk screening by identity number over a million listed, against a look-up in a plain Python dict.

The rival is what one would write for oneself: `{number: record}` in memory and `get` for every number, with no names,
no documents but one, no dates, no earlier states, and no doubt. The product checks the number's digits, asks its index,
and for what may be a hit the register, by document and name, at one state of the list; one in a hundred is a hit.

Two ways are measured: `screen` as the routes call it, with persons that are read already, and the whole route over a
real socket, from NDJSON to NDJSON, with the client in a process of its own. `ratio` is the first, as a share of the
dict's rate; the route's rate is a note, and its goal is that it holds the rate that a bank's nightly run needs.

The register is filled directly (`bench.listed_million`); the index is built from it as a service does when it starts.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sys
import tempfile
import time
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final, cast
from urllib.parse import urlsplit

from bench.letter import Letter, in_turns, ratio_of
from bench.listed_million import CARD, LISTED, NOW, VIEW, filled, name_of, number_of
from devstack.stack import Stack
from libs.foundation.garbage import collect_rarely
from libs.journal import Journal
from libs.testing.simulators.serving import HttpServer
from libs.web import DevIssuer, WebSettings, create_app
from services.credit_blacklist.api.check_batches import check_batch_routes
from services.credit_blacklist.feed.register.questions import Questions
from services.credit_blacklist.screening.index import ScreeningIndex
from services.credit_blacklist.screening.persons import person_of
from services.credit_blacklist.screening.screening import Screening

TITLE = "bulk screening against a plain dict"
GOAL: Final = 0.06
ROUTE_GOAL: Final = 50_000
"""Identities per second through the route: fifty million customers in less than twenty minutes, one process."""
ASKED: Final = 200_000
HIT_EVERY: Final = 100
CHUNK: Final = 600
ROUNDS: Final = 5


def asked_for() -> list[tuple[str, str]]:
    """Return numbers and names: one in a hundred listed, drawn from everywhere, in a seeded order."""
    dice = random.Random(5)
    persons = [dice.randrange(LISTED if n % HIT_EVERY == 0 else 19_000_000) for n in range(ASKED)]
    persons = [person if n % HIT_EVERY == 0 else person + LISTED for n, person in enumerate(persons)]
    return [(number_of(person), name_of(person)) for person in persons]


class _Followed:
    """The reading side of the register, which nothing is appended to any more."""

    def __init__(self, questions: Questions) -> None:
        self.position = questions.position
        self.entries = questions.entries

    def on_head(self, _callback: object) -> None:
        """Nothing comes."""


class _Still:
    """A clock that stands on the list's day."""

    def now(self) -> datetime:
        """Return that day."""
        return NOW


class Contest:
    """The contenders, on the same numbers."""

    def __init__(self, screening: Screening, asked: Sequence[tuple[str, str]]) -> None:
        self._screening = screening
        self._asked = asked
        self._table = {number_of(person): f"lst_{person}" for person in range(LISTED)}
        self.hits = 0

    async def dict_rate(self) -> float:
        """Return numbers per second of the dict."""
        table, began = self._table, time.perf_counter()
        hits = 0
        for number, _name in self._asked:
            if table.get(number) is not None:
                hits += 1
        seconds = time.perf_counter() - began
        assert hits == len(self._asked) // HIT_EVERY, "the rival finds whom it should"
        return len(self._asked) / seconds

    async def screen_rate(self) -> float:
        """Return persons per second of the check."""
        began = time.perf_counter()
        as_of = await self._screening.as_of(VIEW, NOW)
        hits = 0
        for first in range(0, len(self._asked), CHUNK):
            persons = [person_of(CARD, number, name, None) for number, name in self._asked[first : first + CHUNK]]
            hits += sum(verdict.status == "LISTED" for verdict in await self._screening.screen(as_of, persons))
        seconds = time.perf_counter() - began
        assert hits == len(self._asked) // HIT_EVERY, "the check finds whom it should"
        return len(self._asked) / seconds


class Route:
    """The route of batches on a real socket, and the file that is sent to it."""

    def __init__(self, screening: Screening, folder: Path, asked: Sequence[tuple[str, str]]) -> None:
        issuer = DevIssuer(folder / "issuer.json")
        self._token = issuer.token(
            subject="bench", organisation="云0381", scopes=["credit_blacklist.checks.read"], courts=["云0381"]
        )
        self._file = folder / "asked.ndjson"
        lines = [{"document": {"type": CARD, "number": number}, "name": name} for number, name in asked]
        self._file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
        self._lines = len(lines)
        # A court's own token: the journal is asked for agencies' profiles only.
        router = check_batch_routes(cast("Journal", None), _Still(), screening)
        settings = WebSettings(jwks=str(issuer.write_jwks(folder / "jwks.json")), log_level="WARNING")
        self.server = HttpServer(create_app(service="credit_blacklist", settings=settings, routers=[router]))

    async def rate(self) -> float:
        """Return identities per second, from the request's first byte to the answer's last."""
        address = urlsplit(self.server.url)
        plan = {
            "host": address.hostname,
            "port": address.port,
            "path": "/v1/restriction-check-batches?case_id=case_1&purpose=bench",
            "headers": {"Authorization": f"Bearer {self._token}", "Content-Type": "application/x-ndjson"},
            "file": str(self._file),
        }
        sender = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.bulk_sender", stdin=PIPE, stdout=PIPE
        )
        out, _ = await sender.communicate(json.dumps(plan).encode())
        seen = json.loads(out)
        if seen["lines"] != self._lines:
            raise AssertionError("every line has its answer")
        return self._lines / float(seen["seconds"])


async def measure(_stack: Stack) -> Letter:
    """Fill, build the index, and let the check and the dict answer in turns."""
    list_ = await asyncio.to_thread(filled)
    asked = asked_for()
    questions = list_.questions()
    index = ScreeningIndex(cast("Any", _Followed(questions)), views=(VIEW,))
    screening = Screening(questions, index, head_valid=timedelta(minutes=15))
    contest = Contest(screening, asked)
    collect_rarely()
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    await index.catch_up(VIEW)
    building = time.perf_counter() - began
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    await contest.screen_rate()
    ours, theirs = await in_turns(ROUNDS, contest.screen_rate, contest.dict_rate)
    with tempfile.TemporaryDirectory() as folder:
        route = Route(screening, Path(folder), asked)
        await route.server.start()
        try:
            through = [await route.rate() for _ in range(ROUNDS)]
        finally:
            await route.server.stop()
    ratio = ratio_of(ours, theirs)
    known = index.of(VIEW)
    assert known is not None, "it was built above"
    return Letter(
        ratio=ratio,
        goal=GOAL,
        holds=ratio >= GOAL and median(through) >= ROUTE_GOAL,
        raw={
            "listed": LISTED,
            "asked": ASKED,
            "hits": ASKED // HIT_EVERY,
            "checks_per_second": [round(rate) for rate in ours],
            "dict_per_second": [round(rate) for rate in theirs],
            "route_per_second": [round(rate) for rate in through],
            "filling_seconds": round(list_.seconds, 1),
            "index_seconds": round(building, 1),
            "index_bytes": known.documents.size,
            "peak_grown_mib": round(grown, 1),
        },
        notes=(
            f"{median(ours):,.0f} identities/s, dict {median(theirs):,.0f}/s: {ratio:.3f} of it",
            f"NDJSON route over a socket: {median(through):,.0f} identities/s",
            f"index of {LISTED:,} documents and names: {building:.0f} s to build, {grown:.0f} MiB",
        ),
    )
