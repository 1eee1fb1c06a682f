"""The rival of letter (b): the service as textbooks build it, one MongoDB transaction per command.

A state document with a version, an outbox document and an idempotency document are written together or not at all. It
has the same doors as the product (application factory, tokens, validation, idempotency key), the same driver with the
same pool and write concern, and the driver's own retry of transient errors. A command takes four statements and the
commit: the idempotency document goes in without being looked for, its unique `_id` finds the repeat. Commands on one
box queue up in the process: without that, 64 clients on one box make it abort and retry nearly all of the time.
"""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from weakref import WeakValueDictionary

from fastapi import APIRouter, FastAPI, Request
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession
from pymongo.errors import DuplicateKeyError, PyMongoError
from starlette.responses import Response

from bench.boxes import COURT, DEPOSITS, SCOPE, SERVICE, Box, BoxPath, Deposit, decide, evolve, render
from bench.small_service import BoxesSettings
from libs.foundation.errors import KeyReused, Refused
from libs.journal import CommandMeta, JournalSettings, StoreUnavailable
from libs.journal.store import client_options
from libs.web import Caller, JsonResponse, create_app, meta_of, scope

STATES: Final = "states"
OUTBOX: Final = "outbox"
REQUESTS: Final = "requests"

Answer = dict[str, Any]


class VersionConflict(PyMongoError):
    """Somebody else wrote the state in between; labelled so that the driver runs the transaction again."""

    def __init__(self) -> None:
        """Say what the driver should do."""
        super().__init__("the version has changed", error_labels=["TransientTransactionError"])


class Boxes:
    """The service's database."""

    def __init__(self, settings: BoxesSettings) -> None:
        """Open nothing yet."""
        self._settings = settings
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def start(self) -> None:
        """Connect as the journal does; collections must exist before a transaction writes to them."""
        journal = JournalSettings(mongo_uri=self._settings.mongo_uri, database=self._settings.mongo_database)
        self._client: AsyncIOMotorClient[Answer] = AsyncIOMotorClient(journal.mongo_uri, **client_options(journal))
        self._database = self._client[journal.database]
        known = await self._database.list_collection_names()
        for name in (STATES, OUTBOX, REQUESTS):
            if name not in known:
                await self._database.create_collection(name)
        await self._database[OUTBOX].create_index("published", partialFilterExpression={"published": False})

    async def stop(self) -> None:
        """Disconnect."""
        self._client.close()

    def readiness(self) -> dict[str, str]:
        """Return nothing: it is ready when it has started."""
        return {}

    async def put_in(self, box: str, body: Deposit, meta: CommandMeta) -> tuple[Answer, bool]:
        """Return the answer and whether it is a repeat."""

        async def once(session: AsyncIOMotorClientSession) -> Answer:
            return await self._decided(session, box, body, meta)

        # One at a time: transactions of one process on one state would only abort each other.
        lock = self._locks.setdefault(box, asyncio.Lock())
        try:
            async with lock, await self._client.start_session() as session:
                return await session.with_transaction(once), False
        except (DuplicateKeyError, Refused):
            # A repeat finds its own document, and may be refused by the state that it made itself.
            first = await self._database[REQUESTS].find_one({"_id": meta.command_id})
            if first is None:
                raise
            if first["fingerprint"] != meta.fingerprint:
                raise KeyReused from None
            return first["answer"], True
        except PyMongoError as error:
            raise StoreUnavailable(str(error)[:300]) from error

    async def _decided(self, session: AsyncIOMotorClientSession, box: str, body: Deposit, meta: CommandMeta) -> Answer:
        stored = await self._database[STATES].find_one({"_id": box}, session=session) or {}
        version = stored.get("version", 0)
        state = Box(stored.get("total_fen", 0), stored.get("deposits", 0))
        now = datetime.now(UTC)
        (event,) = decide(state, body, now)
        state = evolve(state, event)
        after = {"version": version + 1, "total_fen": state.total_fen, "deposits": state.deposits, "at": now}
        if version == 0:
            await self._database[STATES].insert_one({"_id": box, **after}, session=session)
        else:
            known = {"_id": box, "version": version}
            if (await self._database[STATES].update_one(known, {"$set": after}, session=session)).matched_count == 0:
                raise VersionConflict
        await self._database[OUTBOX].insert_one(
            {
                "_id": secrets.token_hex(16),
                "stream": box,
                "seq": version + 1,
                "at": now,
                "type": event.type_text(),
                "data": event.data(),
                "correlation_id": meta.correlation_id,
                "published": False,
            },
            session=session,
        )
        answer = {"version": version + 1, **render(box, state)}
        request = {"_id": meta.command_id, "fingerprint": meta.fingerprint, "at": now, "answer": answer}
        await self._database[REQUESTS].insert_one(request, session=session)
        return answer


def routes(boxes: Boxes) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["boxes"])

    @router.post(DEPOSITS, status_code=201)
    async def put_in(
        box: BoxPath, body: Deposit, request: Request, caller: Annotated[Caller, scope(SCOPE)]
    ) -> Response:
        """Put money into a box."""
        answer, replayed = await boxes.put_in(box, body, meta_of(request, caller, court=COURT, body=body))
        headers = {"ETag": f'"{answer["version"]}"'} | ({"Idempotency-Replayed": "true"} if replayed else {})
        shown = {name: value for name, value in answer.items() if name != "version"}
        return JsonResponse(shown, status_code=201, headers=headers)

    return router


def build(settings: BoxesSettings) -> FastAPI:
    """Return the service."""
    boxes = Boxes(settings)
    return create_app(service=SERVICE, settings=settings, routers=[routes(boxes)], background=[boxes])
