"""Subscribers of the joint-punishment feed: an airline, a railway, a bank, a land registry, each with a counter.

Each follows its own view by one of the four ways with the reference client, keeps a copy of its own on disk, signs what
it holds, and decides at its counter from that copy alone. What it refuses it writes into a book of its own and reports
to the court. It can be put to sleep: it stops listening, and its counter goes on with the copy that it has.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import httpx
import orjson
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from libs.foundation.clock import instant, instant_text
from libs.testing.simulators.counter_books import Books
from libs.testing.simulators.serving import HttpServer
from libs.testing.simulators.world import Part, World
from zhixing_feed import Answer, Pacing, Subscriber

Way = Literal["pull", "stream", "deltas", "entries"]
OUTCOMES = {"REFUSE": "REFUSED", "HOLD": "HELD", "PASS": "SOLD"}
SCOPES = (
    *(f"credit_blacklist.{name}.read" for name in ("feed", "checks", "reports", "measures")),
    *(f"credit_blacklist.{name}.write" for name in ("positions", "reports")),
)
LOOK_SECONDS = 0.5
"""How often a counter looks whether something is to be ended, undone or answered, in real seconds."""

RETRY_SECONDS = 0.3
"""After a failure a subscriber in a sandbox asks again soon; a real one waits as the feed's page says."""


class CheckBody(BaseModel):
    """May this person have this?"""

    model_config = ConfigDict(extra="forbid")

    document_type: str
    number: str
    name: str
    measure_code: str


class SaleBody(CheckBody):
    """Somebody wants it now. `reference` is the counter's own number of the matter."""

    reference: str = Field(min_length=1, max_length=100)


