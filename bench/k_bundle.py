"""(k) Verifying the evidence bundle of a case of 1,000 commits, against a bare SHA-256 over the same bytes.

The case is written by the journal itself (50 streams, one commit a command, over 20 hours with a root each) and
collected over a real socket, as `python -m libs.evidence collect` does; every tenth commit holds a signed paper. The
rival hashes the file's bytes and nothing else: what no verification can do without. `ratio` is the verification's time
over the hash's, in processor time of this process; the goal is "at most", and the verification must also do 5,000
commits a second.

Beside it, without a goal: a root over 100,000 streams, from the commits to its signature, with the memory that it
takes, and the proof of one head under it.
"""

from __future__ import annotations

import hashlib
import resource
import secrets
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final

import httpx

from bench.counting import COURT, meta, raw_client
from bench.letter import Letter, in_turns, ratio_of
from devstack.stack import Stack
from libs.evidence import Signer
from libs.evidence.bundle import verify_bundle
from libs.evidence.bundle.collecting import collect_bundle
from libs.evidence.keys import new_key
from libs.evidence.roots import hour_of, last_ended
from libs.journal import Decider, Journal, JournalSettings
from libs.journal.commits import COLLECTION, build_commit
from libs.schemas.envelope import Event
from libs.testing.simulators.serving import HttpServer
from libs.web import DevIssuer, Evidence, WebSettings, create_app

TITLE = "verification of a bundle"
GOAL: Final = 40.0
PER_SECOND_GOAL: Final = 5_000
COMMITS: Final = 1_000
STREAMS: Final = 50
HOURS: Final = 20
PAPER_EVERY: Final = 10
ROUNDS: Final = 7
MANY_STREAMS: Final = 100_000
PAGE: Final = 5_000
CASE: Final = "case_0f3a5c7e9b1d2f4a6c8e"
SERVICE: Final = "bench"


class Written(Event, name="written"):
    """Something of a case, with the paper that was signed for it."""

    case_id: str
    note: str
    amount_fen: int
    paper: str | None = None


DECIDER: Decider[int] = Decider(
    SERVICE, "case", int, lambda _state, event, _now: [event], lambda state, _event: state + 1
)


