"""Simulated agencies: pollers behind firewalls that use the court's public API only, with the faults of real adapters.

An agency's `faults` (numbers are the pitfalls of real adapters that they play):

| name | what happens |
|---|---|
| `premature_controlled` (1) | says CONTROLLED before it is registered, then LOCKED, then the truth |
| `registration_refused` (1) | the registration that was announced fails: NOT_CONTROLLED after LOCKED |
| `silent_until_reminded` (2) | an exception is only logged; it answers when the court reminds |
| `first_item_only` (3) | the first item decides for all: the final reply leaves the others out, until refused |
| `transfer_fails_once` (4) | the account is debited, the transfer fails, the run begins again |
| `in_progress_first` (5) | says IN_PROGRESS first and the result later |
| `hidden_failure` (6) | says CONTROLLED although part failed, until refused |
| `earlier_unknown` (7) | the look-up of earlier freezes failed: the list is UNKNOWN |
| `unknown_as_none` (7) | a failed look-up is sent as NO_RECORD, until refused |
| `late_minutes` | answers an inquiry so many minutes after its issue |
| `lose_paper_once` | loses a paper and returns the request (PAPER_EMPTY) |
| `duplicate_reply` | sends its reply twice |
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse
from starlette.routing import Route

from libs.evidence import SignatureInvalid, Signer, generate_key
from libs.foundation.canonical import sha256_hex
from libs.foundation.clock import instant
from libs.telemetry import get_logger
from libs.testing.simulators.agency_books import AgencyBooks
from libs.testing.simulators.agency_counter import ASSET_CLASSES, Counter
from libs.testing.simulators.agency_faults import Reply, planned_replies
from libs.testing.simulators.agency_line import AgencyLine
from libs.testing.simulators.serving import HttpServer
from libs.testing.simulators.world import Part, World

TICK_SECONDS = 0.02
RETRY_SECONDS = 0.5
OFFICERS = 2

log = get_logger("zhixing.simulators")


class Agency:
    """One agency: pulls its queue, works on every request once at a time, answers until it is heard."""

    def __init__(self, config: Mapping[str, Any], world: World, custodian_url: str) -> None:
        """Open its books and its key."""
        self.agency_id = str(config["agency_id"])
        self.faults: Mapping[str, Any] = config.get("faults", {})
        self._world = world
        self._wait = int(config.get("poll_wait", 10))
        self._latency: Sequence[float] = config.get("latency_minutes", (0, 0))
        self._random = random.Random(f"{world.seed}-{self.agency_id}")
        self.books = AgencyBooks(world.folder / f"agency-{self.agency_id}.sqlite", self.agency_id)
        for account in config.get("accounts", ()):
            self.books.open_account(account, ASSET_CLASSES.get(config.get("kind", "BANK"), "DEPOSIT"))
        key = generate_key(world.folder / f"agency-{self.agency_id}.jwk", kid=f"{self.agency_id}-1")
        self.line = AgencyLine(world, self.agency_id, Signer(key), self.books)
        self._counter = Counter(self.books, world, self.faults, custodian_url)
        self._work: dict[str, asyncio.Task[None]] = {}
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to poll; the key is registered as soon as the court knows the agency."""
        self._loop = asyncio.create_task(self._poll(), name=f"agency {self.agency_id}")

    async def stop(self) -> None:
        """End in the middle of whatever it is doing, as processes end; the books stay."""
        tasks = [task for task in (self._loop, *self._work.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.line.close()
        self.books.close()

    async def _poll(self) -> None:
        await self.line.register_key()
        pending: list[dict[str, Any]] = []
        while True:
            try:
                # Something unanswered that nobody works on is taken up again at once, not at the next change.
                idle = [item for item in pending if item["id"] not in self._work]
                for item in idle:
                    if not self._is_silent(item):
                        self._take_up(item)
                found = await self.line.pull(self._wait)
                pending = pending if found is None else found
            except httpx.HTTPError as error:
                log.info("agency_poll_failed", agency=self.agency_id, cause=str(error))
                await asyncio.sleep(RETRY_SECONDS)

    def _is_silent(self, item: Mapping[str, Any]) -> bool:
        return bool(self.faults.get("silent_until_reminded")) and not item["reminders"]

    def _take_up(self, item: Mapping[str, Any]) -> None:
        request_id = str(item["id"])
        task = asyncio.create_task(self._handle(request_id), name=f"{self.agency_id} {item['request_number']}")
        self._work[request_id] = task

    async def _handle(self, request_id: str) -> None:
        while True:
            try:
                await self._answer(await self.line.request(request_id))
            except (httpx.HTTPError, SignatureInvalid, ValueError) as error:
                log.info("agency_work_failed", agency=self.agency_id, cause=str(error))
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _answer(self, request: Mapping[str, Any]) -> None:
        if (problem := await self._problem_of(request)) is not None:
            await self.line.send("returns", "RETURN", request, self._returned(request, problem), name="return")
            return
        await self.line.send("acknowledgements", "ACKNOWLEDGEMENT", request, {"code": "ACCEPTED"}, name="ack")
        await self._until(self._answer_at(request))
        answers = await self._counter.answers(request)
        for reply in planned_replies(self.faults, request, answers):
            await self._send(request, reply)
            if reply.pause_minutes:
                await self._until(self._world.clock.now() + timedelta(minutes=reply.pause_minutes))

    async def _problem_of(self, request: Mapping[str, Any]) -> tuple[str, str] | None:
        """Check papers and credentials before any work, as real adapters do."""
        for paper in request["documents"]:
            text = await self.line.paper(request["id"], paper["n"])
            if self.faults.get("lose_paper_once") and self.books.once("lose_paper_once"):
                text = b""
            if not text:
                return "PAPER_EMPTY", f"文书内容为空: {paper['title']}"
            if sha256_hex(text) != paper["sha256"]:
                return "PAPER_MISMATCH", f"文书与请求不符: {paper['title']}"
        officers = await self.line.officers(request["id"])
        if len({officer["work_permit_number"] for officer in officers}) < OFFICERS:
            return "CREDENTIAL_MISSING", "无证件"
        return None

    def _returned(self, request: Mapping[str, Any], problem: tuple[str, str]) -> dict[str, Any]:
        code, text = problem
        return {
            "code": code,
            "text": text,
            "contact_name": "值班员",
            "contact_phone": "0874-7120000",
            "request_sha256": request["content_sha256"],
        }

    async def _send(self, request: Mapping[str, Any], reply: Reply) -> None:
        body = {
            "reply_id": f"{self.agency_id}-{request['request_number']}-{reply.name}",
            "status": reply.status,
            "request_sha256": request["content_sha256"],
            "answers": list(reply.answers),
        }
        response = await self.line.send("replies", "REPLY", request, body, name=reply.name)
        if reply.repeat:
            letter = self.books.letter(f"{self.agency_id}-{request['request_number']}-{reply.name}")
            assert letter is not None
            await self.line.post(f"{self.agency_id}-{reply.name}-again", letter["path"], letter["body"])
        if not response.is_success and not reply.may_be_refused:
            log.warning("agency_reply_refused", agency=self.agency_id, problem=response.text[:500])

    def _answer_at(self, request: Mapping[str, Any]) -> datetime:
        issued_at = instant(request["issued_at"])
        if request["kind"] == "INQUIRY" and "late_minutes" in self.faults:
            return issued_at + timedelta(minutes=float(self.faults["late_minutes"]))
        low, high = self._latency
        return self._world.clock.now() + timedelta(minutes=self._random.uniform(low, high))

    async def _until(self, moment: datetime) -> None:
        """Wait for a business time, whatever the clock's rate is or becomes."""
        while self._world.clock.now() < moment:  # noqa: ASYNC110 -- a sandbox clock jumps and rings no bell
            await asyncio.sleep(TICK_SECONDS)


class Agencies:
    """All agencies of a run, and the door through which an auditor sees their books."""

    def __init__(self, config: Mapping[str, Any], world: World) -> None:
        """Nothing polls yet."""
        self.name = "agencies"
        self._custodian = config.get("custodian") or {}
        self._world = world
        self._configs = config["agencies"]
        self._server = HttpServer(
            Starlette(routes=[Route("/books", self._books), Route("/livez", self._livez)]),
            int(config.get("agencies_port", 0)),
        )
        self.agencies: dict[str, Agency] = {}

    @property
    def url(self) -> str:
        """Where the books are shown: `GET /books`."""
        return self._server.url

    async def start(self) -> None:
        """Open the door and let every agency poll."""
        custodian_url = str(self._custodian.get("url") or f"http://127.0.0.1:{self._custodian.get('port', 0)}")
        for config in self._configs:
            agency = Agency(config, self._world, custodian_url)
            self.agencies[agency.agency_id] = agency
        await self._server.start()
        for agency in self.agencies.values():
            await agency.start()

    async def stop(self) -> None:
        """End; the books stay."""
        for agency in self.agencies.values():
            with contextlib.suppress(httpx.HTTPError):
                await agency.stop()
        await self._server.stop()

    async def _books(self, _request: HttpRequest) -> JSONResponse:
        return JSONResponse({"items": [agency.books.shown() for agency in self.agencies.values()]})

    async def _livez(self, _request: HttpRequest) -> JSONResponse:
        return JSONResponse({"status": "alive"})


def parts(config: Mapping[str, Any], world: World) -> list[Part]:
    """Return the agencies, if the configuration names some."""
    return [Agencies(config, world)] if config.get("agencies") else []