class Counter:
    """One subscriber with its copy, its book of refusals, and its door."""

    def __init__(self, own: Mapping[str, Any], config: Mapping[str, Any], world: World) -> None:
        """`own`: `agency_id`, `view`, `way`, `port`, `key` (its private JWK file), `lasting`: its refusals last."""
        self.name = self.agency_id = str(own["agency_id"])
        self._own = own
        self._world = world
        self._kafka = str(config["kafka_bootstrap"])
        self._copy = world.folder / f"{self.agency_id}.list.sqlite"
        self._books = Books(world.folder / f"{self.agency_id}.sqlite")
        self._server = HttpServer(self._app(), int(own.get("port", 0)))
        self._tasks: list[asyncio.Task[None]] = []
        self._client = httpx.AsyncClient(base_url=world.services["credit_blacklist"], timeout=10.0)
        self._subscriber = Subscriber(
            world.services["credit_blacklist"],
            root_keys=[config["root_key"]],
            path=self._copy,
            token=self._token,
            signing_key=orjson.loads(Path(own["key"]).read_bytes()),
            clock=world.clock.now,
            pacing=Pacing(start_jitter_s=0, failure_s=RETRY_SECONDS),
        )

    @property
    def url(self) -> str:
        """Where its counter is."""
        return self._server.url

    async def start(self) -> None:
        """Open the counter and begin to follow."""
        await self._server.start()
        if not self._books.asleep:
            self._listen()

    async def stop(self) -> None:
        """Close the counter and end; copy and book stay on disk."""
        await self._server.stop()
        await self._end()
        await self._subscriber.close()
        await self._client.aclose()
        self._books.close()

    def wake(self) -> None:
        """Listen by this subscriber's way, from where the copy stands."""
        self._books.woke()
        self._listen()

    async def sleep(self) -> None:
        """Stop listening."""
        self._books.fell_asleep(instant_text(self._world.clock.now()))
        await self._end()

    def _listen(self) -> None:
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._look_after())]

    async def _end(self) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def sale(self, body: SaleBody) -> dict[str, Any]:
        """Decide from the copy; a refusal stands in the book and is reported to the court."""
        answer = await self._subscriber.check(body.document_type, body.number, body.name, body.measure_code)
        if answer.decision == "REFUSE":
            await self._refuse(body, answer)
        return {"outcome": OUTCOMES[answer.decision]} | _shown(answer)

    async def _refuse(self, body: SaleBody, answer: Answer) -> None:
        hit, now = answer.hits[0], instant_text(self._world.clock.now())
        at = instant(self._books.refused(body.reference, now, body.measure_code, hit.record_id))
        lasting = bool(self._own.get("lasting"))
        await self._subscriber.report(
            hit,
            measure_code=body.measure_code,
            outcome="APPLIED" if lasting else "REFUSED",
            agency_reference=body.reference,
            started_at=at,
            # A ticket that is not sold is over at once; a line of credit stays closed until the record ends.
            ended_at=None if lasting else at,
            order_number=hit.order_number,
        )

    async def _follow(self) -> None:
        match self._own["way"]:
            case "pull":
                await self._subscriber.follow()
            case "stream":
                await self._subscriber.follow_stream()
            case "deltas":
                await self._subscriber.follow_kafka_deltas(self._kafka, str(self._own["view"]))
            case _:
                await self._subscriber.follow_kafka_entries(self._kafka, str(self._own["view"]))

    async def _look_after(self) -> None:
        """End measures whose record ended, and answer notices of correction."""
        while True:
            for report in self._subscriber.reports_due():
                await self._subscriber.end_report(report.agency_reference)
            with contextlib.suppress(httpx.HTTPError):
                await self._answer_notices()
            await asyncio.sleep(LOOK_SECONDS)

    async def _answer_notices(self) -> None:
        headers = {"Authorization": f"Bearer {self._token()}"}
        waiting = await self._client.get("/v1/correction-notices", params={"answered": "false"}, headers=headers)
        if waiting.is_error:
            return
        refused = {refusal["record_id"] for refusal in self._books.refusals()}
        for notice in waiting.json()["items"]:
            effect = "UNDONE" if notice["record_id"] in refused else "NO_EFFECT"
            path = f"/v1/correction-notices/{notice['id']}/answers"
            key = {"Idempotency-Key": f"{self.agency_id}-{notice['id'][-60:]}"}
            await self._client.post(path, json={"effect": effect}, headers=headers | key)

    def _token(self) -> str:
        return self._world.issuer.token(
            subject=self.agency_id,
            organisation=self.agency_id,
            roles=["agency"],
            scopes=SCOPES,
            agency_id=self.agency_id,
        )

    def state(self) -> dict[str, Any]:
        """Return what stands in its copy and in its book; `alarms` are those that stand now."""
        state = self._subscriber.state()
        return {
            "agency_id": self.agency_id,
            "view": str(self._own["view"]),
            "way": str(self._own["way"]),
            "awake": bool(self._tasks),
            "session_id": state.session_id,
            "sequence": state.sequence,
            "count": state.count,
            "digest": state.set_digest,
            "freshness": state.freshness,
            "snapshot_reason": state.snapshot_reason,
            "alarms": [str(code) for code in state.standing],
            "refusals": self._books.refusals(),
            "corrections": self._corrections(),
            "unended": [report.agency_reference for report in self._subscriber.reports_due()],
        }

    def _corrections(self) -> list[dict[str, Any]]:
        """Return the notices that records were corrected, as they stand in the copy."""
        found = []
        for (jws,) in self._subscriber.store.database.rows("SELECT jws FROM records ORDER BY record_id"):
            said = orjson.loads(_payload(jws))
            if said.get("correction"):
                found.append({"record_id": said["record_id"], "version": said["record_version"]} | said["correction"])
        return found

    def _app(self) -> FastAPI:
        app = FastAPI(title=f"{self.agency_id} (simulator)", openapi_url=None)

        @app.post("/checks")
        async def check(body: CheckBody) -> dict[str, Any]:
            answer = await self._subscriber.check(body.document_type, body.number, body.name, body.measure_code)
            return _shown(answer)

        @app.post("/sales")
        async def sell(body: SaleBody) -> dict[str, Any]:
            return await self.sale(body)

        @app.post("/sleep")
        async def sleep() -> dict[str, Any]:
            await self.sleep()
            return self.state()

        @app.post("/wake")
        async def wake() -> dict[str, Any]:
            self.wake()
            return self.state()

        @app.get("/state")
        async def state() -> dict[str, Any]:
            return self.state()

        return app


def parts(config: Mapping[str, Any], world: World) -> list[Part]:
    """Return the subscribers that the configuration names."""
    return [Counter(own, config, world) for own in config.get("subscribers", ())]


def _shown(answer: Answer) -> dict[str, Any]:
    return dict(asdict(answer))


def _payload(jws: str) -> bytes:
    text = jws.split(".")[1]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
