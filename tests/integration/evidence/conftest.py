"""Two small services on real sockets and the real database, whose evidence is collected and verified."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pymongo
import pytest_asyncio
from pymongo.database import Database

from libs.evidence import Signer
from libs.evidence.bundle import BundleReport, verify_bundle
from libs.evidence.bundle.collecting import collect_bundle
from libs.evidence.keys import new_key
from libs.evidence.roots import last_ended
from libs.journal import Actor, CommandMeta, Decider, Journal, JournalSettings
from libs.testing.simulators.serving import HttpServer
from libs.web import Custody, DevIssuer, Evidence, WebSettings, create_app
from tests.unit.journal.tally import COURT, Note, SetClock, Tally, decide, evolve

CASE = "case_one"
OTHER_CASE = "case_two"
SERVICES = ("first", "second")


@dataclass
class Small:
    """One small service."""

    name: str
    journal: Journal
    evidence: Evidence
    signer: Signer
    clock: SetClock
    database: Database[dict[str, Any]]
    url: str = ""
    commands: int = 0

    async def note(self, stream: str, facts: Mapping[str, Any], *, key: str | None = None, court: str = COURT) -> None:
        """Accept a fact."""
        self.commands += 1
        identity = f"{self.name}-{self.commands}"
        meta = CommandMeta(identity, identity, Actor("u-1", court, "case_officer"), court, correlation_id="corr-1")
        await self.journal.execute(stream, Note(dict(facts)), replace(meta, key=key))

    async def an_hour_passes(self) -> bool:
        """Let the hour end and its root be signed, if anything changed."""
        self.clock.forward(hours=1)
        return await self.evidence.keeper.make(last_ended(self.clock.now()))


@dataclass
class Pair:
    """Both services, and whoever asks them."""

    issuer: DevIssuer
    folder: Path
    houses: dict[str, Small] = field(default_factory=dict)

    @property
    def first(self) -> Small:
        return self.houses["first"]

    @property
    def second(self) -> Small:
        return self.houses["second"]

    def token(self, *, courts: tuple[str, ...] = (COURT,), scopes: tuple[str, ...] = ("*.evidence.read",)) -> str:
        return self.issuer.token(subject="u", organisation=COURT, scopes=scopes, courts=courts)

    def client(self, name: str, **claims: Any) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {self.token(**claims)}"}
        return httpx.AsyncClient(base_url=self.houses[name].url, headers=headers, timeout=20)

    async def bundle(self, *, case_id: str = CASE, **claims: Any) -> Path:
        target = self.folder / "bundle.ndjson"
        async with AsyncExitStack() as open_clients:
            clients = {name: await open_clients.enter_async_context(self.client(name, **claims)) for name in SERVICES}
            await collect_bundle(case_id, clients, target, purpose="复议")
        return target

    async def verified(self, **more: Any) -> BundleReport:
        pinned = {name: house.signer.jwks() for name, house in self.houses.items()}
        with (await self.bundle()).open("rb") as lines:
            return verify_bundle(lines, pinned=pinned, expected=set(SERVICES), **more)


@pytest_asyncio.fixture
async def pair(mongo_uri: str, unique: str, tmp_path: Path) -> AsyncIterator[Pair]:
    made = Pair(DevIssuer(tmp_path / "issuer.json"), tmp_path)
    settings = WebSettings(jwks=str(made.issuer.write_jwks(tmp_path / "jwks.json")))
    async with AsyncExitStack() as running:
        mongo = running.enter_context(pymongo.MongoClient[dict[str, Any]](mongo_uri, readConcernLevel="majority"))
        for name in SERVICES:
            clock, signer = SetClock(), Signer(new_key())
            journal = Journal(
                JournalSettings(mongo_uri=mongo_uri, database=f"{unique}_{name}"),
                service=name,
                clock=clock,
                deciders=[
                    Decider(name, category, Tally, decide, evolve) for category in ("case", "fund", "filing", "wording")
                ],
            )
            # Roots are signed when a test says so, not by the clock on the wall.
            evidence = Evidence(
                journal,
                signer,
                custody=Custody(named=("filing",), attached={"wording": "application_id"}),
                root_delay_seconds=3600,
            )
            app = create_app(
                service=name, settings=settings, routers=[], background=[journal], signer=signer, evidence=evidence
            )
            server = HttpServer(app, lifespan=True)
            await server.start()
            running.push_async_callback(server.stop)
            database = mongo[f"{unique}_{name}"]
            made.houses[name] = Small(name, journal, evidence, signer, clock, database, server.url)
        yield made
