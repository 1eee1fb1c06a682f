"""The custodian bank: takes money for case accounts, sends statement lines to the court, carries out its transfers.

Idempotent by reference in both directions. Its faults come from the configuration: one statement line is sent twice,
one stray line names no case, and the first transfers act out the faults that are listed for them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import httpx
import orjson
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from libs.foundation.clock import instant_text
from libs.foundation.fen import FEN_MAX
from libs.testing.simulators.custodian_books import Arrival, Books, Order
from libs.testing.simulators.serving import HttpServer
from libs.testing.simulators.world import Part, World

POLL_SECONDS = 0.2
RETRY_SECONDS = 1.0
SERIAL_DIGITS = 6

Fault = Literal["NONE", "TIMEOUT_AFTER_ACTING", "TIMEOUT_BEFORE_ACTING", "REFUSE", "PENDING"]


class ArrivalBody(BaseModel):
    """Money from another bank."""

    model_config = ConfigDict(extra="forbid")

    from_bank: str
    payment_reference: str | None = None
    account_number: str
    amount_fen: int = Field(ge=1, le=FEN_MAX)
    payer_name: str = ""
    remark: str = ""


class OrderBody(BaseModel):
    """A transfer order of the court."""

    model_config = ConfigDict(extra="forbid")

    reference: str
    from_account: str
    to_account: str
    to_name: str
    to_bank_id: str
    amount_fen: int = Field(ge=1, le=FEN_MAX)
    remark: str = ""


@dataclass
class Temper:
    """How the bank behaves: faults of its statements, and one fault for each of its first transfers."""

    repeat_line_once: bool = False
    stray_line_fen: int | None = None
    transfer_faults: list[Fault] = field(default_factory=list)
    silence_seconds: float = 8.0
    pending_seconds: float = 2.0
    silent: bool = False
    """The transfer desk answers nothing at all, neither to orders nor to questions."""

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Read the bank's part of the configuration."""
        names = (
            "repeat_line_once",
            "stray_line_fen",
            "transfer_faults",
            "silence_seconds",
            "pending_seconds",
            "silent",
        )
        return cls(**{name: config[name] for name in names if name in config})


