"""The ground a story stands on: keys, tokens, a sandbox clock, six services and the simulated partners."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from devstack.demo.roles import AGENCY, scopes_of
from devstack.devkeys import SERVICES, KeyFolder
from devstack.processes import Processes, Progress
from libs.foundation.clock import ClockPoint, ScheduleFile, write_schedule
from libs.web import DevIssuer

SIMULATORS = "simulators"
CALLED_BY_PARTNERS = ("asset_inquiry", "payments", "credit_blacklist")
JUMP_AHEAD = timedelta(seconds=0.2)
"""A point of the schedule lies this far ahead in real time, so that every process passes it at the same moment."""


class Addresses(Protocol):
    """Where the broker and the database answer; a `Stack` says it."""

    @property
    def kafka_bootstrap(self) -> str:
        """The broker."""

    @property
    def mongo_uri(self) -> str:
        """The database."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Where and when a story begins: its court, its business time, how fast its clock runs."""

    court: str
    begins_at: datetime
    rate: int


class Ground:
    """Everything that runs in one folder; `start` brings it up, leaving the `Processes` context ends it."""

    def __init__(self, stack: Addresses, processes: Processes, folder: Path, opening: Opening) -> None:
        """Make keys and the stopped clock; nothing is started yet."""
        self.stack = stack
        self.processes = processes
        self.folder = folder
        self.opening = opening
        self.keys = KeyFolder(folder / "keys")
        self.keys.make(at=opening.begins_at)
        self.schedule = folder / "clock.json"
        self._issuer = DevIssuer(self.keys.issuer_key)
        self._points = [ClockPoint(datetime.now(UTC), opening.begins_at, 0)]
        write_schedule(self.schedule, self._points)
        self.clock = ScheduleFile(self.schedule)

    def token(self, subject: str, name: str, roles: Iterable[str], *, organisation: str | None = None) -> str:
        """Return a person's token at the story's court, with the scopes that their roles carry."""
        granted = tuple(roles)
        return self._issuer.token(
            subject=subject,
            organisation=organisation or self.opening.court,
            roles=granted,
            scopes=scopes_of(granted),
            courts=[self.opening.court],
            name=name,
            ttl_seconds=4 * 3600,
        )

    def agency_token(self, agency_id: str) -> str:
        """Return an agency's own token: it reads the list and writes what it holds and does."""
        return self._issuer.token(
            subject=agency_id,
            organisation=agency_id,
            roles=["agency"],
            scopes=list(AGENCY),
            agency_id=agency_id,
            ttl_seconds=4 * 3600,
        )

    def page_token(self, subject: str, name: str) -> str:
        """Return a token that fits into an address: it reads the command centre's pages and nothing else."""
        return self._issuer.token(
            subject=subject,
            organisation=self.opening.court,
            roles=["team_leader"],
            scopes=["command_center.*.read"],
            courts=[self.opening.court],
            name=name,
        )

    def register_services(self, extra: dict[str, dict[str, str]]) -> None:
        """Name the six services with their settings; `extra` holds what only one of them needs."""
        for name in SERVICES:
            self.processes.service(name, self.settings(name) | extra.get(name, {}))

    def split_relay(self, name: str) -> None:
        """Give a registered service's relay a process of its own, `<name>-relay`."""
        service = self.processes[name]
        service.env = (service.env or {}) | {f"{name.upper()}_RELAY": "false"}
        settings = self.settings(name) | {"RELAY_SERVICE": name}
        self.processes.program(f"{name}-relay", "services.relay", settings, ready_path="/readyz")

    def settings(self, name: str) -> dict[str, str]:
        """Return what every process of a service is told."""
        return {
            "KAFKA_BOOTSTRAP": self.stack.kafka_bootstrap,
            "MONGO_URI": self.stack.mongo_uri,
            "JWKS": str(self.keys.jwks),
            "CLOCK_SCHEDULE": str(self.schedule),
        } | self.keys.settings(name)

    def register_simulators(self, config: dict[str, Any], folder: Path) -> None:
        """Name the partners' process; its configuration is one file."""
        path = folder / "simulators.json"
        full = config | {
            "folder": str(folder / "simulators"),
            "token_key": str(self.keys.issuer_key),
            "clock_schedule": str(self.schedule),
            "services": {one.name: one.url for one in self.processes if one.name in CALLED_BY_PARTNERS},
            "kafka_bootstrap": self.stack.kafka_bootstrap,
        }
        program = self.processes.program(SIMULATORS, "libs.testing.simulators")
        program.arguments = ["--config", str(path)]
        path.write_text(json.dumps(full, ensure_ascii=False, indent=1))

    def start(self, progress: Progress) -> None:
        """Start every process and wait until all are ready."""
        self.processes.start_all(progress)

    def run_clock(self) -> None:
        """From now on business time runs at the story's rate."""
        self._points.append(ClockPoint(datetime.now(UTC), self.opening.begins_at, self.opening.rate))
        write_schedule(self.schedule, self._points)

    async def jump_to(self, moment: datetime) -> None:
        """Let business time leap forward to `moment` and run on from there; return when it has.

        Raises `ValueError` for a moment that business time has passed: it never goes back.
        """
        real = datetime.now(UTC) + JUMP_AHEAD
        self._points.append(ClockPoint(real, moment, self.opening.rate))
        try:
            write_schedule(self.schedule, self._points)
        except ValueError:
            del self._points[-1]
            raise
        while self.clock.now() < moment:  # noqa: ASYNC110 -- a sandbox clock rings no bell
            await asyncio.sleep(0.02)

    def stop_clock(self) -> None:
        """From a moment ahead business time stands still: nothing becomes due while somebody looks."""
        last, real = self._points[-1], datetime.now(UTC) + JUMP_AHEAD
        self._points.append(ClockPoint(real, last.business + (real - last.real) * last.rate, 0))
        write_schedule(self.schedule, self._points)

    def urls(self) -> dict[str, str]:
        """Return the address of every service."""
        return {name: self.processes[name].url for name in SERVICES}
