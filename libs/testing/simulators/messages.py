"""The two gateways that carry the bureau's words: the 12368 SMS gateway, and the robot of the bureau's work group.

Both take a message once per reference and keep it on disk, so that a repeated call and a restart send nothing twice.
Their faults come from the configuration, one for each of the first messages: `TIMEOUT_AFTER_ACTING` keeps the message
and stays silent, `TIMEOUT_BEFORE_ACTING` stays silent and keeps nothing, `REFUSE` says no, `FAIL` answers 500.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from libs.foundation.clock import Clock, instant_text
from libs.testing.simulators.serving import HttpServer
from libs.testing.simulators.world import Part, World

Fault = Literal["NONE", "TIMEOUT_AFTER_ACTING", "TIMEOUT_BEFORE_ACTING", "REFUSE", "FAIL"]

SMS_CHARS_MAX = 500
"""What one long SMS of a real gateway holds."""

_TABLE = """
CREATE TABLE IF NOT EXISTS messages (
    number INTEGER PRIMARY KEY AUTOINCREMENT, reference TEXT NOT NULL UNIQUE, message_id TEXT NOT NULL,
    receiver TEXT NOT NULL, text TEXT NOT NULL, taken_at TEXT NOT NULL, calls INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS refused (reference TEXT PRIMARY KEY);
"""


class SmsBody(BaseModel):
    """A short message to a telephone."""

    model_config = ConfigDict(extra="forbid")

    reference: str = Field(min_length=1, max_length=200)
    phone: str = Field(pattern=r"^1\d{10}$")
    text: str = Field(min_length=1, max_length=SMS_CHARS_MAX)


class RobotBody(BaseModel):
    """A message to the work group, naming whom it is for."""

    model_config = ConfigDict(extra="forbid")

    reference: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=2000)
    mention: list[str] = []


class Outbox:
    """What a gateway took, by reference, each once."""

    def __init__(self, path: Path, prefix: str) -> None:
        """Open the book, or begin it; `prefix` begins the gateway's own message ids."""
        self._prefix = prefix
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript("PRAGMA journal_mode=WAL;" + _TABLE)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def take(self, reference: str, receiver: str, text: str, at: str) -> dict[str, Any]:
        """Keep a message and return it; a reference that is known keeps its first message."""
        known = self.find(reference)
        if known is not None:
            self._db.execute("UPDATE messages SET calls = calls + 1 WHERE reference = ?", (reference,))
            return known
        count = self._db.execute("SELECT count(*) FROM messages").fetchone()[0]
        message_id = f"{self._prefix}{count + 1:08d}"
        self._db.execute(
            "INSERT INTO messages (reference, message_id, receiver, text, taken_at) VALUES (?, ?, ?, ?, ?)",
            (reference, message_id, receiver, text, at),
        )
        return {"reference": reference, "message_id": message_id}

    def find(self, reference: str) -> dict[str, Any] | None:
        """Return `{reference, message_id}`, or None if the reference was never taken."""
        row = self._db.execute(
            "SELECT reference, message_id FROM messages WHERE reference = ?", (reference,)
        ).fetchone()
        return dict(row) if row else None

    def refuse(self, reference: str) -> None:
        """Remember that this reference is refused, so that a repeat is refused again."""
        self._db.execute("INSERT OR IGNORE INTO refused VALUES (?)", (reference,))

    def is_refused(self, reference: str) -> bool:
        """Return whether this reference was refused before."""
        return self._db.execute("SELECT 1 FROM refused WHERE reference = ?", (reference,)).fetchone() is not None

    def everything(self) -> list[dict[str, Any]]:
        """Return all messages in the order in which they were taken, with how often each was handed in."""
        return [dict(row) for row in self._db.execute("SELECT * FROM messages ORDER BY number")]


class Gateway:
    """One of the two gateways as a part of the simulated world."""

    def __init__(self, name: str, config: Mapping[str, Any], folder: Path, clock: Clock) -> None:
        """`config`: `port`, `faults` (a list for the first messages), `silence_seconds` of a time-out."""
        self.name = name
        self._clock = clock
        self._faults: list[Fault] = list(config.get("faults", ()))
        self._silence_seconds = float(config.get("silence_seconds", 8.0))
        self.outbox = Outbox(folder / f"{name}.sqlite", "12368-" if name == "sms" else "robot-")
        self._server = HttpServer(self._app(), int(config.get("port", 0)))

    @property
    def url(self) -> str:
        """Where it answers."""
        return self._server.url

    async def start(self) -> None:
        """Answer."""
        await self._server.start()

    async def stop(self) -> None:
        """End; what was taken stays on disk."""
        await self._server.stop()
        self.outbox.close()

    async def deliver(self, reference: str, receiver: str, text: str) -> Response:
        """Take one message, or act out the fault whose turn it is."""
        if self.outbox.is_refused(reference):
            return _refusal(reference)
        fault = self._faults.pop(0) if self._faults and self.outbox.find(reference) is None else "NONE"
        if fault == "REFUSE":
            self.outbox.refuse(reference)
            return _refusal(reference)
        if fault == "FAIL":
            return JSONResponse({"error": "system failure"}, status_code=500)
        if fault == "TIMEOUT_BEFORE_ACTING":
            await asyncio.sleep(self._silence_seconds)
            return JSONResponse({"error": "too late"}, status_code=504)
        taken = self.outbox.take(reference, receiver, text, instant_text(self._clock.now()))
        if fault == "TIMEOUT_AFTER_ACTING":
            await asyncio.sleep(self._silence_seconds)
        return JSONResponse(taken)

    def _app(self) -> FastAPI:
        app = FastAPI(title=f"{self.name} gateway (simulator)", openapi_url=None)
        if self.name == "sms":

            @app.post("/messages")
            async def send_sms(body: SmsBody) -> Response:
                return await self.deliver(body.reference, body.phone, body.text)

        else:

            @app.post("/messages")
            async def post_to_group(body: RobotBody) -> Response:
                return await self.deliver(body.reference, " ".join(body.mention), body.text)

        @app.get("/messages")
        async def all_messages() -> dict[str, Any]:
            return {"items": self.outbox.everything()}

        @app.get("/messages/{reference:path}")
        async def one_message(reference: str) -> Response:
            found = self.outbox.find(reference)
            if found is None:
                return JSONResponse({"error": "never taken"}, status_code=404)
            return JSONResponse(found)

        return app


def parts(config: Mapping[str, Any], world: World) -> list[Part]:
    """Return the gateways that the configuration names."""
    return [Gateway(name, config[name], world.folder, world.clock) for name in ("sms", "robot") if name in config]


def _refusal(reference: str) -> JSONResponse:
    return JSONResponse({"reference": reference, "error": "number refused by the network"}, status_code=422)
