"""A house for the feed: replicas of the service on one database, and an author whose records become entries."""

from __future__ import annotations

import asyncio
import base64
import itertools
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import orjson
from pymongo import AsyncMongoClient

from devstack.devkeys import KeyFolder
from libs.bus import Message
from libs.evidence import Signer
from libs.foundation.clock import ClockPoint, ScheduleFile, write_schedule
from libs.foundation.ids import derived_id
from libs.journal import NATIONAL, Actor, CommandMeta, Journal, JournalSettings
from libs.schemas.credit_blacklist import FeedRecord, Removal
from libs.schemas.intake import IdentityDocument
from libs.testing.simulators.serving import HttpServer
from libs.web import DevIssuer
from services.credit_blacklist.deciders import DECIDERS
from services.credit_blacklist.desk import Desk
from services.credit_blacklist.domain.person import RecordPerson, person_fact, person_stream
from services.credit_blacklist.feed.register import Register
from services.credit_blacklist.handlers.feed import FeedHandler
from services.credit_blacklist.main import build
from services.credit_blacklist.rules.views import VIEWS
from services.credit_blacklist.settings import CreditBlacklistSettings

COURT = "云0381"
BEGAN = datetime(2024, 6, 3, 1, 0, tzinfo=UTC)
SCOPES = ["credit_blacklist.*.read", "credit_blacklist.*.write"]
AGENCY_OF = {"air": "airline", "finance": "bank", "land": "registry"}


def number_of(serial: int) -> str:
    """Return a resident number that fits its standard."""
    digits = f"530381{1960 + serial % 40}0101{serial % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
    return digits + "10X98765432"[total % 11]


def record_of(
    serial: int,
    version: int = 1,
    *,
    status: str = "LISTED",
    change: str = "ADDED",
    at: datetime = BEGAN,
    **more: Any,
) -> FeedRecord:
    """Return a version of the record of person `serial`."""
    list_type = "RESTRICTION" if status == "RESTRICTED" else "LISTING"
    removal = Removal(ground="PERFORMED", decided_at=at, effective_at=at) if status == "REMOVED" else None
    values: dict[str, Any] = {
        "record_id": f"rec_{serial:06d}",
        "list_type": list_type,
        "version": version,
        "status": status,
        "change": change,
        "party_id": f"party_{serial:06d}",
        "case_id": f"case_{serial}",
        "case_number": f"（2024）{COURT}执{serial}号",
        "case_filed_on": date(2024, 1, 5),
        "court": COURT,
        "court_name": "宣威市人民法院",
        "court_phone": "0874-7120000",
        "order_number": f"（2024）{COURT}失{serial}号",
        "decided_on": date(2024, 3, 20),
        "changed_at": at,
        "effective_from": at,
        "grounds": () if status == "REMOVED" else ("REFUSES_THOUGH_ABLE",),
        "duty": None if status == "REMOVED" else "支付100000元",
        "performance": None if status == "REMOVED" else "NONE",
        "removal": removal,
        "kinds": (1,) if status == "RESTRICTED" else (),
    }
    return FeedRecord(**(values | more))


@dataclass
class Author:
    """Makes entries as the service's own handler does, in a process that signs no heads."""

    journal: Journal
    register: Register
    handler: FeedHandler
    clock: ScheduleFile
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    async def person(self, serial: int) -> None:
        """Record who person `serial` is."""
        fact = person_fact(
            party_id=f"party_{serial:06d}",
            party_type="PERSON",
            name=f"张三{serial}",
            documents=[IdentityDocument(id_type="RESIDENT_IDENTITY_CARD", id_number=number_of(serial))],
            source="PARTY_REGISTER",
            source_seq=1,
        )
        identity = derived_id("cmd", "person", str(serial))
        meta = CommandMeta(identity, identity, Actor("test", "zhixing", "service"), COURT)
        await self.journal.execute(person_stream(f"party_{serial:06d}"), RecordPerson(fact), meta)

    def message(self, record: FeedRecord, event_id: str | None = None) -> Message[Any]:
        """Return the record as the bus would bring it."""
        return Message(
            event=cast("Any", SimpleNamespace(record=record)),
            id=event_id or f"evt_{record.record_id}_{record.version}",
            service="credit_blacklist",
            stream=f"listing/{record.party_id}/{record.case_id}",
            seq=record.version,
            court=record.court,
            key=record.case_id,
            at=self.clock.now(),
            correlation_id="test",
            causation_id=None,
            trace=None,
            topic="zhixing.credit-blacklist.v1",
            partition=0,
            offset=next(self.numbers),
        )

    async def say(self, record: FeedRecord, event_id: str | None = None) -> None:
        """Let the record reach the feed, as often as it takes."""
        await self.handler.on_record(self.message(record, event_id))

    async def list_persons(self, *serials: int) -> None:
        """List persons, each with a new record."""
        for serial in serials:
            await self.person(serial)
        await asyncio.gather(*(self.say(record_of(serial)) for serial in serials))


@dataclass
class Replica:
    """One process of the service, over HTTP."""

    url: str
    server: HttpServer
    folder: Path


