"""The subscribers' counters, where people buy: a ticket, a loan, a flat. Each asks its own copy of the list."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from devstack.demo.people import StoryStopped, accepted

PATIENCE_SECONDS = 60.0
"""How long a subscriber may take to have what the court has, in real seconds."""

Somebody = tuple[str, str, str]
"""Name, kind of identity document, its number."""


@dataclass(frozen=True)
class Counters:
    """The doors of all subscribers and of the custodian bank, by name."""

    doors: dict[str, str]
    client: httpx.AsyncClient

    async def state(self, agency: str) -> dict[str, Any]:
        """Return what a subscriber says of its copy."""
        return await self._said(agency, "GET", "/state")

    async def ask(self, agency: str, person: Somebody, measure_code: str) -> dict[str, Any]:
        """Ask a counter about somebody, without buying anything."""
        name, id_type, number = person
        body = {"document_type": id_type, "number": number, "name": name, "measure_code": measure_code}
        return await self._said(agency, "POST", "/checks", body)

    async def buy(self, agency: str, person: Somebody, measure_code: str, reference: str) -> dict[str, Any]:
        """Ask for something at a counter; a refusal is reported to the court by the subscriber itself."""
        name, id_type, number = person
        body = {"document_type": id_type, "number": number, "name": name, "measure_code": measure_code}
        body["reference"] = reference
        return await self._said(agency, "POST", "/sales", body)

    async def expect(
        self, outcome: str, agency: str, person: Somebody, measure_code: str, reference: str
    ) -> dict[str, Any]:
        """Ask, and stop the story unless the outcome is this one."""
        sale = await self.buy(agency, person, measure_code, reference)
        if sale["outcome"] != outcome:
            msg = f"{agency} should have said {outcome} to {person[0]} ({measure_code}): {sale}"
            raise StoryStopped(msg)
        return sale

    async def transfer(self, bank: str, body: dict[str, Any]) -> None:
        """Hand money in at a bank; the same payment reference twice is one payment there."""
        await self._said(bank, "POST", "/incoming", body)

    async def sleep(self, agency: str) -> None:
        """Let a subscriber end its work; its copy stays as it is."""
        await self._said(agency, "POST", "/sleep")

    async def wake(self, agency: str) -> None:
        """Let a subscriber take up its work where it ended."""
        await self._said(agency, "POST", "/wake")

    async def when(self, agency: str, what: str, reached: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until a subscriber's copy is as wanted, and return its state."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        state: dict[str, Any] = {}
        while asyncio.get_running_loop().time() < deadline:
            state = await self.state(agency)
            if reached(state):
                return state
            await asyncio.sleep(0.1)
        msg = f"{agency} did not come to {what} in {PATIENCE_SECONDS:.0f} s; it says {str(state)[:600]}"
        raise StoryStopped(msg)

    async def _said(self, agency: str, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Go to a counter until it is open; the same matter asked twice is one matter there."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            try:
                answer = await self.client.request(method, self.doors[agency] + path, json=body)
                return accepted(answer, f"{agency}: {path}")
            except httpx.TransportError as error:
                if asyncio.get_running_loop().time() > deadline:
                    msg = f"{agency} did not answer for {PATIENCE_SECONDS:.0f} s: {error!r}"
                    raise StoryStopped(msg) from error
            await asyncio.sleep(0.2)