class Custodian:
    """The bank as one part of the simulated world."""

    def __init__(self, config: Mapping[str, Any], world: World) -> None:
        """Open its books; it answers nobody yet."""
        self.name = "custodian"
        self.bank_id = str(config["bank_id"])
        self.temper = Temper.from_config(config)
        self._world = world
        self.books = Books(world.folder / f"{self.bank_id}.sqlite", self.bank_id)
        self._server = HttpServer(self._app(), int(config.get("port", 0)))
        self._client = httpx.AsyncClient(timeout=10.0)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where it answers."""
        return self._server.url

    async def start(self) -> None:
        """Answer, and begin to send statements."""
        await self._server.start()
        self._spawn(self._send_statements())
        for transfer in self.books.transfers():
            if transfer["state"] == "PENDING":
                self._spawn(self._finish_later(transfer["reference"]))

    async def stop(self) -> None:
        """End; the books stay."""
        await self._server.stop()
        for task in list(self._tasks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._client.aclose()
        self.books.close()

    def receive(self, arrival: Arrival) -> dict[str, Any]:
        """Take money for an account; with the first comes the stray line, if the configuration wants one."""
        line = self.books.receive(arrival, instant_text(self._world.clock.now()))
        if self.temper.stray_line_fen and self.books.once("stray"):
            stray = Arrival(
                from_bank=self.bank_id,
                payment_reference=None,
                account_number=arrival.account_number[:-SERIAL_DIGITS] + "0" * SERIAL_DIGITS,
                amount_fen=self.temper.stray_line_fen,
                payer_name="王不详",
                remark="还款",
            )
            self.books.receive(stray, instant_text(self._world.clock.now()))
        return line

    async def transfer(self, order: Order) -> tuple[int, dict[str, Any]]:
        """Carry out an order, or the fault that is its turn; a repeated reference is answered as the first time."""
        known = self.books.find_transfer(order.reference)
        fault = self._next_fault() if known is None else "NONE"
        if fault == "TIMEOUT_BEFORE_ACTING":
            await asyncio.sleep(self.temper.silence_seconds)
            return 504, {"error": "timeout"}
        state = {"REFUSE": "REFUSED", "PENDING": "PENDING"}.get(fault, "DONE")
        booked = self.books.transfer(order, state, "Refused by the bank's own check." if fault == "REFUSE" else "")
        if booked["state"] == "PENDING" and known is None:
            self._spawn(self._finish_later(order.reference))
        if fault == "TIMEOUT_AFTER_ACTING":
            await asyncio.sleep(self.temper.silence_seconds)
            return 504, {"error": "timeout"}
        return 200, _shown(booked)

    def _next_fault(self) -> Fault:
        return self.temper.transfer_faults.pop(0) if self.temper.transfer_faults else "NONE"

    async def _finish_later(self, reference: str) -> None:
        await asyncio.sleep(self.temper.pending_seconds)
        self.books.finish(reference)

    async def _send_statements(self) -> None:
        while True:
            try:
                lines = self.books.unsent()
                if lines:
                    await self._send(lines, "first")
                    if self.temper.repeat_line_once and self.books.once("repeat"):
                        await self._send(lines[:1], "again")
            except (httpx.HTTPError, ValueError):
                # The court is down or does not understand: the lines are sent again, under the same key.
                await asyncio.sleep(RETRY_SECONDS)
            await asyncio.sleep(POLL_SECONDS)

    async def _send(self, lines: list[dict[str, Any]], occasion: str) -> None:
        body = b"\n".join(orjson.dumps(self._line(line)) for line in lines)
        key = f"{self.bank_id}-{occasion}-{lines[0]['reference']}-{len(lines)}"
        token = self._world.issuer.token(
            subject=f"{self.bank_id}-statements",
            organisation=self.bank_id,
            roles=["custodian_bank"],
            scopes=["payments.bank_statements.write"],
            courts=["*"],
        )
        response = await self._client.post(
            self._world.services["payments"] + "/v1/bank-statements",
            content=body,
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/x-ndjson",
                "Idempotency-Key": key,
            },
        )
        response.raise_for_status()
        for line in response.text.splitlines():
            result = orjson.loads(line)
            if result.get("reference"):
                self.books.sent(result["reference"], result["status"])

    def _line(self, line: dict[str, Any]) -> dict[str, Any]:
        sent = {
            name: line[name]
            for name in (
                "reference",
                "account_number",
                "amount_fen",
                "value_at",
                "payer_name",
                "payment_reference",
                "remark",
            )
        }
        return {"bank_id": self.bank_id, **{name: value for name, value in sent.items() if value is not None}}

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _app(self) -> FastAPI:
        app = FastAPI(title="Custodian bank (simulator)", docs_url=None, redoc_url=None)

        @app.get("/livez")
        async def livez() -> dict[str, str]:
            return {"status": "alive"}

        @app.post("/incoming")
        async def incoming(body: ArrivalBody) -> dict[str, Any]:
            line = self.receive(Arrival(**body.model_dump()))
            return {"reference": line["reference"], "value_at": line["value_at"], "amount_fen": line["amount_fen"]}

        @app.post("/transfers")
        async def transfers(body: OrderBody) -> Response:
            if self.temper.silent:
                return JSONResponse({"error": "closed"}, status_code=503)
            status, answer = await self.transfer(Order(**body.model_dump()))
            return JSONResponse(answer, status_code=status)

        @app.get("/transfers/{reference:path}")
        async def one_transfer(reference: str) -> Response:
            if self.temper.silent:
                return JSONResponse({"error": "closed"}, status_code=503)
            found = self.books.find_transfer(reference)
            if found is None:
                return JSONResponse({"error": "never received"}, status_code=404)
            return JSONResponse(_shown(found))

        @app.get("/accounts")
        async def accounts() -> dict[str, Any]:
            return {"items": self.books.accounts()}

        @app.get("/books")
        async def books() -> dict[str, Any]:
            return {
                "bank_id": self.bank_id,
                "incoming": self.books.incoming(),
                "transfers": self.books.transfers(),
                "accounts": self.books.accounts(),
            }

        return app


def parts(config: Mapping[str, Any], world: World) -> list[Part]:
    """Return the bank, if the configuration names one."""
    own = config.get("custodian")
    return [Custodian(own, world)] if own else []


def _shown(transfer: dict[str, Any]) -> dict[str, Any]:
    return {name: transfer[name] for name in ("reference", "bank_reference", "state", "reason", "amount_fen")}