class _SetClock:
    """Business time as the bench sets it."""

    def __init__(self) -> None:
        self.at = datetime(2024, 6, 29, 8, 30, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@dataclass
class House:
    """A service with evidence, on this bench's database."""

    journal: Journal
    evidence: Evidence
    signer: Signer
    clock: _SetClock
    server: HttpServer
    issuer: DevIssuer

    async def write_case(self) -> None:
        """Write the case, hour by hour, and sign each hour's root."""
        paper = self.signer.sign_now({"case_id": CASE, "sha256": "0" * 64}, "receipt+jws")
        for number in range(COMMITS):
            event = Written(
                case_id=CASE, note="银行回函已收", amount_fen=number, paper=None if number % PAPER_EVERY else paper
            )
            own = replace(meta(f"case-{number}"), key=CASE)
            await self.journal.execute(f"case/{number % STREAMS:04d}", event, own)
            if (number + 1) % (COMMITS // HOURS) == 0:
                self.clock.at += timedelta(hours=1)
                await self.evidence.keeper.make(last_ended(self.clock.at))

    async def collect(self, target: Path) -> float:
        """Collect the bundle over the socket; return the seconds it took."""
        token = self.issuer.token(subject="b", organisation=COURT, scopes=[f"{SERVICE}.evidence.read"], courts=[COURT])
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=self.server.url, headers=headers, timeout=60) as client:
            began = time.perf_counter()
            await collect_bundle(CASE, {SERVICE: client}, target, purpose="bench")
            return time.perf_counter() - began


class Contest:
    """The contenders, on the same file."""

    def __init__(self, path: Path, pinned: dict[str, Any]) -> None:
        self._path = path
        self._pinned = pinned

    async def verify(self) -> float:
        """Return the processor's seconds of a verification."""
        began = time.process_time()
        with self._path.open("rb") as lines:
            report = verify_bundle(lines, pinned=self._pinned)
        seconds = time.process_time() - began
        assert report.whole, report.findings[:3]
        assert report.services[SERVICE].commits == COMMITS, "all commits were looked at"
        return seconds

    async def bare_hash(self) -> float:
        """Return the processor's seconds of a SHA-256 over the file, line by line as it is read."""
        began = time.process_time()
        digest = hashlib.sha256()
        with self._path.open("rb") as lines:
            for line in lines:
                digest.update(line)
        digest.hexdigest()
        return time.process_time() - began


async def _open_house(running: AsyncExitStack, mongo_uri: str, database: str, folder: Path) -> House:
    clock, signer, issuer = _SetClock(), Signer(new_key()), DevIssuer(folder / "issuer.json")
    journal = Journal(
        JournalSettings(mongo_uri=mongo_uri, database=database), service=SERVICE, clock=clock, deciders=[DECIDER]
    )
    # No root but those that the bench asks for.
    evidence = Evidence(journal, signer, root_delay_seconds=24 * 3600)
    settings = WebSettings(jwks=str(issuer.write_jwks(folder / "jwks.json")), log_level="WARNING")
    app = create_app(
        service=SERVICE, settings=settings, routers=[], background=[journal], signer=signer, evidence=evidence
    )
    server = HttpServer(app, lifespan=True)
    await server.start()
    running.push_async_callback(server.stop)
    return House(journal, evidence, signer, clock, server, issuer)


async def _fill_streams(house: House, commits: Any) -> None:
    """Put a hundred thousand streams of one commit each beside the case, as if published and projected long ago."""
    at = house.clock.now().isoformat(timespec="microseconds").replace("+00:00", "Z")
    for first in range(0, MANY_STREAMS, PAGE):
        page = []
        for number in range(first, first + PAGE):
            name = f"case/filled-{number:06d}"
            header = {"stream": name, "version": 1, "court": COURT, "key": name, "at": at, "seq": 1}
            entry = {"command_id": secrets.token_hex(32), "events": []}
            commit = build_commit(header | {"prev_hash": "0" * 64}, [entry], [secrets.token_bytes(32)], service=SERVICE)
            page.append(commit)
        await commits.insert_many(page, ordered=False)


async def _many_streams(house: House, commits: Any) -> dict[str, Any]:
    await _fill_streams(house, commits)
    house.clock.at += timedelta(hours=1)
    hour = hour_of(house.clock.at - timedelta(hours=1))
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    assert await house.evidence.keeper.make(hour), "there is something new to sign"
    root_seconds = time.perf_counter() - began
    began = time.perf_counter()
    [proved] = await house.evidence.keeper.heads.proofs(hour, ["case/filled-050000"], None)
    return {
        "root_seconds": round(root_seconds, 2),
        "proof_seconds": round(time.perf_counter() - began, 2),
        "peak_grown_mib": round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, 1),
        "path_hashes": len(proved.path),
    }


def _letter(ours: Sequence[float], theirs: Sequence[float], raw: dict[str, Any]) -> Letter:
    ratio, per_second = ratio_of(ours, theirs), COMMITS / median(ours)
    many = raw["many_streams"]
    return Letter(
        ratio=ratio,
        goal=GOAL,
        holds=ratio <= GOAL and per_second >= PER_SECOND_GOAL,
        raw=raw
        | {
            "verify_seconds": [round(each, 4) for each in ours],
            "sha256_seconds": [round(each, 5) for each in theirs],
        },
        notes=(
            f"{per_second:,.0f} commits/s, {raw['bytes'] / 1e6:.1f} MB in {median(ours) * 1000:.0f} ms",
            f"collected over a socket in {raw['collect_seconds']:.1f} s: {HOURS} roots, {STREAMS} streams",
            f"root over {MANY_STREAMS:,} streams: {many['root_seconds']:.1f} s, {many['peak_grown_mib']:.0f} MiB more",
            f"proof of one head under it: {many['proof_seconds']:.1f} s",
        ),
    )


async def measure(stack: Stack) -> Letter:
    """Write the case, collect it, verify and hash in turns, then sign the large root."""
    database = f"bench_bundle_{secrets.token_hex(3)}"
    async with AsyncExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        client = await running.enter_async_context(raw_client(stack.mongo_uri))
        running.push_async_callback(client.drop_database, database)
        house = await _open_house(running, stack.mongo_uri, database, folder)
        await house.write_case()
        path = folder / "bundle.ndjson"
        collected = await house.collect(path)
        contest = Contest(path, {SERVICE: house.signer.jwks()})
        await contest.verify()
        ours, theirs = await in_turns(ROUNDS, contest.verify, contest.bare_hash)
        raw: dict[str, Any] = {"commits": COMMITS, "bytes": path.stat().st_size, "collect_seconds": round(collected, 2)}
        raw["many_streams"] = await _many_streams(house, client[database][COLLECTION])
        return _letter(ours, theirs, raw)