@dataclass
class House:
    """The database, its keys and clock, and what runs on it."""

    unique: str
    mongo_uri: str
    bootstrap: str
    folder: Path
    issuer: DevIssuer
    keys: KeyFolder
    client: httpx.AsyncClient
    running: AsyncExitStack
    settings: dict[str, Any]
    replicas: list[Replica] = field(default_factory=list)
    keyed: itertools.count[int] = field(default_factory=itertools.count)

    async def replica(self, **more: Any) -> Replica:
        """Start a process."""
        folder = self.folder / f"register-{len(self.replicas)}"
        settings = CreditBlacklistSettings(**(self.settings | {"register_folder": folder} | more))
        server = HttpServer(build(settings), lifespan=True)
        self.running.push_async_callback(server.stop)
        await server.start()
        replica = Replica(server.url, server, folder)
        self.replicas.append(replica)
        return replica

    async def author(self) -> Author:
        """Start an author."""
        clock = ScheduleFile(self.folder / "clock.json")
        journal = Journal(
            JournalSettings(mongo_uri=self.mongo_uri, database=f"{self.unique}_cb"),
            service="credit_blacklist",
            clock=clock,
            deciders=DECIDERS,
        )
        register = Register(journal, VIEWS)
        for part in (journal, register):
            self.running.push_async_callback(part.stop)
            await part.start()
        signer = Signer(self.keys.signing_key("credit_blacklist"))
        desk = SimpleNamespace(
            journal=journal, register=register, signer=signer, settings=CreditBlacklistSettings(**self.settings)
        )
        return Author(journal, register, FeedHandler(cast("Desk", desk), signer), clock)

    def token(self, view: str = "court") -> str:
        """Return the token of the court, or of the agency that reads a view."""
        agency = AGENCY_OF.get(view)
        return self.issuer.token(
            subject=f"u-{view}",
            organisation=agency or COURT,
            roles=["agency" if agency else "case_officer"],
            scopes=SCOPES,
            courts=() if agency else (COURT,),
            agency_id=agency,
        )

    def operator(self, name: str) -> dict[str, str]:
        """Return the headers of an operator's write."""
        token = self.issuer.token(
            subject=name, organisation="zhixing", roles=["operator"], scopes=SCOPES, courts=("*",)
        )
        return {"Authorization": f"Bearer {token}", "Idempotency-Key": f"key-{next(self.keyed)}"}

    async def get(self, path: str, *, view: str = "court", replica: int = 0, **params: Any) -> httpx.Response:
        """Ask a replica as the reader of a view."""
        url = f"{self.replicas[replica].url}/v1/joint-punishment-feed/{path}"
        return await self.client.get(
            url, params=params or None, headers={"Authorization": f"Bearer {self.token(view)}"}
        )

    async def head(self, *, view: str = "court", replica: int = 0) -> dict[str, Any]:
        """Return what the newest head says, {} before the first."""
        response = await self.get("heads/latest", view=view, replica=replica)
        return opened(response.text) if response.status_code == 200 else {}

    async def named(
        self, sequence: int, *, view: str = "court", replica: int = 0, seconds: float = 40
    ) -> dict[str, Any]:
        """Return the first head that names a sequence."""
        return await self.until(lambda head: bool(head) and head["sequence"] >= sequence, view, replica, seconds)

    async def until(
        self, there: Callable[[dict[str, Any]], bool], view: str = "court", replica: int = 0, seconds: float = 40
    ) -> dict[str, Any]:
        """Return the first head of which something is true."""
        async with asyncio.timeout(seconds):
            while not there(head := await self.head(view=view, replica=replica)):  # noqa: ASYNC110 -- the other side is HTTP
                await asyncio.sleep(0.1)
        return head

    async def subscribe(self, view: str) -> None:
        """Register the agency that reads a view."""
        body = {
            "view": view,
            "title": AGENCY_OF[view],
            "contact_name": "李四",
            "contact_phone": "010-1",
            "sales_channels": ["柜台"],
            "keys": [],
        }
        url = f"{self.replicas[0].url}/v1/subscribers/{AGENCY_OF[view]}"
        response = await self.client.put(url, json=body, headers=self.operator("op-1"))
        assert response.status_code in (200, 201), response.text

    def leap(self, days: float) -> None:
        """Let business time jump forward."""
        now = ScheduleFile(self.folder / "clock.json").now()
        real = datetime.now(UTC)
        points = [ClockPoint(real - timedelta(hours=1), BEGAN, 0), ClockPoint(real, now + timedelta(days=days), 1)]
        write_schedule(self.folder / "clock.json", points)


def opened(jws: str) -> dict[str, Any]:
    """Return the payload of a compact JWS."""
    part = jws.split(".")[1]
    payload: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return payload


@asynccontextmanager
async def feed_house(mongo_uri: str, bootstrap: str, folder: Path, **settings: Any) -> AsyncIterator[House]:
    """Bring up an empty house; replicas and authors are started by the test."""
    unique = f"t{secrets.token_hex(5)}"
    keys = KeyFolder(folder / "keys")
    keys.make(at=BEGAN)
    write_schedule(folder / "clock.json", [ClockPoint(datetime.now(UTC), BEGAN, 1)])
    issuer = DevIssuer(folder / "issuer.json")
    base = {
        "mongo_uri": mongo_uri,
        "mongo_database": f"{unique}_cb",
        "kafka_bootstrap": bootstrap,
        "topic_prefix": f"{unique}.",
        "jwks": str(issuer.write_jwks(folder / "jwks.json")),
        "signing_key": keys.signing_key("credit_blacklist"),
        "head_key": keys.head_key,
        "key_sets": keys.key_sets,
        "clock_schedule": folder / "clock.json",
        "log_level": "WARNING",
        "relay": False,
    }
    async with AsyncExitStack() as running:
        running.push_async_callback(_dropped, mongo_uri, f"{unique}_cb")
        client = await running.enter_async_context(httpx.AsyncClient(timeout=20.0))
        yield House(unique, mongo_uri, bootstrap, folder, issuer, keys, client, running, base | settings)


async def _dropped(mongo_uri: str, database: str) -> None:
    async with AsyncMongoClient[dict[str, Any]](mongo_uri) as client:
        await client.drop_database(database)


__all__ = ["NATIONAL", "Author", "House", "Replica", "feed_house", "number_of", "opened", "record_of"]
